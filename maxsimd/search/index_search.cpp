// What this room does with an Index: the same scan and rules as for documents in memory.
#include <algorithm>
#include <stdexcept>
#include <string>

#include "maxsimd/index/index.h"
#include "maxsimd/index/validation.h"
#include "maxsimd/search/block_scan.h"
#include "maxsimd/search/exact_search.h"

namespace maxsimd {

std::vector<std::vector<ScoredDocument>> search_exact(const Embeddings& queries, const Index& index,
                                                      const SearchOptions& options,
                                                      ThreadPool& pool) {
  check_search_options(options, index.num_slots());
  check_embeddings(queries, index.settings().dim, {"query"});
  Bitmap allowed = index.live();
  if (options.filter != nullptr) allowed.intersect(options.filter->bitmap());
  const std::string source = index.folder().string();
  const BlockScan scan{
      .blocks = index.blocks(), .allowed = &allowed, .kernels = index.kernels(), .source = source};
  return scan_blocks(scan, queries, std::min(options.k, allowed.count()), pool);
}

}  // namespace maxsimd
