// A linear layer with packed weights and its split over threads. y = epilogue(x W^T + b).
#pragma once

#include <vector>

#include "maxsimd/base/thread_pool.h"
#include "maxsimd/base/types.h"
#include "maxsimd/encoder/precision.h"
#include "maxsimd/kernels/kernels.h"

namespace maxsimd {

/// In int8 the inputs are coded in slices of this many, each with a scale and a zero point of its
/// own: an outlier makes its slice of its token coarse, nothing else. A multiple of 4.
inline constexpr size_t kI8Slice = 128;

class Linear {
 public:
  Linear() = default;
  /// weight [out_features, in_features]; bias [out_features] or empty. The table must
  /// outlive the layer.
  Linear(MatrixView<const float> weight, std::vector<float> bias, Precision precision,
         const kernels::KernelTable& table);

  size_t in_features() const { return in_features_; }
  size_t out_features() const { return out_features_; }

  /// out [rows, out_features] = activation(x W^T + bias) + residual. `residual` [rows,
  /// out_features] or null; must not overlap `out`. `coded` is memory for x in a narrow format.
  /// Each output element is the same to the bit for any split.
  void apply(MatrixView<const float> x, float* out, kernels::Activation activation,
             const float* residual, AlignedBuffer<uint8_t>& coded, ThreadPool& pool) const;

  /// out = gelu(x W^T + bias) * gates, where gates [rows, out_features], written, are what `gate`,
  /// a layer of the same shape and precision, gives of x (GeGLU; Shazeer 2020).
  void apply_gated(const Linear& gate, MatrixView<const float> x, float* gates, float* out,
                   AlignedBuffer<uint8_t>& coded, ThreadPool& pool) const;

 private:
  void pack_i8_slices(MatrixView<const float> weight);
  /// Codes x into `coded` in a narrow format; nothing in f32. Rows lie slice by slice.
  void code(MatrixView<const float> x, AlignedBuffer<uint8_t>& coded, ThreadPool& pool) const;
  size_t slice_width(size_t slice) const;
  size_t coded_row_bytes(size_t slice) const;

  /// What one task does: rows [row, row + rows) of x and panels [panel_begin, panel_end).
  struct Part {
    size_t row, rows, panel_begin, panel_end;
  };
  /// Calls run(part) for all parts of the output, on the pool.
  template <class Run>
  void for_parts(size_t rows, ThreadPool& pool, const Run& run) const;
  const float* bias_or_null() const { return bias_.empty() ? nullptr : bias_.data(); }
  void multiply(MatrixView<const float> x, const uint8_t* coded, const Part& part,
                const kernels::Epilogue& epilogue, float* out) const;
  void multiply_slices(const uint8_t* coded, size_t all_rows, const Part& part,
                       const kernels::Epilogue& epilogue, float* out) const;

  const kernels::KernelTable* table_ = nullptr;
  Precision precision_ = Precision::f32;
  size_t in_features_ = 0;
  size_t out_features_ = 0;
  kernels::PackedF32 f32_;  // one of these holds the weights
  kernels::PackedBf16 bf16_;
  std::vector<kernels::PackedI8> i8_;  // one a slice of the inputs
  std::vector<float> bias_;
};

}  // namespace maxsimd
