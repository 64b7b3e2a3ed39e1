// The buckets of the residual codec: in each dimension 2^nbits of them, each with a weight that
// stands for the residuals in it.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "maxsimd/base/thread_pool.h"
#include "maxsimd/base/types.h"

namespace maxsimd {

/// A residual's bucket is the number of cutoffs below it.
struct Buckets {
  std::vector<float> cutoffs;  // [2^nbits - 1, dim], ascending in each dimension
  std::vector<float> weights;  // [2^nbits, dim]
  double error = 0.0;          // mean of |residual - its weights|^2
};

/// The value below which `share` of the sorted values lie, between neighbours by linear
/// interpolation (numpy's and PyTorch's default). REQUIRES: sorted is not empty, 0 <= share <= 1.
float sorted_quantile(std::span<const float> sorted, double share);

/// Buckets of residuals [n >= 1, dim]: in each dimension the cutoffs begin at the quantiles i /
/// 2^nbits (as in ColBERTv2, Santhanam et al. 2022, but of each dimension) and are then moved
/// midway between the means of their buckets again and again, which never adds to the squared error
/// (Lloyd 1982). Weights are the means; an empty bucket's is its cutoff. The same for any number of
/// threads.
Buckets train_buckets(MatrixView<const float> residuals, size_t nbits, ThreadPool& pool);

}  // namespace maxsimd
