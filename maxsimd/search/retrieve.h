// Search results under the ids the caller knows: what evaluation and the programs call.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "maxsimd/base/thread_pool.h"
#include "maxsimd/base/types.h"
#include "maxsimd/index/coded_embeddings.h"
#include "maxsimd/index/index.h"
#include "maxsimd/search/retriever.h"
#include "maxsimd/search/search_options.h"
#include "maxsimd/search/top_k.h"

namespace maxsimd {

/// search_exact(), each document named by document_ids[number]: one list of hits a query, best
/// first. Throws std::invalid_argument as search_exact() does, and when the ids are not one a
/// document.
std::vector<std::vector<Hit>> retrieve(const Embeddings& queries, const CodedEmbeddings& documents,
                                       std::span<const std::string> document_ids,
                                       const SearchOptions& options, ThreadPool& pool);

/// Retriever::retrieve() of an index, by its kind, for one call: a Retriever answers more of them
/// without preparing each time.
std::vector<std::vector<Hit>> retrieve(const Embeddings& queries, const Index& index,
                                       const SearchOptions& options, ThreadPool& pool);

/// For each row of query `query` the row of document `document` it matches best, on the vectors as
/// they are stored; the query is not rounded. See align().
std::vector<Alignment> align(MatrixView<const float> query, const CodedEmbeddings& documents,
                             DocId document);

/// The same for a live document of an index (Index::find() gives its number). Throws
/// std::invalid_argument for one that is not live there, FormatError (damaged file).
std::vector<Alignment> align(MatrixView<const float> query, const Index& index, DocId document);

}  // namespace maxsimd
