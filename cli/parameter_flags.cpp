#include "cli/parameter_flags.h"

#include <cstdio>
#include <stdexcept>
#include <string>

#include "maxsimd/index/tuned_search.h"

namespace maxsimd::cli {
namespace {

void check_kind(bool are_given, IndexKind expected, IndexKind kind, const char* flags) {
  if (!are_given || kind == expected) return;
  throw std::invalid_argument(std::string(flags) + " are for kind " +
                              std::string(index_kind_name(expected)) + ", the index is of kind " +
                              std::string(index_kind_name(kind)));
}

}  // namespace

void ParameterFlags::apply(IndexKind kind, SearchOptions& options) const {
  check_kind(n_ivf_probe || n_full_scores || centroid_score_threshold, IndexKind::plaid, kind,
             "--n-ivf-probe, --n-full-scores and --centroid-score-threshold");
  check_kind(k_token || ef_search, IndexKind::hnsw, kind, "--k-token and --ef-search");
  PlaidParameters& plaid = options.plaid;
  plaid.n_ivf_probe = n_ivf_probe.value_or(plaid.n_ivf_probe);
  plaid.n_full_scores = n_full_scores.value_or(plaid.n_full_scores);
  if (centroid_score_threshold) plaid.centroid_score_threshold = centroid_score_threshold;
  options.hnsw.k_token = k_token.value_or(options.hnsw.k_token);
  options.hnsw.ef_search = ef_search.value_or(options.hnsw.ef_search);
  options.exact = exact;
}

void use_tuned_search(const std::filesystem::path& folder, const Index& index,
                      SearchOptions& options) {
  const auto tuned = read_tuned_search(folder);
  if (!tuned) return;
  if (!apply_tuned_search(*tuned, index.size(), options)) {
    std::fprintf(stderr,
                 "note: %s was tuned when it had %zu documents and has %zu; the defaults are used, "
                 "until 'maxsimd tune' is run again\n",
                 folder.c_str(), tuned->documents, index.size());
    return;
  }
  if (options.k > tuned->k) {
    std::fprintf(stderr,
                 "note: %s was tuned for the first %zu hits of a query, asked are %zu; 'maxsimd "
                 "tune --k %zu' measures those\n",
                 folder.c_str(), tuned->k, options.k, options.k);
  }
}

void add_parameter_flags(CLI::App& verb, ParameterFlags& flags, bool may_be_tuned) {
  auto* exact =
      verb.add_flag("--exact", flags.exact, "score every document, whatever the index's kind");
  const auto add = [&](const char* name, std::optional<size_t>& value, const char* what,
                       const char* kind, size_t standard) {
    const std::string text = std::string(what) + " (kind " + kind +
                             "; default: " + (may_be_tuned ? "as tuned, or " : "") +
                             std::to_string(standard) + ")";
    auto* option = verb.add_option(name, value, text);
    exact->excludes(option->check(CLI::Range(size_t{1}, size_t{1} << 40)));
  };
  const SearchOptions defaults;
  add("--n-ivf-probe", flags.n_ivf_probe, "centroids to look near for each token of the query",
      "plaid", defaults.plaid.n_ivf_probe);
  add("--n-full-scores", flags.n_full_scores, "documents to score in full, at least --k", "plaid",
      defaults.plaid.n_full_scores);
  auto* threshold = verb.add_option("--centroid-score-threshold", flags.centroid_score_threshold,
                                    "pass over centroids that score less with every token of the "
                                    "query (kind plaid; default: none)");
  exact->excludes(threshold->check(CLI::Number));
  add("--k-token", flags.k_token, "token vectors to look for near each token of the query", "hnsw",
      defaults.hnsw.k_token);
  add("--ef-search", flags.ef_search, "token vectors to keep meanwhile, at least --k-token", "hnsw",
      defaults.hnsw.ef_search);
}

}  // namespace maxsimd::cli
