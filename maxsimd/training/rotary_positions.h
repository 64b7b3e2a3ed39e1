// Rotary positions of queries and keys in a packed batch, differentiable (encoder/rotary.h). T =
// tokens, H = hidden size.
#pragma once

#include <ATen/core/Tensor.h>

#include "maxsimd/encoder/rotary.h"
#include "maxsimd/training/packed_batch.h"

namespace maxsimd::training {

/// Cosines and sines of every position, [positions, head_dim / 2], on the model's device.
struct RotaryTensors {
  at::Tensor cosines, sines;

  RotaryTensors(const RotaryTable& table, size_t head_dim, size_t positions, at::Device device);
};

/// qkv [T, 3 * H] with queries and keys turned by their positions. float32 on a CPU: by the kernels
/// room, on LibTorch's threads. REQUIRES: no sequence is longer than there are positions.
at::Tensor rotate(const at::Tensor& qkv, const PackedBatch& batch, int64_t num_heads,
                  const RotaryTensors& rotary);

/// The same by LibTorch's operators: the oracle, and the way of devices other than the CPU.
at::Tensor plain_rotate(const at::Tensor& qkv, const PackedBatch& batch, int64_t num_heads,
                        const RotaryTensors& rotary);

}  // namespace maxsimd::training
