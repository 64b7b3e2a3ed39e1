#include "maxsimd/search/retriever.h"

#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "maxsimd/search/exact_search.h"
#include "maxsimd/search/hnsw_corpus.h"
#include "maxsimd/search/hnsw_search.h"
#include "maxsimd/search/named_hits.h"
#include "maxsimd/search/plaid_search.h"

namespace maxsimd {
namespace {

PlaidSegment segment_of(const IndexPart& part) {
  const DocumentBlock& documents = part.documents;
  return {.centroids = part.residuals.centroids,
          .residuals = part.residuals.codes,
          .row_offsets = documents.row_offsets,
          .documents = documents.documents,
          .first_slot = documents.first_slot,
          .lists = part.lists,
          .vectors = documents.rows};
}

}  // namespace

// Views the snapshot of the retriever that holds it, or of a copy; all hold the same.
struct Retriever::Plaid {
  std::string source;
  std::optional<PlaidCodebook> codebook;
  std::vector<PlaidSegment> segments;
  std::vector<DocumentBlock> whole;
  std::optional<PlaidSearch> search;

  explicit Plaid(const Index& index) : source(index.folder().string()) {
    if (index.num_slots() > std::numeric_limits<uint32_t>::max()) {
      throw std::invalid_argument(source + ": kind plaid searches up to 2^32 - 1 documents, got " +
                                  std::to_string(index.num_slots()));
    }
    for (const IndexPart& part : index.parts()) {
      if (part.codebook == nullptr) {
        append_blocks(part.documents, whole);
      } else {
        segments.push_back(segment_of(part));
      }
    }
    if (!segments.empty()) {
      const Codebook& trained = *index.codebook()->codebook;
      const bool is_coarse = index.settings().codec != Codec::residual;
      codebook.emplace(trained.tables(), trained.num_centroids(),
                       is_coarse ? &index.kernels() : nullptr);
    }
    search.emplace(PlaidCorpus{.codebook = codebook ? &*codebook : nullptr,
                               .segments = segments,
                               .whole = whole,
                               .num_slots = index.num_slots(),
                               .codec = index.settings().codec,
                               .kernels = &index.kernels(),
                               .source = source});
  }
};

// All live documents; searches with a filter make a corpus of their own.
struct Retriever::Hnsw {
  Index index;  // what the corpus views
  HnswCorpus corpus;

  explicit Hnsw(const Index& snapshot) : index(snapshot), corpus(index, index.live()) {}
};

Retriever::Retriever(Index index) : index_(std::move(index)) {
  if (index_.settings().kind == IndexKind::plaid) plaid_ = std::make_shared<const Plaid>(index_);
  if (index_.settings().kind == IndexKind::hnsw) hnsw_ = std::make_shared<const Hnsw>(index_);
}

Retriever Retriever::refresh() const {
  Index fresh = index_.refresh();
  const bool is_same_snapshot = &fresh.live() == &index_.live();
  return is_same_snapshot ? *this : Retriever(std::move(fresh));
}

std::vector<std::vector<ScoredDocument>> Retriever::search(const Embeddings& queries,
                                                           const SearchOptions& options,
                                                           ThreadPool& pool) const {
  if (options.exact || index_.settings().kind == IndexKind::exact) {
    return search_exact(queries, index_, options, pool);
  }
  if (hnsw_ != nullptr) {
    return options.filter == nullptr ? search_hnsw(queries, hnsw_->corpus, options, pool)
                                     : search_hnsw(queries, index_, options, pool);
  }
  return plaid_->search->search(queries, index_.settings().dim, index_.live(), options, pool);
}

std::vector<std::vector<Hit>> Retriever::retrieve(const Embeddings& queries,
                                                  const SearchOptions& options,
                                                  ThreadPool& pool) const {
  return named_hits(search(queries, options, pool),
                    [&](DocId document) { return index_.id(document); });
}

}  // namespace maxsimd
