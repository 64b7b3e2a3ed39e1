#include "maxsimd/search/exact_search.h"

#include <algorithm>
#include <string>

#include "maxsimd/index/index.h"
#include "maxsimd/index/validation.h"
#include "maxsimd/search/block_scan.h"

namespace maxsimd {

std::vector<std::vector<ScoredDocument>> search_exact(const Embeddings& queries,
                                                      const CodedEmbeddings& documents,
                                                      const SearchOptions& options,
                                                      ThreadPool& pool) {
  check_search_options(options, documents.size());
  check_embeddings(queries, documents.dim(), {"query"});
  const Filter* filter = options.filter;
  const size_t allowed = filter != nullptr ? filter->count() : documents.size();
  const BlockScan scan{.blocks = documents.blocks(),
                       .allowed = filter != nullptr ? &filter->bitmap() : nullptr,
                       .kernels = documents.kernels(),
                       .source = "documents in memory"};
  return scan_blocks(scan, queries, std::min(options.k, allowed), pool);
}

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
