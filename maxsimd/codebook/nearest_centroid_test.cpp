#include "maxsimd/codebook/nearest_centroid.h"

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "maxsimd/codebook/vectors_testing.h"

namespace maxsimd {
namespace {

using kernels::kernel_table;

struct Found {
  std::vector<uint16_t> ids;
  std::vector<float> distances;
  bool operator==(const Found&) const = default;
};

Found find(const NearestCentroid& nearest, MatrixView<const float> rows, size_t block) {
  Found found{std::vector<uint16_t>(rows.rows), std::vector<float>(rows.rows)};
  NearestCentroid::Scratch scratch;
  for (size_t begin = 0; begin < rows.rows; begin += block) {
    const size_t count = std::min(block, rows.rows - begin);
    nearest.find({rows.data + begin * rows.cols, count, rows.cols}, scratch,
                 std::span(found.ids).subspan(begin, count),
                 std::span(found.distances).subspan(begin, count));
  }
  return found;
}

/// Share of rows whose true nearest centroid was found. Distances must be those of the ids.
double recall(const Found& found, MatrixView<const float> rows, MatrixView<const float> centroids) {
  size_t right = 0;
  for (size_t r = 0; r < rows.rows; ++r) {
    const double distance = exact_squared_distance(rows.row(r), centroids.row(found.ids[r]));
    EXPECT_NEAR(found.distances[r], distance, 1e-5 * (distance + 1e-3));
    const size_t exact = exact_nearest(rows.row(r), centroids);
    // Equal up to the rounding of float32: a tie.
    if (distance <= exact_squared_distance(rows.row(r), centroids.row(exact)) + 1e-6) ++right;
  }
  return static_cast<double>(right) / static_cast<double>(rows.rows);
}

TEST(NearestCentroid, OfFewCentroidsNearlyAlwaysTheTrueOneIsFound) {
  ThreadPool pool(1);
  for (const size_t dim : std::vector<size_t>{1, 3, 31, 96, 97, 128}) {
    for (const size_t num_centroids : std::vector<size_t>{1, 2, 33, 700}) {
      const Vectors vectors = clustered_vectors(num_centroids + 300, dim, 40, dim);
      const auto centroids = vectors.view(0, num_centroids);
      const auto rows = vectors.view(num_centroids, 300);
      const NearestCentroid nearest(centroids, kernel_table(kernels::best_isa()), pool);
      EXPECT_EQ(nearest.num_groups(), 1U);
      EXPECT_GE(recall(find(nearest, rows, 300), rows, centroids), 0.996)
          << dim << " " << num_centroids;
    }
  }
}

TEST(NearestCentroid, OfManyCentroidsTheTrueOneIsFoundInAtLeast98Percent) {
  ThreadPool pool(2);
  const Vectors vectors = clustered_vectors(kGroupedCentroids + 1000, 48, 600, 7);
  const auto centroids = vectors.view(0, kGroupedCentroids);
  const auto rows = vectors.view(kGroupedCentroids, 1000);
  const NearestCentroid nearest(centroids, kernel_table(kernels::best_isa()), pool);
  EXPECT_GT(nearest.num_groups(), 50U);
  const double share = recall(find(nearest, rows, 1000), rows, centroids);
  RecordProperty("recall", std::to_string(share));
  EXPECT_GE(share, 0.98);
  // A centroid itself is found wherever it lies.
  EXPECT_GE(recall(find(nearest, vectors.view(0, 1000), 1000), vectors.view(0, 1000), centroids),
            0.999);
}

TEST(NearestCentroid, ResultsDoNotDependOnBlocksOrInstructionSet) {
  ThreadPool pool(2);
  for (const size_t num_centroids : {size_t{300}, kGroupedCentroids}) {
    const Vectors vectors = clustered_vectors(num_centroids + 500, 17, 100, 8);
    const auto centroids = vectors.view(0, num_centroids);
    const auto rows = vectors.view(num_centroids, 500);
    const Found expected =
        find(NearestCentroid(centroids, kernel_table(kernels::best_isa()), pool), rows, 500);
    for (const kernels::Isa isa : kernels::supported_isas()) {
      const NearestCentroid nearest(centroids, kernel_table(isa), pool);
      for (const size_t block : std::vector<size_t>{1, 37, 500}) {
        EXPECT_EQ(find(nearest, rows, block), expected) << kernels::isa_name(isa) << " " << block;
      }
    }
  }
}

TEST(NearestCentroid, ProbesForARecallReachItAndOneLessDoesNot) {
  ThreadPool pool(2);
  const Vectors vectors = flat_vectors(kGroupedCentroids + 1500, 16, 400, 11);
  const auto centroids = vectors.view(0, kGroupedCentroids);
  const auto rows = vectors.view(kGroupedCentroids, 1500);
  NearestCentroid nearest(centroids, kernel_table(kernels::best_isa()), pool);
  const auto recall_with = [&](size_t num_probes) {
    nearest.set_num_probes(num_probes);
    return recall(find(nearest, rows, 1000), rows, centroids);
  };
  size_t last = 0;
  for (const double wanted : std::vector<double>{0.5, 0.9, 0.985}) {
    const size_t num_probes = nearest.probes_for_recall(rows, wanted, pool);
    ASSERT_GT(num_probes, last);
    // It counts the nearest that int8 finds among all; the true one may differ in 4 of 1,000 rows.
    EXPECT_GE(recall_with(num_probes), wanted - 0.004);
    EXPECT_LT(recall_with(num_probes - 1), wanted + 0.004);
    last = num_probes;
  }
  EXPECT_LE(nearest.probes_for_recall(rows, 1.0, pool), nearest.num_groups());
  nearest.set_num_probes(100000);
  EXPECT_EQ(nearest.num_probes(), nearest.num_groups());
  EXPECT_GE(recall_with(nearest.num_groups()), 0.996);
}

TEST(NearestCentroid, ProbesForARecallDoNotDependOnThreadsOrInstructionSet) {
  ThreadPool one(1), seven(7);
  const Vectors vectors = flat_vectors(kGroupedCentroids + 2200, 5, 100, 12);
  const auto centroids = vectors.view(0, kGroupedCentroids);
  const auto rows = vectors.view(kGroupedCentroids, 2200);
  const size_t expected = NearestCentroid(centroids, kernel_table(kernels::Isa::scalar), one)
                              .probes_for_recall(rows, 0.97, one);
  EXPECT_GT(expected, 1U);
  for (const kernels::Isa isa : kernels::supported_isas()) {
    const NearestCentroid nearest(centroids, kernel_table(isa), seven);
    EXPECT_EQ(nearest.probes_for_recall(rows, 0.97, seven), expected) << kernels::isa_name(isa);
  }
  const NearestCentroid few(vectors.view(0, 100), kernel_table(kernels::best_isa()), one);
  EXPECT_EQ(few.probes_for_recall(rows, 1.0, one), 1U);
}

TEST(NearestCentroid, EqualCentroidsAndZerosAreNoTrouble) {
  ThreadPool pool(1);
  for (const size_t num_centroids : {size_t{40}, kGroupedCentroids}) {
    const Vectors centroids{num_centroids, 6, std::vector<float>(num_centroids * 6)};
    const Vectors rows{2, 6, {0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6}};
    const NearestCentroid nearest(centroids.view(), kernel_table(kernels::best_isa()), pool);
    const Found found = find(nearest, rows.view(), 2);
    EXPECT_EQ(found.ids, (std::vector<uint16_t>{0, 0}));
    EXPECT_EQ(found.distances, (std::vector<float>{0.0F, 91.0F}));
  }
}

TEST(NearestCentroid, WorksFarFromTheOriginAndForLargeAndSmallValues) {
  ThreadPool pool(1);
  for (const float scale : {1e14F, 1e-12F}) {
    Vectors vectors = clustered_vectors(400, 20, 30, 9);
    for (float& value : vectors.values) value = (value + 3.0F) * scale;
    const auto centroids = vectors.view(0, 200);
    const NearestCentroid nearest(centroids, kernel_table(kernels::best_isa()), pool);
    const Found found = find(nearest, vectors.view(200, 200), 200);
    size_t right = 0;
    for (size_t r = 0; r < 200; ++r) {
      if (found.ids[r] == exact_nearest(vectors.view().row(200 + r), centroids)) ++right;
    }
    EXPECT_GE(right, 198U) << scale;
  }
}

TEST(NearestCentroid, RefusesValuesThatAreNotFiniteOrTooLarge) {
  ThreadPool pool(1);
  const Vectors centroids = clustered_vectors(10, 4, 3, 1);
  const NearestCentroid nearest(centroids.view(), kernel_table(kernels::best_isa()), pool);
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(),
                          std::numeric_limits<float>::infinity(), 1e16F, -1e16F}) {
    const Vectors rows{2, 4, {0, 0, 0, 0, 0, bad, 0, 0}};
    EXPECT_THROW(find(nearest, rows.view(), 2), std::invalid_argument) << bad;
  }
}

}  // namespace
}  // namespace maxsimd
