// Softmax(Q K^T / sqrt(d)) V within each sequence of a packed batch, with dropout of the
// probabilities (Vaswani et al. 2017), differentiable.
#pragma once

#include <ATen/core/Tensor.h>

#include <span>

#include "maxsimd/encoder/encoder.h"

namespace maxsimd::training {

struct AttentionOptions {
  int64_t num_heads = 1;
  double dropout = 0;  // of the probabilities; 0 outside training
};

/// qkv [T, 3 * H] (query | key | value, each num_heads of head_dim) -> context [T, H]. All rows of a
/// sequence attend to its first `attended` rows.
at::Tensor packed_attention(const at::Tensor& qkv, std::span<const Sequence> sequences,
                            const AttentionOptions& options);

/// The same by LibTorch's operators over padded groups of sequences: the oracle, and the way of
/// devices other than the CPU.
at::Tensor padded_attention(const at::Tensor& qkv, std::span<const Sequence> sequences,
                            const AttentionOptions& options);

}  // namespace maxsimd::training
