// GEMM over packed weights with a fused epilogue, whatever the elements are, and the one of floats.
// Rows are cut into blocks that stay in the L2 cache; within a block every panel of weights is read
// once from wherever it lies, and meets all tiles of rows. The inner dimension is never cut.
//
// What is multiplied is an `Inputs`, which has
//   n(), steps()                      outputs; steps of the inner dimension, of four bytes each
//   panel(column)                     the weights from there on
//   row(r), row_bytes(), gapless()    rows; whether nothing lies between them
//   multiply<M>(sum, r, column, ahead)  the tile of rows [r, r + M) and two vectors of columns
#pragma once

#include "maxsimd/kernels/simd/math.h"
#include "maxsimd/kernels/simd/tile.h"

namespace maxsimd::kernels::simd {
namespace {

constexpr size_t kRowBlock = 96;  // rows x k = 1536 floats: 576 KiB

/// The part of the output that a tile writes; pointers are at its first element.
struct TileOutput {
  float* c;
  size_t c_stride;
  bool accumulate;
  const float* bias;    // or null
  const float* factor;  // or null
  size_t factor_stride;
  const float* residual;  // or null
  size_t residual_stride;
  Activation activation;
  size_t columns;  // 1 .. 2 * kWidth
};

/// Adds what is there, bias and (when nothing comes between) residual, and stores.
template <class S, size_t M, class Lanes>
MAXSIMD_INLINE void store_tile(typename S::Float (&sum)[M][2], const TileOutput& out,
                               const Lanes& lanes0, const Lanes& lanes1) {
  if (out.accumulate) {
    MAXSIMD_UNROLL
    for (size_t i = 0; i < M; ++i) {
      sum[i][0] = S::add(sum[i][0], lanes0.load(out.c + i * out.c_stride));
      sum[i][1] = S::add(sum[i][1], lanes1.load(out.c + i * out.c_stride + S::kWidth));
    }
  }
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

/// GELU, factor and residual of N rows of the stored tile.
template <class S, size_t N, class Lanes>
MAXSIMD_INLINE void activate_rows(size_t first, const TileOutput& out, const Lanes& lanes0,
                                  const Lanes& lanes1) {
  typename S::Float x[2 * N];
  float* c = out.c + first * out.c_stride;
  MAXSIMD_UNROLL
  for (size_t i = 0; i < N; ++i) {
    x[2 * i] = lanes0.load(c + i * out.c_stride);
    x[2 * i + 1] = lanes1.load(c + i * out.c_stride + S::kWidth);
  }
  gelu<S>(x);
  MAXSIMD_UNROLL
  for (size_t i = 0; i < N; ++i) {
    if (out.factor != nullptr) {
      const float* factor = out.factor + (first + i) * out.factor_stride;
      x[2 * i] = S::mul(x[2 * i], lanes0.load(factor));
      x[2 * i + 1] = S::mul(x[2 * i + 1], lanes1.load(factor + S::kWidth));
    }
    if (out.residual != nullptr) {
      const float* residual = out.residual + (first + i) * out.residual_stride;
      x[2 * i] = S::add(x[2 * i], lanes0.load(residual));
      x[2 * i + 1] = S::add(x[2 * i + 1], lanes1.load(residual + S::kWidth));
    }
    lanes0.store(c + i * out.c_stride, x[2 * i]);
    lanes1.store(c + i * out.c_stride + S::kWidth, x[2 * i + 1]);
  }
}

/// A second pass over the stored tile: in the first one, GELU would want the registers of the sums.
template <class S, class Lanes>
MAXSIMD_INLINE void activate_tile(size_t rows, const TileOutput& out, const Lanes& lanes0,
                                  const Lanes& lanes1) {
  constexpr size_t kStep = S::kTileRows / 3;  // as many chains as the registers hold
  size_t i = 0;
  for (; i + kStep <= rows; i += kStep) activate_rows<S, kStep>(i, out, lanes0, lanes1);
  for (; i < rows; ++i) activate_rows<S, 1>(i, out, lanes0, lanes1);
}

template <class S, size_t M, class Lanes>
MAXSIMD_INLINE void finish_tile(typename S::Float (&sum)[M][2], const TileOutput& out,
                                const Lanes& lanes0, const Lanes& lanes1) {
  store_tile<S>(sum, out, lanes0, lanes1);
  if (out.activation == Activation::gelu) activate_tile<S>(M, out, lanes0, lanes1);
}

template <class S, size_t M, class Inputs>
__attribute__((noinline)) void gemm_tile(const Inputs& inputs, size_t row, size_t column,
                                         const TileOutput& out, const Ahead& ahead) {
  typename S::Float sum[M][2];
  inputs.template multiply<M>(sum, row, column, ahead);
  if (out.columns == 2 * S::kWidth) {
    finish_tile<S>(sum, out, AllLanes<S>{}, AllLanes<S>{});
  } else {
    const size_t second = out.columns > S::kWidth ? out.columns - S::kWidth : 0;
    finish_tile<S>(sum, out, FirstLanes<S>{S::first_lanes(out.columns)},
                   FirstLanes<S>{S::first_lanes(second)});
  }
}

template <class Inputs>
struct GemmCall {
  const Inputs& inputs;
  size_t rows;
  size_t column_end;
  const Epilogue& epilogue;
  float* c;
  size_t c_stride;
};

/// Rows [row, row + rows) of a block times the columns from `column`.
struct Block {
  size_t row;
  size_t rows;
  size_t column;
};

/// What tile number `tile` of a block fetches ahead. In a panel's first tiles: the next panel, then
/// the lines of the output that it will write. In a block's last panel: the next block's rows. It
/// is worth 3 to 6 % where weights or output do not fit into the L2 cache (bench_kernels).
template <class Inputs>
MAXSIMD_INLINE Ahead lines_ahead(const GemmCall<Inputs>& call, const Block& block, size_t tile,
                                 size_t tile_row, size_t tile_rows) {
  constexpr size_t kLine = 64;
  constexpr size_t kFewRows = 4;  // waiting for the weights anyway
  const Inputs& inputs = call.inputs;
  const size_t steps = inputs.steps();
  if (block.rows <= kFewRows) return {nullptr, 0, 0};
  const size_t next = (block.column / kPanelColumns + 1) * kPanelColumns;
  if (next >= call.column_end) {
    const size_t row = block.row + block.rows + tile_row;
    if (row + tile_rows > call.rows || !inputs.gapless()) return {nullptr, 0, 0};
    return {inputs.row(row), kLine, tile_rows * inputs.row_bytes() / kLine};
  }
  const char* panel = inputs.panel(next);
  const char* c = reinterpret_cast<const char*>(call.c + block.row * call.c_stride + next);
  switch (tile) {  // a panel has two lines a step
    case 0:
      return {panel, kLine, steps};
    case 1:
      return {panel + steps * kLine, kLine, steps};
    case 2:
      return {c, call.c_stride * sizeof(float), block.rows};
    case 3:
      return {c + kLine, call.c_stride * sizeof(float), block.rows};
    default:
      return {nullptr, 0, 0};
  }
}

MAXSIMD_INLINE const float* offset_or_null(const float* p, size_t offset) {
  return p == nullptr ? nullptr : p + offset;
}

template <class S, class Inputs>
MAXSIMD_INLINE void gemm_block(const GemmCall<Inputs>& call, const Block& block) {
  const size_t n = block.column;
  const size_t columns = call.column_end - n < 2 * S::kWidth ? call.column_end - n : 2 * S::kWidth;
  size_t tile = 0;
  for_even_parts(block.rows, S::kTileRows, [&](size_t tile_row, size_t tile_rows) {
    const size_t r = block.row + tile_row;
    const Epilogue& epilogue = call.epilogue;
    const TileOutput out = {call.c + r * call.c_stride + n,
                            call.c_stride,
                            epilogue.accumulate,
                            offset_or_null(epilogue.bias, n),
                            offset_or_null(epilogue.factor, r * epilogue.factor_stride + n),
                            epilogue.factor_stride,
                            offset_or_null(epilogue.residual, r * epilogue.residual_stride + n),
                            epilogue.residual_stride,
                            epilogue.activation,
                            columns};
    const Ahead ahead = lines_ahead(call, block, tile++, tile_row, tile_rows);
    with_rows<S>(tile_rows,
                 [&](auto m) { gemm_tile<S, decltype(m)::kCount>(call.inputs, r, n, out, ahead); });
  });
}

template <class S, class Inputs>
MAXSIMD_INLINE void gemm(const Inputs& inputs, size_t rows, size_t panel_begin, size_t panel_end,
                         const Epilogue& epilogue, float* c, size_t c_stride) {
  const size_t column_end =
      panel_end * kPanelColumns < inputs.n() ? panel_end * kPanelColumns : inputs.n();
  const GemmCall<Inputs> call = {inputs, rows, column_end, epilogue, c, c_stride};
  for_even_parts(rows, kRowBlock, [&](size_t row, size_t block_rows) {
    for (size_t n = panel_begin * kPanelColumns; n < column_end; n += 2 * S::kWidth) {
      gemm_block<S>(call, {row, block_rows, n});
    }
  });
}

template <class S>
struct FloatInputs {
  const float* a;
  size_t a_stride;
  const PanelsF32& weights;

  MAXSIMD_INLINE size_t n() const { return weights.n; }
  MAXSIMD_INLINE size_t steps() const { return weights.k; }
  MAXSIMD_INLINE const char* panel(size_t column) const {
    return reinterpret_cast<const char*>(
        weights.data + column / kPanelColumns * kPanelColumns * weights.k + column % kPanelColumns);
  }
  MAXSIMD_INLINE const char* row(size_t r) const {
    return reinterpret_cast<const char*>(a + r * a_stride);
  }
  MAXSIMD_INLINE size_t row_bytes() const { return a_stride * sizeof(float); }
  MAXSIMD_INLINE bool gapless() const { return a_stride == weights.k; }

  template <size_t M>
  MAXSIMD_INLINE void multiply(typename S::Float (&sum)[M][2], size_t r, size_t column,
                               const Ahead& ahead) const {
    fill_tile(sum, S::zero(), S::zero());
    multiply_tile_ahead<FloatProduct<S>>(sum, a + r * a_stride, a_stride,
                                         reinterpret_cast<const float*>(panel(column)), weights.k,
                                         ahead);
  }
};

template <class S>
void gemm_f32(const float* a, size_t a_stride, size_t rows, const PanelsF32& weights,
              size_t panel_begin, size_t panel_end, const Epilogue& epilogue, float* c,
              size_t c_stride) noexcept {
  gemm<S>(FloatInputs<S>{a, a_stride, weights}, rows, panel_begin, panel_end, epilogue, c,
          c_stride);
}

}  // namespace
}  // namespace maxsimd::kernels::simd
