// GELU and 2^x. The polynomials are fitted by scripts/fit_polynomials.py. Functions take N vectors
// and advance them together: one alone would wait for each of its operations.
#pragma once

#include "maxsimd/kernels/simd/raw.h"

namespace maxsimd::kernels::simd {
namespace {

// P(u)^8 ~ Phi(-u) = erfc(u / sqrt 2) / 2 on [0, 6]: the eighth root is smooth enough for degree 8
// and keeps the relative error small in the tail. Phi(-6) * 6 = 6e-9 is taken for all larger u.
constexpr float kNormalTailRoot[] = {0.91700405F,     -0.09145764F,   -0.031927306F,
                                     -0.0006732223F,  0.0015055094F,  3.3695665e-05F,
                                     -6.0078484e-05F, 7.4512295e-06F, -2.9405254e-07F};
constexpr float kNormalTailLimit = 6.0F;

/// Replaces N vectors x by x Phi(x) = max(x, 0) - u Phi(-u), u = |x|. |error| <= 2.5e-7 on [-8, 8];
/// NaN stays NaN.
template <class S, size_t N>
MAXSIMD_INLINE void gelu(typename S::Float (&x)[N]) {
  constexpr size_t kDegree = sizeof(kNormalTailRoot) / sizeof(float) - 1;
  typename S::Float u[N];
  typename S::Float tail[N];
  MAXSIMD_UNROLL
  for (size_t n = 0; n < N; ++n) {
    u[n] = S::min(S::abs(x[n]), S::set1(kNormalTailLimit));
    tail[n] = S::set1(kNormalTailRoot[kDegree]);
  }
  MAXSIMD_UNROLL
  for (size_t i = kDegree; i > 0; --i) {
    MAXSIMD_UNROLL
    for (size_t n = 0; n < N; ++n) {
      tail[n] = S::fma(tail[n], u[n], S::set1(kNormalTailRoot[i - 1]));
    }
  }
  MAXSIMD_UNROLL
  for (size_t power = 2; power <= 8; power *= 2) {
    MAXSIMD_UNROLL
    for (size_t n = 0; n < N; ++n) tail[n] = S::mul(tail[n], tail[n]);
  }
  MAXSIMD_UNROLL
  for (size_t n = 0; n < N; ++n) x[n] = S::fnma(u[n], tail[n], S::max(S::zero(), x[n]));
}

// 2^f ~ 1 + f P(f) on [-1/2, 1/2], relative error 9.2e-8.
constexpr float kExp2[] = {1.0F, 0.693147F, 0.24022242F, 0.055507336F, 0.009671513F, 0.0013264727F};
// Adding it rounds to an integer, which then sits in the low bits.
constexpr float kRoundToInteger = 0x1.8p23F;
// Below, 2^x counts as 2^-126: nothing beside a largest softmax weight of 1.
constexpr float kExp2Lowest = -126.0F;

/// Replaces N vectors x by 2^(x * factor) for x <= 0 < factor, relative error <= 2e-7; `lowest` is
/// kExp2Lowest / factor. The product is not rounded before it is split into integer and fraction.
template <class S, size_t N>
MAXSIMD_INLINE void exp2_scaled(typename S::Float (&x)[N], typename S::Float factor,
                                typename S::Float lowest) {
  constexpr size_t kDegree = sizeof(kExp2) / sizeof(float) - 1;
  const auto magic = S::set1(kRoundToInteger);
  typename S::Float shifted[N];
  typename S::Float y[N];
  MAXSIMD_UNROLL
  for (size_t n = 0; n < N; ++n) {
    x[n] = S::max(x[n], lowest);
    shifted[n] = S::fma(x[n], factor, magic);
    x[n] = S::fms(x[n], factor, S::sub(shifted[n], magic));
    y[n] = S::set1(kExp2[kDegree]);
  }
  MAXSIMD_UNROLL
  for (size_t i = kDegree; i > 0; --i) {
    MAXSIMD_UNROLL
    for (size_t n = 0; n < N; ++n) y[n] = S::fma(y[n], x[n], S::set1(kExp2[i - 1]));
  }
  MAXSIMD_UNROLL
  for (size_t n = 0; n < N; ++n) x[n] = S::add_exponent(y[n], shifted[n]);
}

}  // namespace
}  // namespace maxsimd::kernels::simd
