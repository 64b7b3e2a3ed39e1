#include "maxsimd/codebook/buckets.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace maxsimd {
namespace {

constexpr size_t kRefinements = 24;

/// One dimension's residuals, sorted, with the sums of all that come before each.
struct SortedResiduals {
  std::vector<float> values;
  std::vector<double> sums;  // [n + 1]
  double squares = 0.0;

  SortedResiduals(MatrixView<const float> residuals, size_t dimension)
      : values(residuals.rows), sums(residuals.rows + 1) {
    for (size_t r = 0; r < residuals.rows; ++r) {
      values[r] = residuals.data[r * residuals.cols + dimension];
    }
    std::sort(values.begin(), values.end());
    for (size_t r = 0; r < values.size(); ++r) {
      sums[r + 1] = sums[r] + double{values[r]};
      squares += double{values[r]} * double{values[r]};
    }
  }

  /// The number of values up to a cutoff, itself included.
  size_t up_to(float cutoff) const {
    return static_cast<size_t>(std::upper_bound(values.begin(), values.end(), cutoff) -
                               values.begin());
  }
};

std::vector<float> quantile_cutoffs(std::span<const float> sorted, size_t num_buckets) {
  std::vector<float> cutoffs(num_buckets - 1);
  for (size_t c = 0; c < cutoffs.size(); ++c) {
    cutoffs[c] =
        sorted_quantile(sorted, static_cast<double>(c + 1) / static_cast<double>(num_buckets));
  }
  return cutoffs;
}

std::vector<float> bucket_means(const SortedResiduals& residuals, std::span<const float> cutoffs) {
  std::vector<float> means(cutoffs.size() + 1);
  size_t begin = 0;
  for (size_t b = 0; b < means.size(); ++b) {
    const bool is_last = b == cutoffs.size();
    const size_t end = is_last ? residuals.values.size() : residuals.up_to(cutoffs[b]);
    if (end > begin) {
      means[b] = static_cast<float>((residuals.sums[end] - residuals.sums[begin]) /
                                    static_cast<double>(end - begin));
    } else {
      means[b] = is_last ? cutoffs.back() : cutoffs[b];
    }
    begin = end;
  }
  return means;
}

/// Mean squared difference of the residuals and their buckets' weights.
double bucket_error(const SortedResiduals& residuals, std::span<const float> cutoffs,
                    std::span<const float> weights) {
  double error = residuals.squares;
  size_t begin = 0;
  for (size_t b = 0; b < weights.size(); ++b) {
    const size_t end = b < cutoffs.size() ? residuals.up_to(cutoffs[b]) : residuals.values.size();
    const double weight = weights[b];
    const double sum = residuals.sums[end] - residuals.sums[begin];
    error += weight * (weight * static_cast<double>(end - begin) - 2.0 * sum);
    begin = end;
  }
  return std::max(error, 0.0) / static_cast<double>(residuals.values.size());
}

}  // namespace

float sorted_quantile(std::span<const float> sorted, double share) {
  const double position = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(position);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  const double part = position - static_cast<double>(below);
  return static_cast<float>(double{sorted[below]} * (1.0 - part) + double{sorted[above]} * part);
}

Buckets train_buckets(MatrixView<const float> residuals, size_t nbits, ThreadPool& pool) {
  const size_t dim = residuals.cols;
  const size_t num_buckets = size_t{1} << nbits;
  Buckets buckets{std::vector<float>((num_buckets - 1) * dim),
                  std::vector<float>(num_buckets * dim)};
  std::vector<double> errors(dim);
  pool.parallel_for(dim, [&](size_t d, size_t) {
    const SortedResiduals sorted(residuals, d);
    std::vector<float> cutoffs = quantile_cutoffs(sorted.values, num_buckets);
    std::vector<float> weights = bucket_means(sorted, cutoffs);
    for (size_t i = 0; i < kRefinements; ++i) {
      for (size_t c = 0; c < cutoffs.size(); ++c) {
        cutoffs[c] = 0.5F * weights[c] + 0.5F * weights[c + 1];
      }
      weights = bucket_means(sorted, cutoffs);
    }
    for (size_t c = 0; c < cutoffs.size(); ++c) buckets.cutoffs[c * dim + d] = cutoffs[c];
    for (size_t b = 0; b < weights.size(); ++b) buckets.weights[b * dim + d] = weights[b];
    errors[d] = bucket_error(sorted, cutoffs, weights);
  });
  buckets.error = std::accumulate(errors.begin(), errors.end(), 0.0);
  return buckets;
}

}  // namespace maxsimd
