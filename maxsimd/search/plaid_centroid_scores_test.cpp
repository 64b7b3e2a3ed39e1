// Scores with centroids in int8 beside those in float32.
#include "maxsimd/search/plaid_centroid_scores.h"

#include <gtest/gtest.h>

#include <cmath>

#include "maxsimd/search/plaid_testing.h"

namespace maxsimd {
namespace {

using plaid_testing::ClusteredVectors;
using plaid_testing::codebook_of;
using plaid_testing::TestCodebook;

TestCodebook fitted_codebook(const Embeddings& documents, size_t num_centroids) {
  TestCodebook codebook = codebook_of(documents, num_centroids, 4);
  const MatrixView<const float> rows = documents.matrix(0);
  std::vector<uint16_t> ids;
  for (size_t t = 0; t < rows.rows; ++t) {
    ids.push_back(static_cast<uint16_t>(codebook.nearest(rows.data + t * rows.cols)));
  }
  codebook.fit_buckets(rows, ids);
  return codebook;
}

/// In real units, [K, rows].
std::vector<double> scores_of(const PlaidCodebook& codebook, MatrixView<const float> query,
                              kernels::Isa isa, size_t threads) {
  ThreadPool pool(threads);
  CentroidScores scores;
  const kernels::PackedF32 packed(query);
  scores.compute(query, packed, codebook, kernels::kernel_table(isa), pool);
  std::vector<double> values;
  for (size_t c = 0; c < codebook.num_centroids(); ++c) {
    for (size_t r = 0; r < query.rows; ++r) {
      const double score =
          scores.scores()[c * scores.num_columns() + r] * scores.query().units()[r];
      values.push_back(std::ldexp(score, static_cast<int>(scores.query().shift())));
    }
  }
  return values;
}

TEST(CoarseCentroidScores, AreNearTheExactOnesAndTheSameOnEveryTable) {
  // More than a block of centroids; dims with and without a rest; queries of one panel and two.
  for (const size_t dim : {96U, 50U}) {
    ClusteredVectors vectors({.dim = dim}, 7);
    const Embeddings documents = vectors.items({700});
    const TestCodebook tables = fitted_codebook(documents, 600);
    const Embeddings queries = vectors.items({32, 40, 1});
    const PlaidCodebook exact(tables.tables(), 600);
    for (size_t q = 0; q < queries.size(); ++q) {
      SCOPED_TRACE(testing::Message() << "dim " << dim << ", query " << q);
      const auto expected = scores_of(exact, queries.matrix(q), kernels::Isa::scalar, 1);
      std::vector<double> first;
      for (const kernels::Isa isa : kernels::supported_isas()) {
        const PlaidCodebook coarse(tables.tables(), 600, &kernels::kernel_table(isa));
        const auto got = scores_of(coarse, queries.matrix(q), isa, 2);
        ASSERT_EQ(got.size(), expected.size());
        for (size_t i = 0; i < got.size(); ++i) ASSERT_NEAR(got[i], expected[i], 0.01);
        if (first.empty()) first = got;
        EXPECT_EQ(got, first) << kernels::isa_name(isa);
      }
    }
  }
}

TEST(CoarseCentroidScores, OfOneQueryAreNotThoseOfTheOneBefore) {
  ClusteredVectors vectors({.dim = 32}, 8);
  const TestCodebook tables = fitted_codebook(vectors.items({100}), 70);
  const Embeddings queries = vectors.items({40, 3});
  const kernels::KernelTable& table = kernels::kernel_table(kernels::best_isa());
  const PlaidCodebook codebook(tables.tables(), 70, &table);
  ThreadPool pool(1);
  CentroidScores reused;
  for (size_t q = 0; q < queries.size(); ++q) {
    const kernels::PackedF32 packed(queries.matrix(q));
    reused.compute(queries.matrix(q), packed, codebook, table, pool);
    CentroidScores fresh;
    fresh.compute(queries.matrix(q), packed, codebook, table, pool);
    ASSERT_EQ(reused.num_columns(), fresh.num_columns());
    EXPECT_TRUE(
        std::equal(fresh.scores(), fresh.scores() + 70 * fresh.num_columns(), reused.scores()));
  }
}

}  // namespace
}  // namespace maxsimd
