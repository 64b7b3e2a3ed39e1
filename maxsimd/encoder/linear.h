// A linear layer with packed weights and its split over threads. y = epilogue(x W^T + b).
#pragma once

#include <vector>

#include "maxsimd/base/thread_pool.h"
#include "maxsimd/base/types.h"
#include "maxsimd/encoder/precision.h"
#include "maxsimd/kernels/kernels.h"

namespace maxsimd {

class Linear {
 public:
  Linear() = default;
  /// weight [out_features, in_features]; bias [out_features] or empty. The table must
  /// outlive the layer. Throws std::invalid_argument: more than kMaxI8Inputs inputs in int8.
  Linear(MatrixView<const float> weight, std::vector<float> bias, Precision precision,
         const kernels::KernelTable& table);

  size_t in_features() const { return in_features_; }
  size_t out_features() const { return out_features_; }

  /// out [rows, out_features] = activation(x W^T + bias) + residual. `residual` [rows,
  /// out_features] or null; must not overlap `out`. `coded` is memory for x in a narrow format.
  /// Each output element is the same to the bit for any split.
  void apply(MatrixView<const float> x, float* out, kernels::Activation activation,
             const float* residual, AlignedBuffer<uint8_t>& coded, ThreadPool& pool) const;

 private:
  /// Rows of a narrow format, coded from x; null in f32.
  const uint8_t* code(MatrixView<const float> x, AlignedBuffer<uint8_t>& coded,
                      ThreadPool& pool) const;
  size_t coded_row_bytes() const;
  void multiply(MatrixView<const float> x, const uint8_t* coded, size_t panel_begin,
                size_t panel_end, const kernels::Epilogue& epilogue, float* out) const;

  const kernels::KernelTable* table_ = nullptr;
  Precision precision_ = Precision::f32;
  size_t in_features_ = 0;
  size_t out_features_ = 0;
  kernels::PackedF32 f32_;  // one of these holds the weights
  kernels::PackedBf16 bf16_;
  kernels::PackedI8 i8_;
  std::vector<float> bias_;
};

}  // namespace maxsimd
