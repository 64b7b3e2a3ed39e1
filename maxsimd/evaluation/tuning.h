// Search parameters for an index, found by measuring on the user's own queries: the cheapest that
// keep a recall of exact search.
//
// Exact MaxSim over the same stored vectors says what is to be found. Two knobs are turned: for
// plaid n_ivf_probe and n_full_scores, for hnsw k_token and ef_search. For every value of the
// first, in steps of two, the smallest value of the second that keeps the recall is bisected, and
// timed, until more of the first cannot be cheaper. Half of the queries choose; the other half only
// judges the choice.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "maxsimd/base/thread_pool.h"
#include "maxsimd/base/types.h"
#include "maxsimd/search/retriever.h"

namespace maxsimd {

struct TuningOptions {
  size_t k = 10;         // hits whose recall is measured
  double recall = 0.99;  // to keep, above 0, at most 1
  /// Settings measured so far and an upper bound of all.
  std::function<void(size_t done, size_t most)> progress;
};

/// What one setting gave on the queries that choose.
struct TuningPoint {
  PlaidParameters plaid;  // where the index is of this kind, or
  HnswParameters hnsw;
  double recall = 0;  // share of exact search's first k that were found
  double p50_ms = 0;  // a query alone, with all threads of the pool
  double p95_ms = 0;
};

struct TuningReport {
  double exact_p50_ms = 0;         // exact search, for comparison
  std::vector<TuningPoint> curve;  // all settings measured, in the order of their p50
  TuningPoint chosen;              // the cheapest that keeps the recall, else the best recall
  bool keeps_recall = false;       // whether `chosen` does on the queries that choose
  double judged_recall = 0;        // of `chosen` on the other queries
  size_t choosing_queries = 0, judging_queries = 0;
};

/// Measures. Takes minutes for large indexes: each of some 30 settings is tried on every query.
/// Throws std::invalid_argument: an index of kind exact, fewer than 2 queries, none with an answer
/// in either half (an empty index, queries without rows), another dim, k = 0, a recall outside (0,
/// 1]; and as Retriever::search(). One thread at a time.
TuningReport tune(const Retriever& retriever, const Embeddings& queries,
                  const TuningOptions& options, ThreadPool& pool);

}  // namespace maxsimd
