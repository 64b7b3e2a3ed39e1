// The three matrix products of a linear layer and its gradients on the CPU, by the kernels room's
// GEMMs: f32, or bf16 inputs with sums in float32. Work is split over LibTorch's threads; a result
// does not depend on their number. One call at a time.
#pragma once

#include <ATen/core/Tensor.h>

#include "maxsimd/encoder/precision.h"
#include "maxsimd/kernels/kernels.h"

namespace maxsimd::training {

class Products {
 public:
  /// precision: f32 or bf16.
  explicit Products(Precision precision, kernels::Isa isa = kernels::best_isa());

  /// y [T, n] = x [T, k] weight^T + bias, weight [n, k], bias [n] or undefined. All contiguous
  /// float32 tensors, here and below.
  at::Tensor forward(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) const;

  /// dx [T, k] = dy [T, n] weight.
  at::Tensor input_gradient(const at::Tensor& dy, const at::Tensor& weight) const;

  /// dweight [n, k] = dy^T x.
  at::Tensor weight_gradient(const at::Tensor& dy, const at::Tensor& x) const;

 private:
  struct Packed {
    kernels::PackedF32 f32;
    kernels::PackedBf16 bf16;
  };
  /// A float32 matrix [rows, stride] of which some columns are read.
  struct Rows {
    const float* data;
    size_t stride, rows, cols;
  };

  void pack_rows(const at::Tensor& weight, Packed& packed) const;
  void pack_columns(const Rows& x, Packed& packed) const;
  void multiply(const Rows& a, const Packed& b, const kernels::Epilogue& epilogue, float* c,
                size_t c_stride) const;
  at::Tensor multiply_all(const at::Tensor& x, const Packed& weight, size_t n,
                          const at::Tensor& bias) const;

  const kernels::KernelTable& table_;
  Precision precision_;
};

}  // namespace maxsimd::training
