// How much of the graphs of an index of kind hnsw a search looks at, as flags.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <optional>

#include "maxsimd/index/index_settings.h"
#include "maxsimd/search/search_options.h"

namespace maxsimd::cli {

struct HnswFlags {
  std::optional<size_t> k_token, ef_search;

  /// Into the options; what is not given stays as it is there. Throws std::invalid_argument for
  /// parameters given and an index of another kind: they would do nothing.
  void apply(IndexKind kind, SearchOptions& options) const;
};

/// Adds --k-token and --ef-search, which exclude --exact. REQUIRES: that flag is there.
void add_hnsw_flags(CLI::App& verb, HnswFlags& flags, bool may_be_tuned);

}  // namespace maxsimd::cli
