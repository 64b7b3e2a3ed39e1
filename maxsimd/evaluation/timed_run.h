// A run made by exact search, one query at a time, with the time each took.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "maxsimd/base/thread_pool.h"
#include "maxsimd/base/types.h"
#include "maxsimd/data/run.h"
#include "maxsimd/index/coded_embeddings.h"

namespace maxsimd {

struct TimedRun {
  Run run;
  std::vector<double> search_ms;  // [queries] in their order, without the query's encoding
};

struct TimedRunOptions {
  size_t k = 100;                     // hits a query
  bool ignore_identical_ids = false;  // drop a hit whose id is the query's; k of the others remain
  std::function<void(size_t done, size_t total)> progress;
};

/// Searches each query alone, as a user would wait for it, with all threads of the pool.
/// query_ids and document_ids name the items of queries and documents. Throws
/// std::invalid_argument: ids that are not one an item, k = 0, another dim.
TimedRun search_timed(const Embeddings& queries, std::span<const std::string> query_ids,
                      const CodedEmbeddings& documents, std::span<const std::string> document_ids,
                      const TimedRunOptions& options, ThreadPool& pool);

/// The value below which a share (0 .. 1) of the values lies; nearest rank. 0 for no values.
double quantile(std::vector<double> values, double share);

}  // namespace maxsimd
