// What a search is asked, besides its queries.
#pragma once

#include <cstddef>
#include <optional>

#include "maxsimd/index/filter.h"

namespace maxsimd {

/// How much of an index of kind plaid a query looks at. The names are PyLate's, the defaults our
/// own.
struct PlaidParameters {
  /// Centroids nearest to each query row whose documents are candidates, at least 1. More find more
  /// and cost in proportion to the documents they bring.
  size_t n_ivf_probe = 8;
  /// Candidates, the best by their centroids alone, that are scored from their residuals; at least
  /// k are. Each costs a few microseconds.
  size_t n_full_scores = 1024;
  /// Probed centroids whose best score with any query row is lower are passed over.
  std::optional<float> centroid_score_threshold;

  bool operator==(const PlaidParameters&) const = default;
};

struct SearchOptions {
  /// Hits a query, at least 1; all live documents when there are fewer. Large values cost memory:
  /// 16 bytes a hit, query and thread.
  size_t k = 10;
  /// The documents that may be returned, for all queries of the call; null allows all. Must outlive
  /// the call. Documents left out cost nothing. For an Index, one of its own filters (filter_ids,
  /// filter_where of the same snapshot).
  const Filter* filter = nullptr;
  /// Scores every document, whatever the kind of the index: to compare with.
  bool exact = false;
  /// Of an index of kind plaid; others pass over it.
  PlaidParameters plaid = {};
};

/// Throws std::invalid_argument: k = 0, a filter over another number of documents, no probes, a
/// threshold that is not a number.
void check_search_options(const SearchOptions& options, size_t num_slots);

}  // namespace maxsimd
