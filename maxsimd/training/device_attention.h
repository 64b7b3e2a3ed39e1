// Attention of a packed batch by the kernels that LibTorch has for GPUs: sequences one after
// another, without padding (FlashAttention-2, Dao 2023, in bfloat16; memory-efficient attention,
// Rabe and Staats 2021, in float32).
#pragma once

#include "maxsimd/training/packed_attention.h"
#include "maxsimd/training/packed_batch.h"

namespace maxsimd::training {

/// As packed_attention(), of the batch's sequences. qkv float32 or bfloat16; the context has its
/// type. Dropout is drawn from the device's generator. Heads that the kernels do not take (a size
/// that is no multiple of 8, or above 256) and windows go through padded_attention().
at::Tensor device_attention(const at::Tensor& qkv, const PackedBatch& batch,
                            const AttentionOptions& options);

}  // namespace maxsimd::training
