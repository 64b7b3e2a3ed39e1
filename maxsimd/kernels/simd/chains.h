// Sums that are the same whatever the width of a vector: sixteen chains, term i in chain i mod 16,
// and halves added to one another until one is left.
#pragma once

#include "maxsimd/kernels/simd/tile.h"

namespace maxsimd::kernels::simd {
namespace {

template <class S>
struct Chains {
  static constexpr size_t kChains = 16;
  static constexpr size_t kParts = kChains / S::kWidth;

  typename S::Float part[kParts];

  MAXSIMD_INLINE Chains() {
    MAXSIMD_UNROLL
    for (size_t j = 0; j < kParts; ++j) part[j] = S::zero();
  }
  /// Terms i, a multiple of the width, and following. Lanes without a term hold 0.
  MAXSIMD_INLINE void add(size_t i, typename S::Float terms) {
    typename S::Float& sum = part[i / S::kWidth % kParts];
    sum = S::add(sum, terms);
  }
  MAXSIMD_INLINE float total() {
    MAXSIMD_UNROLL
    for (size_t half = kParts / 2; half > 0; half /= 2) {
      for (size_t j = 0; j < half; ++j) part[j] = S::add(part[j], part[j + half]);
    }
    return S::sum(part[0]);
  }
};

template <class S>
MAXSIMD_INLINE float squared_distance(const float* x, const float* y, size_t dim) {
  constexpr size_t kChains = Chains<S>::kChains;
  Chains<S> sum;
  size_t i = 0;
  for (; i + kChains <= dim; i += kChains) {
    MAXSIMD_UNROLL
    for (size_t j = 0; j < kChains; j += S::kWidth) {
      const auto difference = S::sub(S::load(x + i + j), S::load(y + i + j));
      sum.add(j, S::mul(difference, difference));
    }
  }
  MAXSIMD_UNROLL
  for (size_t j = 0; j < kChains; j += S::kWidth) {
    if (i + j >= dim) break;
    const auto lanes = S::first_lanes(dim - i - j);
    const auto difference = S::sub(S::load(x + i + j, lanes), S::load(y + i + j, lanes));
    sum.add(j, S::mul(difference, difference));
  }
  return sum.total();
}

}  // namespace
}  // namespace maxsimd::kernels::simd
