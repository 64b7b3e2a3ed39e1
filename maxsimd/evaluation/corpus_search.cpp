#include "maxsimd/evaluation/corpus_search.h"

#include <algorithm>
#include <stdexcept>

#include "maxsimd/search/exact_search.h"

namespace maxsimd {
namespace {

// Searched at a time, so that progress is told: some 200 GFLOP with a chunk of 512 documents of 180
// tokens. More would be no faster.
constexpr size_t kQueriesAtATime = 256;

// Some items as a batch of their own.
Embeddings slice(const Embeddings& all, size_t first, size_t count) {
  Embeddings part{.dim = all.dim, .values = {}, .offsets = {0}};
  for (size_t item = first; item < first + count; ++item) part.append(all.matrix(item));
  return part;
}

CodedEmbeddings encode_chunk(std::span<const std::string> texts, const EncodeFn& encode) {
  const Embeddings embeddings = encode(texts, TextKind::document);
  if (embeddings.size() != texts.size()) {
    throw std::invalid_argument("search: expected embeddings of " + std::to_string(texts.size()) +
                                " documents, got " + std::to_string(embeddings.size()));
  }
  CodedEmbeddings coded(embeddings.dim, Codec::float32);
  coded.append(embeddings);
  return coded;
}

// Adds what some queries found in a chunk, whose first document is number `first`, to their best.
void add_hits(const std::vector<std::vector<ScoredDocument>>& rankings, size_t first,
              std::span<TopK> best) {
  for (size_t query = 0; query < rankings.size(); ++query) {
    for (const ScoredDocument& hit : rankings[query]) {
      best[query].push({static_cast<DocId>(first + hit.document), hit.score});
    }
  }
}

}  // namespace

std::vector<std::vector<ScoredDocument>> search_corpus(const Embeddings& queries,
                                                       std::span<const std::string> documents,
                                                       const EncodeFn& encode,
                                                       const CorpusSearchOptions& options,
                                                       ThreadPool& pool) {
  if (options.k == 0 || options.corpus_chunk_size == 0) {
    throw std::invalid_argument("search: k and corpus_chunk_size: expected at least 1, got 0");
  }
  std::vector<TopK> best(queries.size(), TopK(options.k));
  for (size_t first = 0; first < documents.size(); first += options.corpus_chunk_size) {
    const size_t count = std::min(options.corpus_chunk_size, documents.size() - first);
    const CodedEmbeddings chunk = encode_chunk(documents.subspan(first, count), encode);
    for (size_t query = 0; query < queries.size(); query += kQueriesAtATime) {
      const size_t some = std::min(kQueriesAtATime, queries.size() - query);
      const Embeddings part = slice(queries, query, some);
      const auto rankings = search_exact(part, chunk, {.k = options.k}, pool);
      add_hits(rankings, first, std::span(best).subspan(query, some));
      const size_t scanned = count * (query + some) / queries.size();
      if (options.progress) options.progress(first + scanned, documents.size());
    }
  }
  std::vector<std::vector<ScoredDocument>> hits;
  for (TopK& of_query : best) hits.push_back(of_query.take_sorted());
  return hits;
}

}  // namespace maxsimd
