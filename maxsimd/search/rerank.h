// Ranks given candidates of each query by exact MaxSim; no index is needed.
//
// By default absent rows are absent, so a candidate's score does not depend on the others. PyLate's
// rank.rerank zero-pads the candidates of a query to the longest and scores without a mask; ask for
// Masking::pylate to get its numbers to the letter. The ranking does not depend on the number of
// threads or on the other queries. Ties keep the candidates' order.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "maxsimd/base/thread_pool.h"
#include "maxsimd/base/types.h"
#include "maxsimd/index/coded_embeddings.h"
#include "maxsimd/kernels/kernels.h"
#include "maxsimd/search/packed_query.h"
#include "maxsimd/search/top_k.h"

namespace maxsimd {

class Index;

struct RerankOptions {
  Masking masking = Masking::exact;
};

/// Candidates of query i: documents[i], known to the caller as documents_ids[i]. Returns all of
/// them, best first; ids are returned as given, repeated ones too. A query without candidates or
/// without rows has no hits; a candidate without rows scores -infinity and comes last (with
/// Masking::pylate 0, when another candidate has rows).
/// Throws std::invalid_argument: numbers of queries, id lists and candidate batches that differ,
/// another dim, values that are not finite (the item named).
std::vector<std::vector<Hit>> rerank(std::span<const std::vector<std::string>> documents_ids,
                                     const Embeddings& queries,
                                     std::span<const Embeddings> documents,
                                     const RerankOptions& options, ThreadPool& pool,
                                     kernels::Isa isa = kernels::best_isa());

/// The same for candidates that are stored already, by their ids. Throws std::invalid_argument also
/// for an id that no live document of the index has, FormatError (damaged file).
std::vector<std::vector<Hit>> rerank(std::span<const std::vector<std::string>> documents_ids,
                                     const Embeddings& queries, const Index& index,
                                     const RerankOptions& options, ThreadPool& pool);

/// The same for candidates in memory, by their numbers: query i against the documents numbered
/// candidates[i]. Throws std::invalid_argument also for a number that is not a document's.
std::vector<std::vector<ScoredDocument>> rerank(const Embeddings& queries,
                                                const CodedEmbeddings& documents,
                                                std::span<const std::vector<DocId>> candidates,
                                                const RerankOptions& options, ThreadPool& pool);

}  // namespace maxsimd
