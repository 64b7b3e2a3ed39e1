#include "maxsimd/codebook/kmeans.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "maxsimd/codebook/vectors_testing.h"

namespace maxsimd {
namespace {

using kernels::kernel_table;

std::vector<uint32_t> all_rows(size_t count) {
  std::vector<uint32_t> rows(count);
  std::iota(rows.begin(), rows.end(), 0U);
  return rows;
}

/// The oracle: Lloyd's algorithm in double precision, no clusters filled.
std::vector<float> plain_kmeans(const Vectors& vectors, std::span<const uint32_t> first,
                                size_t iterations) {
  const size_t dim = vectors.dim;
  std::vector<float> centroids;
  for (const uint32_t r : first) {
    const auto row = vectors.view().row(r);
    centroids.insert(centroids.end(), row.begin(), row.end());
  }
  for (size_t i = 0; i < iterations; ++i) {
    std::vector<double> sums(centroids.size()), counts(first.size());
    for (size_t r = 0; r < vectors.rows; ++r) {
      const auto row = vectors.view().row(r);
      const size_t c = exact_nearest(row, {centroids.data(), first.size(), dim});
      counts[c] += 1.0;
      for (size_t d = 0; d < dim; ++d) sums[c * dim + d] += double{row[d]};
    }
    for (size_t k = 0; k < sums.size(); ++k) {
      if (counts[k / dim] > 0.0) centroids[k] = static_cast<float>(sums[k] / counts[k / dim]);
    }
  }
  return centroids;
}

double mean_error(const Vectors& vectors, const std::vector<float>& centroids) {
  const MatrixView<const float> view{centroids.data(), centroids.size() / vectors.dim, vectors.dim};
  double sum = 0.0;
  for (size_t r = 0; r < vectors.rows; ++r) {
    const auto row = vectors.view().row(r);
    sum += exact_squared_distance(row, view.row(exact_nearest(row, view)));
  }
  return sum / static_cast<double>(vectors.rows);
}

TEST(KMeans, ErrIsWithinOnePercentOfPlainLloyd) {
  ThreadPool pool(2);
  for (const size_t dim : std::vector<size_t>{5, 48}) {
    const Vectors vectors = clustered_vectors(3000, dim, 100, dim);
    const std::vector<uint32_t> first = Random(3).permutation(60);
    for (const kernels::Isa isa : kernels::supported_isas()) {
      const std::vector<float> centroids = kmeans({vectors.view(), all_rows(vectors.rows)}, first,
                                                  {.iterations = 6}, kernel_table(isa), pool);
      const double plain = mean_error(vectors, plain_kmeans(vectors, first, 6));
      EXPECT_NEAR(mean_error(vectors, centroids), plain, 0.01 * plain) << dim;
    }
  }
}

TEST(KMeans, GivesTheSameBitsForAnyNumberOfThreadsAndInstructionSet) {
  const Vectors vectors = clustered_vectors(5000, 33, 50, 2);
  const std::vector<uint32_t> first = Random(4).permutation(200);
  std::vector<uint32_t> rows;  // with gaps, so that blocks are gathered
  for (uint32_t r = 0; r < vectors.rows; ++r) {
    if (r % 7 != 3) rows.push_back(r);
  }
  ThreadPool one(1);
  const std::vector<float> expected = kmeans({vectors.view(), rows}, first, {.iterations = 5},
                                             kernel_table(kernels::Isa::scalar), one);
  for (const size_t num_threads : std::vector<size_t>{1, 2, 7}) {
    ThreadPool pool(num_threads);
    for (const kernels::Isa isa : kernels::supported_isas()) {
      EXPECT_EQ(kmeans({vectors.view(), rows}, first, {.iterations = 5}, kernel_table(isa), pool),
                expected)
          << num_threads << " threads, " << kernels::isa_name(isa);
    }
  }
}

TEST(KMeans, UsesOnlyTheChosenRows) {
  Vectors vectors = clustered_vectors(600, 8, 10, 3);
  std::vector<uint32_t> rows;
  Vectors chosen{0, 8, {}};
  for (uint32_t r = 0; r < 600; r += 2) {
    rows.push_back(r);
    chosen.values.insert(chosen.values.end(), vectors.view().row(r).begin(),
                         vectors.view().row(r).end());
    ++chosen.rows;
  }
  ThreadPool pool(1);
  const kernels::KernelTable& table = kernel_table(kernels::best_isa());
  EXPECT_EQ(kmeans({vectors.view(), rows}, std::vector<uint32_t>{10, 20, 30}, {.iterations = 4},
                   table, pool),
            kmeans({chosen.view(), all_rows(300)}, std::vector<uint32_t>{5, 10, 15},
                   {.iterations = 4}, table, pool));
}

TEST(KMeans, CentroidsLeftWithoutRowsSplitTheWorstClusters) {
  // Three tight clusters; two of the three first rows are copies of one row.
  Normals normals(5);
  Vectors vectors{300, 4, std::vector<float>(1200)};
  for (size_t r = 0; r < 300; ++r) {
    for (size_t d = 0; d < 4; ++d) {
      vectors.values[r * 4 + d] = (d == r % 3 ? 10.0F : 0.0F) + 0.01F * normals.next();
    }
  }
  std::copy_n(vectors.values.begin(), 4, vectors.values.begin() + 12);
  ThreadPool pool(2);
  const std::vector<uint32_t> first = {0, 3, 1};
  const std::vector<float> centroids =
      kmeans({vectors.view(), all_rows(300)}, first, {.iterations = 6},
             kernel_table(kernels::best_isa()), pool);
  EXPECT_LT(mean_error(vectors, centroids), 0.001);
  EXPECT_GT(mean_error(vectors, plain_kmeans(vectors, first, 6)), 1.0) << "a test of nothing";
}

/// `distinct` distinct rows, each in 20 copies, one after the other.
Vectors copies_of(size_t distinct, size_t dim, uint64_t seed) {
  const Vectors rows = clustered_vectors(distinct, dim, distinct, seed);
  Vectors copies{distinct * 20, dim, {}};
  for (size_t r = 0; r < copies.rows; ++r) {
    const auto row = rows.view().row(r / 20);
    copies.values.insert(copies.values.end(), row.begin(), row.end());
  }
  return copies;
}

size_t num_distinct(const std::vector<float>& centroids, size_t dim) {
  std::set<std::vector<float>> distinct;
  for (size_t c = 0; c < centroids.size(); c += dim) {
    distinct.emplace(centroids.begin() + static_cast<ptrdiff_t>(c),
                     centroids.begin() + static_cast<ptrdiff_t>(c + dim));
  }
  return distinct.size();
}

TEST(KMeans, SeveralEmptyCentroidsTakeDistinctRowsOfTheOnlyClusterInOneRound) {
  const Vectors vectors = copies_of(12, 6, 4);
  const std::vector<uint32_t> first(8, 3);  // eight times one row: seven stay empty
  const kernels::KernelTable& table = kernel_table(kernels::best_isa());
  ThreadPool pool(1);
  const std::vector<float> once =
      kmeans({vectors.view(), all_rows(vectors.rows)}, first, {.iterations = 1}, table, pool);
  EXPECT_EQ(num_distinct(once, 6), 8U);
  for (const size_t num_threads : std::vector<size_t>{2, 7}) {
    ThreadPool threads(num_threads);
    for (const kernels::Isa isa : kernels::supported_isas()) {
      EXPECT_EQ(kmeans({vectors.view(), all_rows(vectors.rows)}, first, {.iterations = 1},
                       kernel_table(isa), threads),
                once);
    }
  }
}

TEST(KMeans, AsManyCentroidsAsDistinctRowsFindThemAllThoughOneClusterHasThem) {
  ThreadPool pool(2);
  // More than a round takes of one cluster.
  const Vectors vectors = copies_of(40, 5, 6);
  const std::vector<uint32_t> first(40, 0);
  const std::vector<float> centroids =
      kmeans({vectors.view(), all_rows(vectors.rows)}, first, {.iterations = 8},
             kernel_table(kernels::best_isa()), pool);
  EXPECT_EQ(num_distinct(centroids, 5), 40U);
  EXPECT_LT(mean_error(vectors, centroids), 1e-12);
}

TEST(KMeans, AClusterOfMoreErrorGivesMoreCentroids) {
  // 100 rows spread by 1 about (100, 0, ...), 100 spread by 0.01 about the origin.
  Normals normals(8);
  Vectors vectors{200, 4, std::vector<float>(800)};
  for (size_t r = 0; r < 200; ++r) {
    for (size_t d = 0; d < 4; ++d) {
      const float center = r < 100 && d == 0 ? 100.0F : 0.0F;
      vectors.values[r * 4 + d] = center + (r < 100 ? 1.0F : 0.01F) * normals.next();
    }
  }
  ThreadPool pool(1);
  std::vector<uint32_t> first(12, 0);
  first[1] = 150;
  const std::vector<float> centroids =
      kmeans({vectors.view(), all_rows(200)}, first, {.iterations = 1},
             kernel_table(kernels::best_isa()), pool);
  for (size_t c = 0; c < 12; ++c) {
    EXPECT_EQ(centroids[c * 4] > 50.0F, c != 1) << c;
  }
  EXPECT_EQ(num_distinct(centroids, 4), 12U);
}

TEST(KMeans, EqualRowsGiveEqualCentroids) {
  const Vectors vectors{50, 3, std::vector<float>(150, 0.25F)};
  ThreadPool pool(1);
  const std::vector<float> centroids =
      kmeans({vectors.view(), all_rows(50)}, std::vector<uint32_t>{1, 2, 3, 4}, {.iterations = 3},
             kernel_table(kernels::best_isa()), pool);
  EXPECT_EQ(centroids, std::vector<float>(12, 0.25F));
}

}  // namespace
}  // namespace maxsimd
