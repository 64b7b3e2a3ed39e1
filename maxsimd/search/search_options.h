// What a search is asked, besides its queries.
#pragma once

#include <cstddef>
#include <optional>

#include "maxsimd/index/filter.h"
#include "maxsimd/index/tuned_search.h"

namespace maxsimd {

/// How much of an index of kind plaid a query looks at. The names are PyLate's, the defaults
/// measured (docs/decisions/016-defaults-of-plaid-search.md).
struct PlaidParameters {
  /// Centroids nearest to each query row whose documents are candidates, at least 1. More find more
  /// and cost in proportion to the documents they bring.
  size_t n_ivf_probe = 8;
  /// Documents scored from the residuals of all their vectors, at least k; six times as many, the
  /// best candidates by their centroids alone, are scored from some of their vectors before. Each
  /// costs a few microseconds. Answers to different k agree, as far as they go, up to this k.
  size_t n_full_scores = 192;
  /// Probed centroids whose best score with any query row is lower are passed over.
  std::optional<float> centroid_score_threshold;

  bool operator==(const PlaidParameters&) const = default;
};

/// How much of the graphs is looked at. The names and meanings are PyLate's.
struct HnswParameters {
  /// Token vectors nearest to each query row, among those of all graphs, whose documents are
  /// candidates; at least 1. More: better recall, more documents to score.
  size_t k_token = 100;
  /// How many of the best are kept while a graph is searched, at least k_token (fewer count as
  /// k_token). More: better recall; time in proportion.
  size_t ef_search = 200;

  bool operator==(const HnswParameters&) const = default;
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
  /// Of an index of kind hnsw; others pass over it.
  HnswParameters hnsw = {};
};

/// Puts parameters that were measured for an index into the options. False, and nothing done, where
/// they do not suit (TunedSearch::suits()) the `num_documents` that it has now.
bool apply_tuned_search(const TunedSearch& tuned, size_t num_documents, SearchOptions& options);

/// Throws std::invalid_argument: k = 0, a filter over another number of documents, no probes, a
/// threshold that is not a number, a k_token or ef_search of 0.
void check_search_options(const SearchOptions& options, size_t num_slots);

}  // namespace maxsimd
