// PlaidQuery::score_selected() beside its plainest form.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "maxsimd/index/index_testing.h"
#include "maxsimd/search/plaid_query.h"
#include "maxsimd/search/plaid_testing.h"

namespace maxsimd {
namespace {

using index_testing::random_lengths;
using plaid_testing::ClusteredVectors;
using plaid_testing::codebook_of;
using plaid_testing::TestCorpus;

constexpr size_t kAll = 1'000'000;
constexpr size_t kDocuments = 200;

struct Data {
  Embeddings documents, queries;

  Data() {
    ClusteredVectors vectors({.dim = 32}, 91);
    documents = vectors.items(random_lengths(kDocuments, 0, 40, 92));
    queries = vectors.items({32, 5, 1, 40});
    const std::vector<float> zeros(32, 0.0F);
    queries.append({zeros.data(), 1, 32});
  }
};

/// Two interleaved segments.
TestCorpus corpus_of(const Data& data, size_t nbits) {
  TestCorpus corpus(codebook_of(data.documents, 70, nbits), data.documents);
  for (const size_t begin : {0U, 1U}) {
    std::vector<DocId> numbers;
    for (size_t i = begin; i < kDocuments; i += 2) numbers.push_back(i);
    corpus.add_segment(numbers, true);
  }
  return corpus;
}

/// Rows that come near to the largest byte of some column; the first one where all bytes are 0.
std::vector<size_t> selected_rows(const CentroidScores& scores, std::span<const uint16_t> ids) {
  std::set<size_t> rows;
  for (size_t column = 0; column < scores.num_columns(); ++column) {
    const auto byte = [&](size_t t) {
      return int{scores.bytes()[ids[t] * scores.num_columns() + column]};
    };
    int best = 0;
    for (size_t t = 0; t < ids.size(); ++t) best = std::max(best, byte(t));
    for (size_t t = 0; t < ids.size(); ++t) {
      if (byte(t) > 0 && best - byte(t) < scores.byte_reach()[column]) rows.insert(t);
    }
  }
  if (rows.empty()) rows.insert(0);
  return {rows.begin(), rows.end()};
}

/// By the scalar kernel.
double score_of(const PlaidCorpus& corpus, const PlaidSegment& segment, size_t document,
                const CentroidScores& scores) {
  const std::span<const uint16_t> ids = segment.centroids_of(document);
  std::vector<const uint8_t*> rows;
  std::vector<const int16_t*> row_scores;
  for (const size_t t : selected_rows(scores, ids)) {
    rows.push_back(reinterpret_cast<const uint8_t*>(segment.residuals.data()) +
                   (segment.row_offsets[document] + t) * corpus.codebook->residual_bytes());
    row_scores.push_back(scores.scores() + ids[t] * scores.num_columns());
  }
  const auto end = static_cast<uint32_t>(rows.size());
  std::vector<float> best(scores.num_columns());
  kernels::kernel_table(kernels::Isa::scalar)
      .maxsim_selected(scores.query(), corpus.codebook->weights(),
                       {rows.data(), row_scores.data(), &end, 1}, nullptr, best.data());
  double score = 0.0;
  for (size_t r = 0; r < scores.query().num_rows(); ++r) {
    score += scores.query().units()[r] * double{best[r]};
  }
  return score;
}

std::set<DocId> expected_of(const PlaidCorpus& corpus, MatrixView<const float> query, size_t kept) {
  ThreadPool pool(1);
  const kernels::PackedF32 packed(query);
  CentroidScores scores;
  scores.compute(query, packed, *corpus.codebook, *corpus.kernels, pool);
  std::vector<std::pair<double, DocId>> ranked;  // by the negative score
  for (const PlaidSegment& segment : corpus.segments) {
    for (size_t i = 0; i < segment.size(); ++i) {
      if (segment.num_rows(i) == 0) continue;
      ranked.emplace_back(-score_of(corpus, segment, i, scores), segment.documents[i]);
    }
  }
  std::sort(ranked.begin(), ranked.end());
  std::set<DocId> documents;
  for (size_t i = 0; i < kept; ++i) documents.insert(ranked[i].second);
  return documents;
}

TEST(PlaidSelected, KeepsTheDocumentsThatScoreBestByTheVectorsNearTheirBestCentroids) {
  const Data data;
  for (const size_t nbits : {4U, 1U}) {
    const TestCorpus corpus = corpus_of(data, nbits);
    for (const kernels::Isa isa : kernels::supported_isas()) {
      const PlaidCorpus view = corpus.view(isa);
      ThreadPool pool(2);
      PlaidQuery query(view);
      for (size_t q = 0; q < data.queries.size(); ++q) {
        SCOPED_TRACE(testing::Message()
                     << nbits << " bits, query " << q << ", " << kernels::isa_name(isa));
        query.score_centroids(data.queries.matrix(q), pool);
        query.find_candidates(corpus.live(), kDocuments, {}, kAll);
        query.approximate(kAll, pool);
        query.score_selected(23, pool);
        ASSERT_EQ(query.num_survivors(), 23U);
        query.score_residuals(pool);
        std::set<DocId> kept;
        for (const ScoredDocument& hit : query.rank(23, pool)) kept.insert(hit.document);
        EXPECT_EQ(kept, expected_of(view, data.queries.matrix(q), 23));
      }
    }
  }
}

}  // namespace
}  // namespace maxsimd
