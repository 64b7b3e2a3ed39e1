#include "maxsimd/evaluation/corpus_search.h"

#include <algorithm>
#include <stdexcept>

#include "maxsimd/search/exact_search.h"

namespace maxsimd {
namespace {

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
    const auto rankings = search_exact(queries, chunk, {.k = options.k}, pool);
    for (size_t query = 0; query < rankings.size(); ++query) {
      for (const ScoredDocument& hit : rankings[query]) {
        best[query].push({static_cast<DocId>(first + hit.document), hit.score});
      }
    }
    if (options.progress) options.progress(first + count, documents.size());
  }
  std::vector<std::vector<ScoredDocument>> hits;
  for (TopK& of_query : best) hits.push_back(of_query.take_sorted());
  return hits;
}

}  // namespace maxsimd
