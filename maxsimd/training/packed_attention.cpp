#include "maxsimd/training/packed_attention.h"

namespace maxsimd::training {

at::Tensor packed_attention(const at::Tensor& qkv, std::span<const Sequence> sequences,
                            const AttentionOptions& options) {
  return padded_attention(qkv, sequences, options);
}

}  // namespace maxsimd::training
