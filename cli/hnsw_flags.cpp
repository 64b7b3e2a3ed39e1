#include "cli/hnsw_flags.h"

#include <stdexcept>
#include <string>

namespace maxsimd::cli {

void HnswFlags::apply(IndexKind kind, SearchOptions& options) const {
  if ((k_token || ef_search) && kind != IndexKind::hnsw) {
    throw std::invalid_argument(
        "--k-token and --ef-search are for kind hnsw, the index is of kind " +
        std::string(index_kind_name(kind)));
  }
  options.hnsw.k_token = k_token.value_or(options.hnsw.k_token);
  options.hnsw.ef_search = ef_search.value_or(options.hnsw.ef_search);
}

void add_hnsw_flags(CLI::App& verb, HnswFlags& flags, bool may_be_tuned) {
  const std::string kind =
      may_be_tuned ? " (kind hnsw; default: as tuned, or " : " (kind hnsw; default: ";
  const HnswParameters defaults;
  auto* k_token = verb.add_option("--k-token", flags.k_token,
                                  "token vectors to look for near each token of the query" + kind +
                                      std::to_string(defaults.k_token) + ")");
  auto* ef_search = verb.add_option("--ef-search", flags.ef_search,
                                    "token vectors to keep meanwhile, at least --k-token" + kind +
                                        std::to_string(defaults.ef_search) + ")");
  for (CLI::Option* option : {k_token, ef_search}) {
    option->check(CLI::Range(size_t{1}, size_t{1} << 40))->excludes("--exact");
  }
}

}  // namespace maxsimd::cli
