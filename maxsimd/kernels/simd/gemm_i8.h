// GEMM over int8 weights and the rows it reads: unsigned bytes with a scale and a zero point a row,
//   x ~ scale * (u - zero),   y = scale * weight_scale * (sum(u w) - zero * sum(w)).
// The sums are exact integers, so every instruction set gives the same bits up to the bias.
#pragma once

#include "maxsimd/kernels/simd/gemm.h"
#include "maxsimd/kernels/simd/products.h"

namespace maxsimd::kernels::simd {
namespace {

template <class S, class P>
struct I8Inputs {
  using Product = P;
  const void* a;
  const PanelsI8& weights;

  MAXSIMD_INLINE size_t n() const { return weights.n; }
  MAXSIMD_INLINE size_t steps() const { return weights.k / P::kGroup; }
  MAXSIMD_INLINE const char* panel(size_t column) const {
    const char* data = sizeof(typename P::PanelElement) == 1
                           ? reinterpret_cast<const char*>(weights.data)
                           : reinterpret_cast<const char*>(weights.pairs);
    return data + column / kPanelColumns * steps() * kStepBytes + column % kPanelColumns * 4;
  }
  MAXSIMD_INLINE size_t row_bytes() const {
    return coded_row_bytes(weights.k * sizeof(typename P::Element));
  }
  MAXSIMD_INLINE const char* row(size_t r) const {
    return static_cast<const char*>(a) + r * row_bytes();
  }
  MAXSIMD_INLINE bool gapless() const { return true; }

  template <size_t M>
  MAXSIMD_INLINE void multiply(typename S::Float (&result)[M][2], size_t r, size_t column,
                               const Ahead& ahead) const {
    using Element = typename P::Element;
    const char* rows = row(r);
    const size_t stride = row_bytes();
    typename S::Int sum[M][2];
    fill_tile(sum, S::set1_int(0), S::set1_int(0));
    multiply_tile_ahead<P>(
        sum, reinterpret_cast<const Element*>(rows + kCodedHeader), stride / sizeof(Element),
        reinterpret_cast<const typename P::PanelElement*>(panel(column)), steps(), ahead);
    // bias = -128 * sum(w)
    const auto minus_sum0 = S::shift_right_int(S::load_int(weights.bias + column), 7);
    const auto minus_sum1 = S::shift_right_int(S::load_int(weights.bias + column + S::kWidth), 7);
    const auto scale0 = S::load(weights.scales + column);
    const auto scale1 = S::load(weights.scales + column + S::kWidth);
    MAXSIMD_UNROLL
    for (size_t i = 0; i < M; ++i) {
      const auto* header = reinterpret_cast<const CodedRow*>(rows + i * stride);
      const auto zero = S::set1_int(header->zero);
      const auto scale = S::set1(header->scale);
      const auto exact0 = S::add_int(sum[i][0], S::multiply_int(zero, minus_sum0));
      const auto exact1 = S::add_int(sum[i][1], S::multiply_int(zero, minus_sum1));
      result[i][0] = S::mul(S::mul(S::to_float(exact0), scale0), scale);
      result[i][1] = S::mul(S::mul(S::to_float(exact1), scale1), scale);
    }
  }
};

template <class S, class P>
void gemm_i8(const void* a, size_t rows, const PanelsI8& weights, size_t panel_begin,
             size_t panel_end, const Epilogue& epilogue, float* c, size_t c_stride) noexcept {
  gemm<S>(I8Inputs<S, P>{a, weights}, rows, panel_begin, panel_end, epilogue, c, c_stride);
}

/// The largest values of x and of -x (0 at least), and NaN where a value is not finite, else 0.
struct RowRange {
  float highest, lowest, poison;
};

template <class S>
MAXSIMD_INLINE RowRange range_of(const float* row, size_t cols) {
  auto highest = S::zero();
  auto lowest = S::zero();
  auto poison = S::zero();
  for_vectors<S>(cols, [&](size_t i, auto lanes) {
    const auto x = lanes.load(row + i);
    highest = S::max(x, highest);
    lowest = S::max(S::sub(S::zero(), x), lowest);
    poison = S::fma(x, S::zero(), poison);
  });
  return {S::highest(highest), S::highest(lowest), S::sum(poison)};
}

/// Signed bytes, for CPUs that multiply no others, hold u - 128; the row's zero point moves along.
template <class Element>
constexpr int32_t kCodeOffset = 0;
template <>
constexpr int32_t kCodeOffset<int8_t> = 128;

/// Codes rows as Element: bytes, or int16 for products of pairs.
template <class S, class Element>
void code_rows_i8(const float* x, size_t stride, size_t rows, size_t cols, void* out) noexcept {
  const size_t row_bytes = coded_row_bytes((cols + 3) / 4 * 4 * sizeof(Element));
  for (size_t r = 0; r < rows; ++r) {
    char* coded = static_cast<char*>(out) + r * row_bytes;
    auto* values = reinterpret_cast<Element*>(coded + kCodedHeader);
    const float* row = x + r * stride;
    const RowRange range = range_of<S>(row, cols);
    const float width = range.highest + range.lowest;
    auto* header = reinterpret_cast<CodedRow*>(coded);
    header->scale = width / 255.0F + range.poison;
    header->zero = 0;
    if (width < kSmallestRange || range.poison != range.poison) {
      __builtin_memset(values, 0, row_bytes - kCodedHeader);
      if (range.poison == range.poison) header->scale = 0.0F;
      continue;
    }
    const float inverse = 255.0F / width;
    header->zero = S::to_nearest(range.lowest * inverse);
    const auto factor = S::set1(inverse);
    const auto zero = S::set1_int(header->zero);
    header->zero -= kCodeOffset<Element>;
    for_vectors<S>(cols, [&](size_t i, auto lanes) {
      const auto u = S::add_int(S::to_int(S::mul(lanes.load(row + i), factor)), zero);
      S::store_unsigned(values + i, u);  // a whole vector: rows end with room for it
    });
  }
}

}  // namespace
}  // namespace maxsimd::kernels::simd
