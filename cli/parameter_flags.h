// How much of an index a search looks at, as flags.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <filesystem>
#include <optional>

#include "maxsimd/index/index.h"
#include "maxsimd/search/search_options.h"

namespace maxsimd::cli {

struct ParameterFlags {
  std::optional<size_t> n_ivf_probe, n_full_scores;  // kind plaid
  std::optional<float> centroid_score_threshold;
  std::optional<size_t> k_token, ef_search;  // kind hnsw
  bool exact = false;

  /// Into the options; what is not given stays as it is there. Throws std::invalid_argument for
  /// parameters given and an index of another kind: they would do nothing.
  void apply(IndexKind kind, SearchOptions& options) const;
};

/// The parameters that `maxsimd tune` has kept in the index folder, if it has and they still suit
/// the index; notes on stderr where they do not, or were measured for fewer hits. Throws IoError,
/// FormatError.
void use_tuned_search(const std::filesystem::path& folder, const Index& index,
                      SearchOptions& options);

/// Adds --n-ivf-probe, --n-full-scores, --centroid-score-threshold, --k-token and --ef-search, and
/// --exact, which excludes them. may_be_tuned: the verb uses use_tuned_search().
void add_parameter_flags(CLI::App& verb, ParameterFlags& flags, bool may_be_tuned);

}  // namespace maxsimd::cli
