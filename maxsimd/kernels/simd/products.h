// What the micro-kernel of tile.h multiplies besides floats, in forms that every instruction set
// has. Some have products of their own (avx512_vnni.cpp, avx512_bf16.cpp, neon.cpp,
// neon_dotprod.cpp).
#pragma once

#include "maxsimd/kernels/simd/tile.h"

namespace maxsimd::kernels::simd {
namespace {

/// The four bytes that all columns of a step meet.
MAXSIMD_INLINE int32_t load_step(const void* p) {
  int32_t step;
  __builtin_memcpy(&step, p, sizeof(step));
  return step;
}

/// int16 x int16 to int32, for CPUs without vpdpbusd. (vpmaddubsw would saturate.)
template <class S>
struct PairProduct {
  using Element = int16_t;
  using PanelElement = int16_t;
  using Vector = typename S::Int;
  static constexpr size_t kGroup = 2;
  static constexpr size_t kParts = 1;

  static MAXSIMD_INLINE Vector load(const int16_t* p, size_t) { return S::load_int(p); }
  static MAXSIMD_INLINE Vector broadcast(const int16_t* p, size_t) {
    return S::set1_int(load_step(p));
  }
  static MAXSIMD_INLINE Vector accumulate(Vector sum, Vector a, Vector b) {
    return S::add_int(sum, S::multiply_pairs(a, b));
  }
};

/// float x bfloat16, for CPUs without a product of bfloat16 pairs: of each pair of weights first
/// the even one is widened to a float, then the odd one.
template <class S>
struct WidenedProduct {
  using Element = float;
  using PanelElement = uint16_t;
  using Vector = typename S::Float;
  static constexpr size_t kGroup = 2;
  static constexpr size_t kParts = 2;

  static MAXSIMD_INLINE Vector load(const uint16_t* p, size_t part) {
    return part == 0 ? S::even_bf16(p) : S::odd_bf16(p);
  }
  static MAXSIMD_INLINE auto broadcast(const float* p, size_t part) {
    return S::broadcast(p + part);
  }
  template <class Factor>
  static MAXSIMD_INLINE Vector accumulate(Vector sum, Factor a, Vector b) {
    return S::fma(a, b, sum);
  }
};

}  // namespace
}  // namespace maxsimd::kernels::simd
