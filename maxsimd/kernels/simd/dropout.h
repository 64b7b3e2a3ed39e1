// Dropout of attention weights in vectors: the masks of kernels/dropout.h, bit for bit.
#pragma once

#include "maxsimd/kernels/dropout.h"
#include "maxsimd/kernels/simd/raw.h"

namespace maxsimd::kernels::simd {
namespace {

constexpr int32_t kLanes[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

/// The dropout of one row. bits(column) is of the columns [column, column + kWidth); keep(x, bits)
/// is x with zeros where it was dropped.
template <class S>
struct DropoutRow {
  using Float = typename S::Float;
  using Int = typename S::Int;
  Int start;
  Int middle;
  Int limit;

  MAXSIMD_INLINE Int bits(size_t column) const {
    Int x = S::add_int(start, S::set1_int(static_cast<int32_t>(column)));
    x = S::xor_int(x, S::template shift_right_bits<kDropoutShift0>(x));
    x = S::multiply_int(x, S::set1_int(static_cast<int32_t>(kDropoutMultiplier0)));
    x = S::xor_int(x, S::template shift_right_bits<kDropoutShift1>(x));
    x = S::xor_int(x, middle);
    return S::multiply_int(x, S::set1_int(static_cast<int32_t>(kDropoutMultiplier1)));
  }
  MAXSIMD_INLINE Float keep(Float x, Int bits) const { return S::keep_if_not_less(x, bits, limit); }
  /// The weights of columns [column, column + count); count is a multiple of 2 * kWidth.
  MAXSIMD_INLINE void drop(float* weights, size_t column, size_t count) const {
    for (size_t t = 0; t < count; t += 2 * S::kWidth) {
      const Int bits0 = bits(column + t);
      const Int bits1 = bits(column + t + S::kWidth);
      S::store(weights + t, keep(S::load(weights + t), bits0));
      S::store(weights + t + S::kWidth, keep(S::load(weights + t + S::kWidth), bits1));
    }
  }
};

template <class S>
struct Dropout {
  const AttentionDropout& dropout;
  size_t head;

  MAXSIMD_INLINE DropoutRow<S> row(size_t r) const {
    const DropoutKey key = dropout_key(dropout, head, r);
    return {S::add_int(S::load_int(kLanes), S::set1_int(static_cast<int32_t>(key.start))),
            S::set1_int(static_cast<int32_t>(key.middle)),
            S::set1_int(dropout_limit(dropout.rate))};
  }
  /// What a kept probability counts.
  MAXSIMD_INLINE float scale() const { return 1.0F / (1.0F - dropout.rate); }
  MAXSIMD_INLINE float inverse_scale() const { return 1.0F - dropout.rate; }
};

/// Keeps all.
template <class S>
struct NoDropout {
  struct Row {
    struct Bits {};
    MAXSIMD_INLINE Bits bits(size_t) const { return {}; }
    MAXSIMD_INLINE typename S::Float keep(typename S::Float x, Bits) const { return x; }
    template <class Weight>
    MAXSIMD_INLINE void drop(Weight*, size_t, size_t) const {}
  };
  MAXSIMD_INLINE Row row(size_t) const { return {}; }
  MAXSIMD_INLINE float scale() const { return 1.0F; }
  MAXSIMD_INLINE float inverse_scale() const { return 1.0F; }
};

}  // namespace
}  // namespace maxsimd::kernels::simd
