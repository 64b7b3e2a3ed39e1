// A run made by one query at a time, with the time each took.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "maxsimd/base/types.h"
#include "maxsimd/data/run.h"

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

/// The k best hits of the one query that a batch holds (retrieve(), Retriever::retrieve()).
using RetrieveFn = std::function<std::vector<std::vector<Hit>>(const Embeddings& query, size_t k)>;

/// Searches each query alone, as a user would wait for it. query_ids name the items of queries.
/// Throws std::invalid_argument: ids that are not one an item, k = 0, and what `retrieve` throws.
TimedRun search_timed(const Embeddings& queries, std::span<const std::string> query_ids,
                      const RetrieveFn& retrieve, const TimedRunOptions& options);

/// The value below which a share (0 .. 1) of the values lies; nearest rank. 0 for no values.
double quantile(std::vector<double> values, double share);

}  // namespace maxsimd
