#include "maxsimd/search/scores.h"

#include <gtest/gtest.h>

#include "maxsimd/index/index_testing.h"

namespace maxsimd {
namespace {

using index_testing::batch_of;
using index_testing::message_of;
using index_testing::random_batch;

// The docstrings of pylate.scores: three queries of four rows, three documents of three, dim 1.
Embeddings docstring_queries() {
  return batch_of(1, {{{1}, {0}, {0}, {0}}, {{0}, {2}, {0}, {0}}, {{0}, {0}, {3}, {0}}});
}
Embeddings docstring_documents() {
  return batch_of(1, {{{10}, {0}, {1}}, {{0}, {100}, {1}}, {{1}, {0}, {1000}}});
}

TEST(ColbertScores, AreThoseOfPylatesDocstring) {
  ThreadPool pool(2);
  for (const kernels::Isa isa : kernels::supported_isas()) {
    EXPECT_EQ(colbert_scores(docstring_queries(), docstring_documents(), pool, isa),
              (std::vector<float>{10, 100, 1000, 20, 200, 2000, 30, 300, 3000}));
  }
}

TEST(ColbertScoresPairwise, AreThoseOfPylatesDocstring) {
  ThreadPool pool(2);
  for (const kernels::Isa isa : kernels::supported_isas()) {
    EXPECT_EQ(colbert_scores_pairwise(docstring_queries(), docstring_documents(), pool, isa),
              (std::vector<float>{10, 200, 3000}));
  }
}

TEST(ColbertScores, EqualBruteForceOnRaggedBatchesForAnyThreads) {
  const Embeddings queries = random_batch(97, {32, 1, 0, 45}, 71);
  const Embeddings documents = random_batch(97, {5, 0, 300, 1, 77}, 72);
  ThreadPool one(1);
  const std::vector<float> scores = colbert_scores(queries, documents, one);
  ASSERT_EQ(scores.size(), 20U);
  for (size_t i = 0; i < scores.size(); ++i) {
    const double expected =
        index_testing::brute_force_maxsim(queries.matrix(i / 5), documents.matrix(i % 5));
    if (std::isinf(expected)) {
      EXPECT_EQ(scores[i], expected);
    } else {
      EXPECT_NEAR(scores[i], expected, 2e-5);
    }
  }
  ThreadPool seven(7);
  EXPECT_EQ(colbert_scores(queries, documents, seven), scores);
}

TEST(ColbertScores, RefuseWhatDoesNotFit) {
  ThreadPool pool(1);
  const Embeddings a = random_batch(4, {2, 2}, 1);
  const Embeddings b = random_batch(5, {2, 2}, 1);
  EXPECT_EQ(message_of([&] { colbert_scores(a, b, pool); }), "scores: query dim 4, document dim 5");
  EXPECT_EQ(message_of([&] { colbert_scores_pairwise(a, random_batch(4, {1}, 1), pool); }),
            "pairwise scores: expected as many queries as documents, got 2 and 1");
  EXPECT_TRUE(colbert_scores(a, Embeddings{}, pool).empty());
}

}  // namespace
}  // namespace maxsimd
