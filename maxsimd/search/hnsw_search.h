// Search by graphs (PyLate's retrieve.ColBERT over its Voyager index): the token vectors nearest to
// each query row, found by the graphs of an index's segments; the documents they are of; and of
// these the best by exact MaxSim of the stored vectors.
//
// All live documents of segments without a graph are candidates. The ranking is that of exact
// search over the candidates: for k up to their number the answer is the beginning of the answer
// for any larger such k. Where they are fewer than k the graphs are searched for more vectors, and
// at last all documents are candidates: there are always min(k, allowed documents) hits, and a
// document that fewer vectors had left out may turn up anywhere.
#pragma once

#include <cstddef>
#include <vector>

#include "maxsimd/base/thread_pool.h"
#include "maxsimd/base/types.h"
#include "maxsimd/search/exact_search.h"

namespace maxsimd {

/// The best documents of each query, best first; one list a query, in the queries' order. A query
/// without rows has no hits; a document without rows scores -infinity and comes last. The answer
/// does not depend on the number of threads or on the other queries of the call. For any index of
/// codec int8; without graphs it is search_exact(). Throws std::invalid_argument as search_exact()
/// does, and for another codec; FormatError (damage.h).
std::vector<std::vector<ScoredDocument>> search_hnsw(const Embeddings& queries, const Index& index,
                                                     const SearchOptions& options,
                                                     ThreadPool& pool);

class HnswCorpus;

/// The same over a corpus of the documents that the options allow, made once for many calls: making
/// one looks at every vector of the index.
std::vector<std::vector<ScoredDocument>> search_hnsw(const Embeddings& queries,
                                                     const HnswCorpus& corpus,
                                                     const SearchOptions& options,
                                                     ThreadPool& pool);

}  // namespace maxsimd
