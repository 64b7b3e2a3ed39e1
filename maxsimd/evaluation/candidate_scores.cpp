#include "maxsimd/evaluation/candidate_scores.h"

#include <numeric>
#include <stdexcept>
#include <string>

#include "maxsimd/search/rerank.h"

namespace maxsimd {

std::vector<float> candidate_scores(const Embeddings& queries, const Embeddings& documents,
                                    std::span<const size_t> num_candidates, ThreadPool& pool) {
  const size_t total = std::accumulate(num_candidates.begin(), num_candidates.end(), size_t{0});
  if (num_candidates.size() != queries.size() || total != documents.size()) {
    throw std::invalid_argument(
        "scores: expected embeddings of " + std::to_string(num_candidates.size()) +
        " queries and " + std::to_string(total) + " documents, got " +
        std::to_string(queries.size()) + " and " + std::to_string(documents.size()));
  }
  if (total == 0) return {};
  CodedEmbeddings coded(documents.dim, Codec::float32);
  coded.append(documents);
  std::vector<std::vector<DocId>> candidates(queries.size());
  DocId next = 0;
  for (size_t query = 0; query < queries.size(); ++query) {
    for (size_t c = 0; c < num_candidates[query]; ++c) candidates[query].push_back(next++);
  }
  std::vector<float> scores(total);
  for (const auto& ranking : rerank(queries, coded, candidates, {}, pool)) {
    for (const ScoredDocument& scored : ranking) scores[scored.document] = scored.score;
  }
  return scores;
}

}  // namespace maxsimd
