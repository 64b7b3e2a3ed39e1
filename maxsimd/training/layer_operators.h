// The operators that the layers of a model are made of: on a CPU those of the kernels room, on a
// GPU LibTorch's. Which, and in what precision, is decided here once for a forward pass. T =
// tokens, H = hidden size. One thread at a time.
#pragma once

#include "maxsimd/training/differentiable_encoder.h"
#include "maxsimd/training/linear_functions.h"
#include "maxsimd/training/packed_attention.h"
#include "maxsimd/training/packed_batch.h"
#include "maxsimd/training/rotary_positions.h"
#include "maxsimd/training/sublayer.h"

namespace maxsimd::training {

class LayerOperators {
 public:
  LayerOperators(const ForwardOptions& options, at::Device device)
      : precision_(options.precision), plain_(options.plain_operators || !device.is_cpu()) {}

  /// linear_functions.h. On a GPU with bf16 the results are bfloat16.
  at::Tensor linear(const at::Tensor& x, const LinearWeights& layer) const;
  at::Tensor feed_forward(const at::Tensor& x, const LinearWeights& inner,
                          const LinearWeights& outer) const;
  at::Tensor gated_feed_forward(const at::Tensor& x, const LinearWeights& inner,
                                const LinearWeights& outer, double dropout) const;
  /// rotary_positions.h.
  at::Tensor rotate(const at::Tensor& qkv, const PackedBatch& batch, int64_t num_heads,
                    const RotaryTensors& rotary) const;
  /// packed_attention.h, of the batch's sequences.
  at::Tensor attention(const at::Tensor& qkv, const PackedBatch& batch,
                       const AttentionOptions& options) const;
  /// sublayer.h. float32.
  at::Tensor add_norm(const at::Tensor& change, const at::Tensor& residual,
                      const LayerNormWeights& norm, double dropout) const;

 private:
  Precision precision_;
  bool plain_;
};

}  // namespace maxsimd::training
