// A linear layer with packed weights and its split over threads. y = epilogue(x W^T + b).
#pragma once

#include <vector>

#include "maxsimd/base/thread_pool.h"
#include "maxsimd/base/types.h"
#include "maxsimd/kernels/kernels.h"

namespace maxsimd {

class Linear {
 public:
  Linear() = default;
  /// weight [out_features, in_features]; bias [out_features] or empty.
  Linear(MatrixView<const float> weight, std::vector<float> bias)
      : weight_(weight), bias_(std::move(bias)) {}

  size_t in_features() const { return weight_.k(); }
  size_t out_features() const { return weight_.n(); }

  /// out [rows, out_features] = activation(x W^T + bias) + residual. `residual` [rows,
  /// out_features] or null; must not overlap `out`. Each output element is the same to the bit for
  /// any split.
  void apply(const kernels::KernelTable& table, MatrixView<const float> x, float* out,
             kernels::Activation activation, const float* residual, ThreadPool& pool) const;

 private:
  kernels::PackedF32 weight_;
  std::vector<float> bias_;
};

}  // namespace maxsimd
