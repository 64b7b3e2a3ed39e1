// Exact search: every query against every document, by MaxSim, nothing approximated but what the
// codec has rounded. The oracle of the approximate indexes, and the right choice up to about 20k
// documents.
//
// The answer does not depend on the number of threads, on the other queries of the call, or on how
// the documents were added: each score is computed by one fixed sequence of operations, and the
// ranking is a total order (score descending, ties to the document added first).
#pragma once

#include <cstddef>
#include <vector>

#include "maxsimd/base/thread_pool.h"
#include "maxsimd/base/types.h"
#include "maxsimd/index/coded_embeddings.h"
#include "maxsimd/search/search_options.h"
#include "maxsimd/search/top_k.h"

namespace maxsimd {

class Index;

/// The best documents of each query, best first; one list a query, in the queries' order. A query
/// without rows has no hits; a document without rows scores -infinity and comes last.
/// Throws std::invalid_argument: k = 0, queries of another dim, values that are not finite (the
/// query named), a filter over another number of documents.
std::vector<std::vector<ScoredDocument>> search_exact(const Embeddings& queries,
                                                      const CodedEmbeddings& documents,
                                                      const SearchOptions& options,
                                                      ThreadPool& pool);

/// The same over the live documents of an index; ties go to the lower sequence number. Throws also
/// FormatError when stored vectors give a score that is not a finite number: the file is damaged.
std::vector<std::vector<ScoredDocument>> search_exact(const Embeddings& queries, const Index& index,
                                                      const SearchOptions& options,
                                                      ThreadPool& pool);

}  // namespace maxsimd
