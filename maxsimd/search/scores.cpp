#include "maxsimd/search/scores.h"

#include <stdexcept>
#include <string>

#include "maxsimd/index/validation.h"
#include "maxsimd/search/packed_query.h"

namespace maxsimd {
namespace {

void check_pair(const Embeddings& queries, const Embeddings& documents) {
  if (queries.size() > 0 && documents.size() > 0 && queries.dim != documents.dim) {
    throw std::invalid_argument("scores: query dim " + std::to_string(queries.dim) +
                                ", document dim " + std::to_string(documents.dim));
  }
  check_embeddings(queries, queries.dim, {"query"});
  check_embeddings(documents, documents.dim, {"document"});
}

}  // namespace

std::vector<float> colbert_scores(const Embeddings& queries, const Embeddings& documents,
                                  ThreadPool& pool, kernels::Isa isa) {
  check_pair(queries, documents);
  const kernels::KernelTable& kernels = kernels::kernel_table(isa);
  std::vector<PackedQuery> packed;
  packed.reserve(queries.size());
  for (size_t query = 0; query < queries.size(); ++query) {
    packed.emplace_back(queries.matrix(query), Codec::float32);
  }
  std::vector<float> scores(queries.size() * documents.size());
  std::vector<AlignedBuffer<float>> scratch(pool.num_threads());
  pool.parallel_for(documents.size(), [&](size_t document, size_t worker) {
    const CodedRows rows = as_coded_rows(documents.matrix(document));
    for (size_t query = 0; query < packed.size(); ++query) {
      scores[query * documents.size() + document] =
          packed[query].maxsim(rows, kernels, scratch[worker]);
    }
  });
  return scores;
}

std::vector<float> colbert_scores_pairwise(const Embeddings& queries, const Embeddings& documents,
                                           ThreadPool& pool, kernels::Isa isa) {
  if (queries.size() != documents.size()) {
    throw std::invalid_argument("pairwise scores: expected as many queries as documents, got " +
                                std::to_string(queries.size()) + " and " +
                                std::to_string(documents.size()));
  }
  check_pair(queries, documents);
  const kernels::KernelTable& kernels = kernels::kernel_table(isa);
  std::vector<float> scores(queries.size());
  std::vector<AlignedBuffer<float>> scratch(pool.num_threads());
  pool.parallel_for(queries.size(), [&](size_t pair, size_t worker) {
    scores[pair] = PackedQuery(queries.matrix(pair), Codec::float32)
                       .maxsim(as_coded_rows(documents.matrix(pair)), kernels, scratch[worker]);
  });
  return scores;
}

}  // namespace maxsimd
