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
  /// A row attends to those of the attended rows that are at most so many away; a row without any
  /// gets a context of 0.
  size_t window = kernels::kNoWindow;
};

/// qkv [T, 3 * H] (query | key | value, each num_heads of head_dim) -> context [T, H]. All rows of
/// a sequence attend to its first `attended` rows; sequences lie one after another and cover qkv.
///
/// float32 on a CPU: by the kernels room, on LibTorch's threads, a range of heads of a sequence at
/// a time. Neither pass holds a matrix of probabilities; the backward pass works them out again,
/// from qkv, the context and two floats a row and head. A call with dropout draws one seed from
/// LibTorch's default generator, on which its mask depends, with the sequences' order; results
/// depend on nothing else, the number of threads least. Cannot be differentiated twice.
///
/// Throws std::invalid_argument: sizes that do not fit, a rate that is none.
at::Tensor packed_attention(const at::Tensor& qkv, std::span<const Sequence> sequences,
                            const AttentionOptions& options);

/// The same by LibTorch's operators over padded groups of sequences: the oracle, and on a GPU the
/// way of what its kernels do not take.
at::Tensor padded_attention(const at::Tensor& qkv, std::span<const Sequence> sequences,
                            const AttentionOptions& options);

}  // namespace maxsimd::training
