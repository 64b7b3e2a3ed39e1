#include "cli/plaid_flags.h"

#include <stdexcept>
#include <string>

#include "maxsimd/index/tuned_search.h"

namespace maxsimd::cli {

void PlaidFlags::apply(IndexKind kind, SearchOptions& options) const {
  const bool are_given = n_ivf_probe || n_full_scores || centroid_score_threshold;
  if (are_given && kind != IndexKind::plaid) {
    throw std::invalid_argument(
        "--n-ivf-probe, --n-full-scores and --centroid-score-threshold are for kind plaid, the "
        "index is of kind " +
        std::string(index_kind_name(kind)));
  }
  PlaidParameters& plaid = options.plaid;
  plaid.n_ivf_probe = n_ivf_probe.value_or(plaid.n_ivf_probe);
  plaid.n_full_scores = n_full_scores.value_or(plaid.n_full_scores);
  if (centroid_score_threshold) plaid.centroid_score_threshold = centroid_score_threshold;
  options.exact = exact;
}

void use_tuned_search(const std::filesystem::path& index, SearchOptions& options) {
  const auto tuned = read_tuned_search(index);
  if (!tuned) return;
  if (tuned->k_token != 0) {
    options.hnsw = {.k_token = tuned->k_token, .ef_search = tuned->ef_search};
  } else {
    options.plaid.n_ivf_probe = tuned->n_ivf_probe;
    options.plaid.n_full_scores = tuned->n_full_scores;
  }
}

void add_plaid_flags(CLI::App& verb, PlaidFlags& flags, bool may_be_tuned) {
  const auto text = [may_be_tuned](const char* what, size_t value) {
    return std::string(what)
               .append(may_be_tuned ? " (kind plaid; default: as tuned, or "
                                    : " (kind plaid; default: ")
               .append(std::to_string(value)) +
           ")";
  };
  const PlaidParameters defaults;
  auto* probe = verb.add_option(
      "--n-ivf-probe", flags.n_ivf_probe,
      text("centroids to look near for each token of the query", defaults.n_ivf_probe));
  auto* full =
      verb.add_option("--n-full-scores", flags.n_full_scores,
                      text("documents to score in full, at least --k", defaults.n_full_scores));
  for (CLI::Option* option : {probe, full}) option->check(CLI::Range(size_t{1}, size_t{1} << 40));
  auto* threshold = verb.add_option("--centroid-score-threshold", flags.centroid_score_threshold,
                                    "pass over centroids that score less with every token of the "
                                    "query (kind plaid; default: none)");
  threshold->check(CLI::Number);
  auto* exact =
      verb.add_flag("--exact", flags.exact, "score every document, whatever the index's kind");
  for (CLI::Option* option : {probe, full, threshold}) exact->excludes(option);
}

}  // namespace maxsimd::cli
