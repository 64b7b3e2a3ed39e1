#include "maxsimd/search/search_options.h"

#include <cmath>
#include <stdexcept>
#include <string>

namespace maxsimd {

bool apply_tuned_search(const TunedSearch& tuned, size_t num_documents, SearchOptions& options) {
  if (!tuned.suits(num_documents)) return false;
  if (tuned.k_token != 0) {
    options.hnsw = {.k_token = tuned.k_token, .ef_search = tuned.ef_search};
  } else {
    options.plaid.n_ivf_probe = tuned.n_ivf_probe;
    options.plaid.n_full_scores = tuned.n_full_scores;
  }
  return true;
}

void check_search_options(const SearchOptions& options, size_t num_slots) {
  if (options.k == 0) throw std::invalid_argument("search: k must be at least 1, got 0");
  if (options.filter != nullptr && options.filter->num_slots() != num_slots) {
    throw std::invalid_argument("search: expected a filter over " + std::to_string(num_slots) +
                                " documents, got one over " +
                                std::to_string(options.filter->num_slots()));
  }
  if (options.plaid.n_ivf_probe == 0) {
    throw std::invalid_argument("search: n_ivf_probe must be at least 1, got 0");
  }
  if (options.hnsw.k_token == 0 || options.hnsw.ef_search == 0) {
    throw std::invalid_argument("search: k_token and ef_search must be at least 1, got " +
                                std::to_string(options.hnsw.k_token) + " and " +
                                std::to_string(options.hnsw.ef_search));
  }
  const auto& threshold = options.plaid.centroid_score_threshold;
  if (threshold && std::isnan(*threshold)) {
    throw std::invalid_argument("search: centroid_score_threshold is not a number");
  }
}

}  // namespace maxsimd
