#include "maxsimd/training/layer_operators.h"

#include "maxsimd/training/device_attention.h"

namespace maxsimd::training {

at::Tensor LayerOperators::linear(const at::Tensor& x, const LinearWeights& layer) const {
  return plain_ ? plain_linear(x, layer, precision_) : training::linear(x, layer, precision_);
}

at::Tensor LayerOperators::feed_forward(const at::Tensor& x, const LinearWeights& inner,
                                        const LinearWeights& outer) const {
  return plain_ ? plain_feed_forward(x, inner, outer, precision_)
                : training::feed_forward(x, inner, outer, precision_);
}

at::Tensor LayerOperators::gated_feed_forward(const at::Tensor& x, const LinearWeights& inner,
                                              const LinearWeights& outer, double dropout) const {
  const GatedOptions options{precision_, dropout};
  return plain_ ? plain_gated_feed_forward(x, inner, outer, options)
                : training::gated_feed_forward(x, inner, outer, options);
}

at::Tensor LayerOperators::rotate(const at::Tensor& qkv, const PackedBatch& batch,
                                  int64_t num_heads, const RotaryTensors& rotary) const {
  return plain_ ? plain_rotate(qkv, batch, num_heads, rotary)
                : training::rotate(qkv, batch, num_heads, rotary);
}

at::Tensor LayerOperators::attention(const at::Tensor& qkv, const PackedBatch& batch,
                                     const AttentionOptions& options) const {
  return plain_ ? device_attention(qkv, batch, options)
                : packed_attention(qkv, batch.sequences, options);
}

at::Tensor LayerOperators::add_norm(const at::Tensor& change, const at::Tensor& residual,
                                    const LayerNormWeights& norm, double dropout) const {
  return plain_ ? plain_add_norm(change, residual, norm, dropout)
                : training::add_norm(change, residual, norm, dropout);
}

}  // namespace maxsimd::training
