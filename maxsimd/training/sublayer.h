// The end of a transformer's sublayer: LayerNorm(dropout(change) + residual), differentiable
// (Vaswani et al. 2017). T = tokens, H = hidden size.
#pragma once

#include <ATen/core/Tensor.h>

namespace maxsimd::training {

struct LayerNormWeights {
  at::Tensor weight, bias;  // [H]
  double eps = 1e-12;
};

/// change, residual [T, H] -> [T, H]. float32 on a CPU: by the kernels room, on LibTorch's threads,
/// in one pass; results do not depend on their number. With dropout a call draws one seed from
/// LibTorch's default generator, on which its mask depends alone. Cannot be differentiated twice.
at::Tensor add_norm(const at::Tensor& change, const at::Tensor& residual,
                    const LayerNormWeights& norm, double dropout);

/// The same by LibTorch's operators: the oracle, and the way of GPUs, where `change` may be bf16.
at::Tensor plain_add_norm(const at::Tensor& change, const at::Tensor& residual,
                          const LayerNormWeights& norm, double dropout);

}  // namespace maxsimd::training
