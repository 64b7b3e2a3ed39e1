// Linear layers of the differentiable model. On the CPU their products run in Products; on GPUs,
// and as the oracle, in LibTorch's operators. T = tokens.
#pragma once

#include <ATen/core/Tensor.h>

#include "maxsimd/encoder/precision.h"

namespace maxsimd::training {

struct LinearWeights {
  at::Tensor weight;  // [n, k]
  at::Tensor bias;    // [n], or undefined
};

/// x [T, k] weight^T + bias, float32. precision: f32 or bf16 (inputs of products rounded, sums in
/// float32).
at::Tensor linear(const at::Tensor& x, const LinearWeights& layer, Precision precision);

/// linear(gelu(linear(x, inner)), outer) with BERT's erf form. Keeps the inner layer's result for
/// the backward pass, with bf16 products in bf16, and works out its gelu again.
at::Tensor feed_forward(const at::Tensor& x, const LinearWeights& inner, const LinearWeights& outer,
                        Precision precision);

struct GatedOptions {
  Precision precision = Precision::f32;
  double dropout = 0;  // of the gated values
};

/// GeGLU: linear(dropout(gelu(a) * b), outer) where a | b = linear(x, inner), b the gate (Shazeer
/// 2020). Without dropout it keeps of its own results what feed_forward does.
at::Tensor gated_feed_forward(const at::Tensor& x, const LinearWeights& inner,
                              const LinearWeights& outer, const GatedOptions& options);

/// The same by LibTorch's operators, on any device. With bf16 they are what autocast makes of them:
/// inputs, weights and results are bfloat16.
at::Tensor plain_linear(const at::Tensor& x, const LinearWeights& layer, Precision precision);
at::Tensor plain_feed_forward(const at::Tensor& x, const LinearWeights& inner,
                              const LinearWeights& outer, Precision precision);
at::Tensor plain_gated_feed_forward(const at::Tensor& x, const LinearWeights& inner,
                                    const LinearWeights& outer, const GatedOptions& options);

}  // namespace maxsimd::training
