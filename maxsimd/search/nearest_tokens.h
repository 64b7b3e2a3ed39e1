// The stored token vectors nearest to each query vector: what PyLate's Voyager index itself
// answers, before documents are ranked.
#pragma once

#include <cstddef>
#include <vector>

#include "maxsimd/base/thread_pool.h"
#include "maxsimd/base/types.h"
#include "maxsimd/index/index.h"

namespace maxsimd {

/// A vector of a document, and its cosine with the query vector.
struct NearToken {
  DocId document = 0;
  float cosine = 0.0F;

  bool operator==(const NearToken&) const = default;
};

struct NearestTokensOptions {
  /// Vectors for each query vector, at least 1; all live ones when there are fewer.
  size_t k = 10;
  /// Of the search of graphs (HnswParameters).
  size_t ef_search = 200;
};

/// One list for each row of each query, in their order, best first (ties: the document added first,
/// then its row that comes first); a document is in it once for each of its vectors that is near.
/// Vectors in segments with a graph are found by it, all others are compared. Null vectors have a
/// cosine of 0. The answer does not depend on the number of threads. Throws std::invalid_argument
/// as search_hnsw() does.
std::vector<std::vector<NearToken>> nearest_tokens(const Embeddings& queries, const Index& index,
                                                   const NearestTokensOptions& options,
                                                   ThreadPool& pool);

}  // namespace maxsimd
