#include "maxsimd/codebook/buckets.h"

#include <algorithm>

#include "maxsimd/codebook/vectors_testing.h"

namespace maxsimd {
namespace {

size_t bucket_of(const Buckets& buckets, size_t dim, size_t d, float residual) {
  size_t bucket = 0;
  for (size_t c = d; c < buckets.cutoffs.size(); c += dim) {
    if (buckets.cutoffs[c] < residual) ++bucket;
  }
  return bucket;
}

/// Mean squared error of coding the residuals, by the definition of a bucket.
double error_of(const Buckets& buckets, const Vectors& residuals) {
  double sum = 0.0;
  for (size_t i = 0; i < residuals.values.size(); ++i) {
    const size_t d = i % residuals.dim;
    const size_t bucket = bucket_of(buckets, residuals.dim, d, residuals.values[i]);
    const double difference =
        double{residuals.values[i]} - double{buckets.weights[bucket * residuals.dim + d]};
    sum += difference * difference;
  }
  return sum / static_cast<double>(residuals.rows);
}

/// Each dimension of another width and centre.
Vectors skewed_residuals(size_t rows, size_t dim) {
  Normals normals(rows + dim);
  Vectors residuals{rows, dim, {}};
  for (size_t i = 0; i < rows * dim; ++i) {
    const auto d = static_cast<float>(i % dim);
    const float x = normals.next();
    residuals.values.push_back(0.1F * (d + 1.0F) * (x + 0.2F * x * x) + d);
  }
  return residuals;
}

TEST(SortedQuantile, InterpolatesBetweenNeighbours) {
  const std::vector<float> values = {0.0F, 10.0F, 20.0F, 40.0F};
  EXPECT_EQ(sorted_quantile(values, 0.0), 0.0F);
  EXPECT_EQ(sorted_quantile(values, 1.0), 40.0F);
  EXPECT_EQ(sorted_quantile(values, 0.5), 15.0F);
  EXPECT_EQ(sorted_quantile(values, 0.25), 7.5F);
  EXPECT_FLOAT_EQ(sorted_quantile(values, 0.9), 34.0F);
  EXPECT_EQ(sorted_quantile(std::vector<float>{3.0F}, 0.7), 3.0F);
}

TEST(TrainBuckets, ErrIsNoMoreThanQuantilesAndIsWhatItSays) {
  ThreadPool pool(2);
  const Vectors residuals = skewed_residuals(3000, 5);
  for (const size_t nbits : std::vector<size_t>{1, 2, 4}) {
    const Buckets buckets = train_buckets(residuals.view(), nbits, pool);
    const size_t num_buckets = size_t{1} << nbits;
    ASSERT_EQ(buckets.cutoffs.size(), (num_buckets - 1) * 5);
    ASSERT_EQ(buckets.weights.size(), num_buckets * 5);
    // The plain form: quantiles of each dimension by sorting, weights the means between them.
    Buckets plain{std::vector<float>(buckets.cutoffs.size()),
                  std::vector<float>(buckets.weights.size())};
    for (size_t d = 0; d < 5; ++d) {
      std::vector<float> sorted;
      for (size_t r = 0; r < residuals.rows; ++r) sorted.push_back(residuals.values[r * 5 + d]);
      std::sort(sorted.begin(), sorted.end());
      for (size_t c = 0; c + 1 < num_buckets; ++c) {
        plain.cutoffs[c * 5 + d] = sorted[(c + 1) * sorted.size() / num_buckets];
      }
      std::vector<double> sums(num_buckets), counts(num_buckets);
      for (const float value : sorted) {
        const size_t b = bucket_of(plain, 5, d, value);
        sums[b] += double{value};
        counts[b] += 1.0;
      }
      for (size_t b = 0; b < num_buckets; ++b) {
        plain.weights[b * 5 + d] = static_cast<float>(sums[b] / counts[b]);
      }
    }
    const double error = error_of(buckets, residuals);
    EXPECT_NEAR(buckets.error, error, 1e-6 * error);
    EXPECT_LT(error, error_of(plain, residuals) * (nbits == 1 ? 1.001 : 0.95)) << nbits;
  }
}

TEST(TrainBuckets, CutoffsAscendAndWeightsLieBetweenThem) {
  ThreadPool pool(1);
  const Vectors residuals = skewed_residuals(500, 7);
  const Buckets buckets = train_buckets(residuals.view(), 4, pool);
  for (size_t i = 0; i < buckets.cutoffs.size(); ++i) {
    EXPECT_LE(buckets.weights[i], buckets.cutoffs[i]);
    EXPECT_LE(buckets.cutoffs[i], buckets.weights[i + 7]);
  }
}

TEST(TrainBuckets, FewerResidualsThanBucketsAndEqualOnesAreCodedExactly) {
  ThreadPool pool(1);
  const Vectors few{3, 2, {1.0F, 5.0F, 2.0F, 5.0F, 4.0F, 5.0F}};
  const Buckets buckets = train_buckets(few.view(), 4, pool);
  EXPECT_EQ(error_of(buckets, few), 0.0);
  EXPECT_EQ(buckets.error, 0.0);
  for (size_t b = 0; b < 16; ++b) EXPECT_EQ(buckets.weights[b * 2 + 1], 5.0F);
}

TEST(TrainBuckets, GivesTheSameBitsForAnyNumberOfThreads) {
  const Vectors residuals = skewed_residuals(999, 33);
  ThreadPool one(1), seven(7);
  const Buckets a = train_buckets(residuals.view(), 4, one);
  const Buckets b = train_buckets(residuals.view(), 4, seven);
  EXPECT_EQ(a.cutoffs, b.cutoffs);
  EXPECT_EQ(a.weights, b.weights);
  EXPECT_EQ(a.error, b.error);
}

}  // namespace
}  // namespace maxsimd
