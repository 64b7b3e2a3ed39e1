// GEMM over packed weights with a fused epilogue. Rows are cut into blocks that stay in the L2
// cache; within a block every panel of weights is read once from wherever it lies, and meets all
// tiles of rows. The inner dimension is never cut.
#pragma once

#include "maxsimd/kernels/x86/math.h"
#include "maxsimd/kernels/x86/tile.h"

namespace maxsimd::kernels::x86 {
namespace {

constexpr size_t kRowBlock = 96;  // rows x k = 1536 floats: 576 KiB

/// The part of the output that a tile writes; pointers are at its first element.
struct TileOutput {
  float* c;
  size_t c_stride;
  const float* bias;      // or null
  const float* residual;  // or null
  size_t residual_stride;
  Activation activation;
  size_t columns;  // 1 .. 2 * kWidth
};

/// Adds bias and (when nothing comes between) residual, and stores.
template <class S, size_t M, class Lanes>
MAXSIMD_INLINE void store_tile(typename S::Float (&sum)[M][2], const TileOutput& out,
                               const Lanes& lanes0, const Lanes& lanes1) {
  auto bias0 = S::zero();
  auto bias1 = S::zero();
  if (out.bias != nullptr) {
    bias0 = lanes0.load(out.bias);
    bias1 = lanes1.load(out.bias + S::kWidth);
  }
  MAXSIMD_UNROLL
  for (size_t i = 0; i < M; ++i) {
    sum[i][0] = S::add(sum[i][0], bias0);
    sum[i][1] = S::add(sum[i][1], bias1);
  }
  if (out.residual != nullptr && out.activation == Activation::none) {
    MAXSIMD_UNROLL
    for (size_t i = 0; i < M; ++i) {
      const float* residual = out.residual + i * out.residual_stride;
      sum[i][0] = S::add(sum[i][0], lanes0.load(residual));
      sum[i][1] = S::add(sum[i][1], lanes1.load(residual + S::kWidth));
    }
  }
  MAXSIMD_UNROLL
  for (size_t i = 0; i < M; ++i) {
    lanes0.store(out.c + i * out.c_stride, sum[i][0]);
    lanes1.store(out.c + i * out.c_stride + S::kWidth, sum[i][1]);
  }
}

/// A second pass over the stored tile: in the first one, GELU would want the registers of the sums.
template <class S, class Lanes>
MAXSIMD_INLINE void activate_tile(size_t rows, const TileOutput& out, const Lanes& lanes0,
                                  const Lanes& lanes1) {
  for (size_t i = 0; i < rows; ++i) {
    float* c = out.c + i * out.c_stride;
    auto y0 = gelu<S>(lanes0.load(c));
    auto y1 = gelu<S>(lanes1.load(c + S::kWidth));
    if (out.residual != nullptr) {
      const float* residual = out.residual + i * out.residual_stride;
      y0 = S::add(y0, lanes0.load(residual));
      y1 = S::add(y1, lanes1.load(residual + S::kWidth));
    }
    lanes0.store(c, y0);
    lanes1.store(c + S::kWidth, y1);
  }
}

template <class S, size_t M, class Lanes>
MAXSIMD_INLINE void finish_tile(typename S::Float (&sum)[M][2], const TileOutput& out,
                                const Lanes& lanes0, const Lanes& lanes1) {
  store_tile<S>(sum, out, lanes0, lanes1);
  if (out.activation == Activation::gelu) activate_tile<S>(M, out, lanes0, lanes1);
}

template <class S, size_t M>
__attribute__((noinline)) void gemm_tile(const float* a, size_t a_stride, const float* panel,
                                         size_t k, const TileOutput& out) {
  typename S::Float sum[M][2];
  fill_tile(sum, S::zero(), S::zero());
  multiply_tile<FloatProduct<S>>(sum, a, a_stride, panel, k);
  if (out.columns == 2 * S::kWidth) {
    finish_tile<S>(sum, out, AllLanes<S>{}, AllLanes<S>{});
  } else {
    const size_t second = out.columns > S::kWidth ? out.columns - S::kWidth : 0;
    finish_tile<S>(sum, out, FirstLanes<S>{S::first_lanes(out.columns)},
                   FirstLanes<S>{S::first_lanes(second)});
  }
}

template <class S>
void gemm_f32(const float* a, size_t a_stride, size_t rows, const PanelsF32& weights,
              size_t panel_begin, size_t panel_end, const Epilogue& epilogue, float* c,
              size_t c_stride) noexcept {
  constexpr size_t kColumns = 2 * S::kWidth;
  const size_t column_end =
      panel_end * kPanelColumns < weights.n ? panel_end * kPanelColumns : weights.n;
  for_even_parts(rows, kRowBlock, [&](size_t block, size_t block_rows) {
    for (size_t n = panel_begin * kPanelColumns; n < column_end; n += kColumns) {
      const float* panel =
          weights.data + n / kPanelColumns * kPanelColumns * weights.k + n % kPanelColumns;
      for_even_parts(block_rows, S::kTileRows, [&](size_t tile, size_t tile_rows) {
        const size_t r = block + tile;
        const TileOutput out = {c + r * c_stride + n,
                                c_stride,
                                epilogue.bias == nullptr ? nullptr : epilogue.bias + n,
                                epilogue.residual == nullptr
                                    ? nullptr
                                    : epilogue.residual + r * epilogue.residual_stride + n,
                                epilogue.residual_stride,
                                epilogue.activation,
                                column_end - n < kColumns ? column_end - n : kColumns};
        with_rows<S>(tile_rows, [&](auto m) {
          gemm_tile<S, decltype(m)::kCount>(a + r * a_stride, a_stride, panel, weights.k, out);
        });
      });
    }
  });
}

}  // namespace
}  // namespace maxsimd::kernels::x86
