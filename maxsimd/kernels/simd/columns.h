// Packing the columns of a matrix as panels, and transposing: what products with a transposed
// matrix (a weight's gradient, the gradient of a layer's inputs) need beside the GEMM.
#pragma once

#include "maxsimd/kernels/simd/attention.h"

namespace maxsimd::kernels::simd {
namespace {

template <class S>
void pack_columns_f32(const float* x, size_t stride, size_t k, size_t cols,
                      float* panels) noexcept {
  pack_values<S>(x, stride, k, cols, panels);
}

template <class S>
void pack_columns_bf16(const float* x, size_t stride, size_t k, size_t cols,
                       uint16_t* panels) noexcept {
  for (size_t column = 0; column < cols; column += kPanelColumns) {
    const size_t width = cols - column < kPanelColumns ? cols - column : kPanelColumns;
    for (size_t i = 0; i < k; i += 2, panels += 2 * kPanelColumns) {
      uint32_t bits[2][kPanelColumns] = {};
      for (size_t odd = 0; odd < 2 && i + odd < k; ++odd) {
        const float* row = x + (i + odd) * stride + column;
        float rounded[kPanelColumns] = {};
        for_vectors<S>(width, [&](size_t j, auto lanes) {
          lanes.store(rounded + j, S::round_to_bf16(lanes.load(row + j)));
        });
        __builtin_memcpy(bits[odd], rounded, sizeof(rounded));
      }
      uint32_t pairs[kPanelColumns];
      for (size_t j = 0; j < kPanelColumns; ++j) pairs[j] = bits[0][j] >> 16 | bits[1][j];
      __builtin_memcpy(panels, pairs, sizeof(pairs));
    }
  }
}

template <class S>
void transpose_f32(const float* x, size_t stride, size_t rows, size_t cols, float* out,
                   size_t out_stride) noexcept {
  constexpr size_t kBlock = S::kTransposed;
  const size_t blocked_rows = rows / kBlock * kBlock;
  const size_t blocked_cols = cols / kBlock * kBlock;
  for (size_t c = 0; c < blocked_cols; c += kBlock) {
    for (size_t r = 0; r < blocked_rows; r += kBlock) {
      S::transpose(x + r * stride + c, stride, out + c * out_stride + r, out_stride);
    }
  }
  for (size_t r = 0; r < rows; ++r) {
    for (size_t c = r < blocked_rows ? blocked_cols : 0; c < cols; ++c) {
      out[c * out_stride + r] = x[r * stride + c];
    }
  }
}

}  // namespace
}  // namespace maxsimd::kernels::simd
