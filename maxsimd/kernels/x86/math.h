// GELU and 2^x on vectors. The polynomials are fitted by scripts/fit_polynomials.py.
#pragma once

#include "maxsimd/kernels/x86/raw.h"

namespace maxsimd::kernels::x86 {
namespace {

/// c[0] + x (c[1] + x (c[2] + ...)).
template <class S, size_t N>
MAXSIMD_INLINE typename S::Float polynomial(typename S::Float x, const float (&c)[N]) {
  typename S::Float y = S::set1(c[N - 1]);
  MAXSIMD_UNROLL
  for (size_t i = N - 1; i > 0; --i) y = S::fma(y, x, S::set1(c[i - 1]));
  return y;
}

// P(u)^8 ~ Phi(-u) = erfc(u / sqrt 2) / 2 on [0, 6]: the eighth root is smooth enough for degree 8
// and keeps the relative error small in the tail. Phi(-6) * 6 = 6e-9 is taken for all larger u.
constexpr float kNormalTailRoot[] = {0.91700405F,     -0.09145764F,   -0.031927306F,
                                     -0.0006732223F,  0.0015055094F,  3.3695665e-05F,
                                     -6.0078484e-05F, 7.4512295e-06F, -2.9405254e-07F};
constexpr float kNormalTailLimit = 6.0F;

/// x Phi(x) = max(x, 0) - u Phi(-u) with u = |x|. |error| <= 2.5e-7 on [-8, 8]; NaN stays NaN.
template <class S>
MAXSIMD_INLINE typename S::Float gelu(typename S::Float x) {
  const auto u = S::min(S::abs(x), S::set1(kNormalTailLimit));
  auto tail = polynomial<S>(u, kNormalTailRoot);
  tail = S::mul(tail, tail);
  tail = S::mul(tail, tail);
  tail = S::mul(tail, tail);
  return S::fnma(u, tail, S::max(S::zero(), x));
}

// 2^f ~ 1 + f P(f) on [-1/2, 1/2], relative error 9.2e-8.
constexpr float kExp2[] = {1.0F, 0.693147F, 0.24022242F, 0.055507336F, 0.009671513F, 0.0013264727F};
// Adding it rounds to an integer, which then sits in the low bits.
constexpr float kRoundToInteger = 0x1.8p23F;
// Below, 2^x counts as 2^-126: nothing beside a largest softmax weight of 1.
constexpr float kExp2Lowest = -126.0F;

/// 2^(x * factor) for x <= 0 < factor, relative error <= 2e-7; `lowest` is kExp2Lowest / factor.
/// The product is not rounded before it is split into integer and fraction.
template <class S>
MAXSIMD_INLINE typename S::Float exp2_scaled(typename S::Float x, typename S::Float factor,
                                             typename S::Float lowest) {
  const auto magic = S::set1(kRoundToInteger);
  x = S::max(x, lowest);
  const auto shifted = S::fma(x, factor, magic);
  const auto fraction = S::fms(x, factor, S::sub(shifted, magic));
  return S::add_exponent(polynomial<S>(fraction, kExp2), shifted);
}

}  // namespace
}  // namespace maxsimd::kernels::x86
