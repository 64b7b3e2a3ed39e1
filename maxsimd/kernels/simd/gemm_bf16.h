// GEMM over bfloat16 weights, sums in float32, and the rows it reads.
#pragma once

#include "maxsimd/kernels/simd/gemm.h"
#include "maxsimd/kernels/simd/products.h"

namespace maxsimd::kernels::simd {
namespace {

/// Rows as the product wants them: pairs of bfloat16, or their values as floats.
template <class S, class P>
struct Bf16Inputs {
  using Product = P;
  const void* a;
  const PanelsBf16& weights;

  MAXSIMD_INLINE size_t n() const { return weights.n; }
  MAXSIMD_INLINE size_t steps() const { return weights.steps; }
  MAXSIMD_INLINE const char* panel(size_t column) const {
    return reinterpret_cast<const char*>(weights.data) +
           column / kPanelColumns * weights.steps * kStepBytes + column % kPanelColumns * 4;
  }
  MAXSIMD_INLINE size_t row_bytes() const {
    return coded_row_bytes(2 * weights.steps * sizeof(typename P::Element));
  }
  MAXSIMD_INLINE const char* row(size_t r) const {
    return static_cast<const char*>(a) + r * row_bytes();
  }
  MAXSIMD_INLINE bool gapless() const { return true; }

  template <size_t M>
  MAXSIMD_INLINE void multiply(typename S::Float (&sum)[M][2], size_t r, size_t column,
                               const Ahead& ahead) const {
    using Element = typename P::Element;
    fill_tile(sum, S::zero(), S::zero());
    multiply_tile_ahead<P>(
        sum, reinterpret_cast<const Element*>(row(r) + kCodedHeader), row_bytes() / sizeof(Element),
        reinterpret_cast<const typename P::PanelElement*>(panel(column)), steps(), ahead);
  }
};

template <class S, class P>
void gemm_bf16(const void* a, size_t rows, const PanelsBf16& weights, size_t panel_begin,
               size_t panel_end, const Epilogue& epilogue, float* c, size_t c_stride) noexcept {
  gemm<S>(Bf16Inputs<S, P>{a, weights}, rows, panel_begin, panel_end, epilogue, c, c_stride);
}

/// For WidenedProduct: the rows stay floats, rounded to what bfloat16 can hold.
template <class S>
void code_rows_bf16(const float* x, size_t stride, size_t rows, size_t cols, void* out) noexcept {
  const size_t row_bytes = coded_row_bytes((cols + 1) / 2 * 2 * sizeof(float));
  for (size_t r = 0; r < rows; ++r) {
    char* coded = static_cast<char*>(out) + r * row_bytes;
    auto* values = reinterpret_cast<float*>(coded + kCodedHeader);
    const float* row = x + r * stride;
    if (cols % 2 != 0) values[cols] = 0.0F;  // meets a weight of 0, which NaN would survive
    for_vectors<S>(cols, [&](size_t i, auto lanes) {
      lanes.store(values + i, S::round_to_bf16(lanes.load(row + i)));
    });
  }
}

}  // namespace
}  // namespace maxsimd::kernels::simd
