// What `maxsimd bench` measures of one model in one precision.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "maxsimd/colbert/colbert.h"

namespace maxsimd::cli {

struct BenchTexts {
  std::vector<std::string> documents;  // in an order that has long and short ones everywhere
  std::vector<std::string> queries;
};

struct BenchPlan {
  std::filesystem::path model;
  ColbertOptions options;  // num_threads is not 0
  double seconds = 1;      // for each measurement, about
};

/// Figures by the names that `bench --json` gives them. Those of one thread end in kOneThread.
using Figures = std::map<std::string, double>;
inline constexpr const char* kOneThread = "_1_thread";

/// How often `on_measured` will be called.
size_t num_measurements(size_t num_threads);

/// Loads the model and measures:
///   document_tokens                  tokens of a document, mean of those encoded
///   documents_tokens_per_second      through an EncodingStream, as `encode` and `index` do
///   peak_gops                        10^9 operations a second of the peak loop, all threads
///   peak_share                       operations of the layers' big products that the tokens need
///                                    (attention and all else left out) over those of the peak
///   queries_per_second               all queries in one call
///   query_ms_p50, query_ms_p95       one query a call
///   load_seconds                     of the model
///   peak_memory_bytes                resident at most in this process, with all threads
/// With more than one thread, then all but the last two and queries_per_second again with one.
/// Without a peak loop (kernels/peak.h) there are no figures of it. REQUIRES: texts of both kinds.
/// Throws as ColBERT::load() and encode().
Figures measure(const BenchPlan& plan, const BenchTexts& texts,
                const std::function<void()>& on_measured);

}  // namespace maxsimd::cli
