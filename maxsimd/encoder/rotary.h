// Rotary position embedding (RoFormer, Su et al. 2021): the angles of every position, worked out as
// transformers does, in float32. It matters: at position 8192 another rounding of a frequency moves
// an angle by 5e-4.
#pragma once

#include <cstddef>
#include <vector>

namespace maxsimd {

/// Cosines and sines of position * theta^(-2i / head_dim), i = 0 .. head_dim / 2 - 1. Immutable.
class RotaryTable {
 public:
  /// REQUIRES: head_dim is even.
  RotaryTable(float theta, size_t head_dim, size_t positions);

  /// [positions, head_dim / 2]
  const float* cosines() const { return cosines_.data(); }
  const float* sines() const { return sines_.data(); }

 private:
  std::vector<float> cosines_, sines_;
};

}  // namespace maxsimd
