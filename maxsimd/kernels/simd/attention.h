// Softmax attention of one sequence, head by head: keys are transposed and values copied into
// panels once a head, then each tile of query rows runs the GEMM's micro-kernel twice (scores,
// weighted values) with an exact softmax over its whole row of scores in between. Scores and sums
// are floats; what is multiplied may be narrower (Numbers below).
#pragma once

#include "maxsimd/kernels/simd/math.h"
#include "maxsimd/kernels/simd/tile.h"

namespace maxsimd::kernels::simd {
namespace {

constexpr float kLog2E = 1.4426950408889634F;
constexpr float kMinusInfinity = -__builtin_inff();

/// keys [count, dim] to panels [ceil(count / 32)][dim][32], padded with zeros.
template <class S>
void pack_keys(const float* keys, size_t stride, size_t count, size_t dim, float* panels) noexcept {
  constexpr size_t kBlock = S::kTransposed;
  for (size_t t = 0; t < count; t += kPanelColumns, panels += dim * kPanelColumns) {
    const size_t columns = count - t < kPanelColumns ? count - t : kPanelColumns;
    const size_t blocked_columns = columns / kBlock * kBlock;
    const size_t blocked_dim = dim / kBlock * kBlock;
    if (columns < kPanelColumns) __builtin_memset(panels, 0, dim * kPanelColumns * sizeof(float));
    for (size_t j = 0; j < blocked_columns; j += kBlock) {
      for (size_t i = 0; i < blocked_dim; i += kBlock) {
        S::transpose(keys + (t + j) * stride + i, stride, panels + i * kPanelColumns + j,
                     kPanelColumns);
      }
    }
    for (size_t j = 0; j < columns; ++j) {
      for (size_t i = j < blocked_columns ? blocked_dim : 0; i < dim; ++i) {
        panels[i * kPanelColumns + j] = keys[(t + j) * stride + i];
      }
    }
  }
}

/// values [count, dim] to panels [ceil(dim / 32)][count][32], padded with zeros.
template <class S>
void pack_values(const float* values, size_t stride, size_t count, size_t dim,
                 float* panels) noexcept {
  for (size_t i = 0; i < dim; i += kPanelColumns) {
    const size_t columns = dim - i < kPanelColumns ? dim - i : kPanelColumns;
    for (size_t t = 0; t < count; ++t, panels += kPanelColumns) {
      const float* row = values + t * stride + i;
      if (columns < kPanelColumns) __builtin_memset(panels, 0, kPanelColumns * sizeof(float));
      for_vectors<S>(columns,
                     [&](size_t j, auto lanes) { lanes.store(panels + j, lanes.load(row + j)); });
    }
  }
}

/// How attention multiplies: the product, and weights as it wants them, two vectors at a time.
template <class S>
struct FloatNumbers {
  using Product = FloatProduct<S>;
  static MAXSIMD_INLINE void store(float* weights, typename S::Float x0, typename S::Float x1) {
    S::store(weights, x0);
    S::store(weights + S::kWidth, x1);
  }
};

/// Turns the scores of R rows [R, count] into unnormalised weights 2^(factor * (score - highest of
/// the row)) and gives 1 / their sums. count is a multiple of 32; a score of -infinity gets a
/// weight of about 1e-38. The weights may take the place of the scores.
template <class S, class Numbers, size_t R, class Weight>
MAXSIMD_INLINE void softmax_rows(const float* scores, size_t count, float factor, Weight* weights,
                                 float* inverse_sums) {
  using Float = typename S::Float;
  Float highest[R];
  Float sum[R];
  MAXSIMD_UNROLL
  for (size_t r = 0; r < R; ++r) highest[r] = S::set1(kMinusInfinity);
  for (size_t t = 0; t < count; t += S::kWidth) {
    MAXSIMD_UNROLL
    for (size_t r = 0; r < R; ++r) {
      highest[r] = S::max(S::load(scores + r * count + t), highest[r]);
    }
  }
  MAXSIMD_UNROLL
  for (size_t r = 0; r < R; ++r) {
    highest[r] = S::set1(S::highest(highest[r]));
    sum[r] = S::zero();
  }
  const Float scale = S::set1(factor);
  const Float lowest = S::set1(kExp2Lowest / factor);
  for (size_t t = 0; t < count; t += 2 * S::kWidth) {
    Float x[2 * R];
    MAXSIMD_UNROLL
    for (size_t r = 0; r < R; ++r) {
      const float* row = scores + r * count + t;
      x[2 * r] = S::sub(S::load(row), highest[r]);
      x[2 * r + 1] = S::sub(S::load(row + S::kWidth), highest[r]);
    }
    exp2_scaled<S>(x, scale, lowest);
    MAXSIMD_UNROLL
    for (size_t r = 0; r < R; ++r) {
      Numbers::store(weights + r * count + t, x[2 * r], x[2 * r + 1]);
      sum[r] = S::add(sum[r], S::add(x[2 * r], x[2 * r + 1]));
    }
  }
  MAXSIMD_UNROLL
  for (size_t r = 0; r < R; ++r) inverse_sums[r] = 1.0F / S::sum(sum[r]);
}

/// One head of one sequence, packed; a step is Product::kGroup elements of the inner dimension.
template <class Product>
struct PackedHead {
  using Element = typename Product::Element;
  const Element* query;  // row 0
  size_t stride;
  const void* keys;    // panels [padded / 32][key_steps]
  const void* values;  // panels [ceil(dim / 32)][value_steps]
  float* scores;       // [kTileRows, padded]
  Element* weights;    // [kTileRows, padded]
  size_t attended;
  size_t padded;  // attended, up to a multiple of 32
  size_t dim;
  float factor;  // of a score in the exponent of 2

  MAXSIMD_INLINE size_t key_steps() const { return (dim + Product::kGroup - 1) / Product::kGroup; }
  MAXSIMD_INLINE size_t value_steps() const {
    return (attended + Product::kGroup - 1) / Product::kGroup;
  }
};

/// Where a column's elements begin.
template <class Product>
MAXSIMD_INLINE const typename Product::PanelElement* panel_at(const void* panels, size_t steps,
                                                              size_t column) {
  return reinterpret_cast<const typename Product::PanelElement*>(
      static_cast<const char*>(panels) + column / kPanelColumns * steps * kStepBytes +
      column % kPanelColumns * 4);
}

template <class S, class P, size_t M>
void score_tile(const PackedHead<P>& head, const typename P::Element* query) {
  for (size_t t = 0; t < head.padded; t += 2 * S::kWidth) {
    typename S::Float sum[M][2];
    fill_tile(sum, S::zero(), S::zero());
    multiply_tile<P>(sum, query, head.stride, panel_at<P>(head.keys, head.key_steps(), t),
                     head.key_steps());
    MAXSIMD_UNROLL
    for (size_t i = 0; i < M; ++i) {
      S::store(head.scores + i * head.padded + t, sum[i][0]);
      S::store(head.scores + i * head.padded + t + S::kWidth, sum[i][1]);
    }
  }
}

/// Weighted sums of the values for columns [column, column + 2 * kWidth).
template <class S, class P, size_t M>
void weigh_tile(const PackedHead<P>& head, const float (&inverse_sums)[S::kTileRows], size_t column,
                float* out, size_t out_stride) {
  typename S::Float sum[M][2];
  fill_tile(sum, S::zero(), S::zero());
  multiply_tile<P>(sum, head.weights, head.padded,
                   panel_at<P>(head.values, head.value_steps(), column), head.value_steps());
  MAXSIMD_UNROLL
  for (size_t i = 0; i < M; ++i) {
    const auto inverse = S::set1(inverse_sums[i]);
    sum[i][0] = S::mul(sum[i][0], inverse);
    sum[i][1] = S::mul(sum[i][1], inverse);
  }
  const size_t columns = head.dim - column;
  if (columns >= 2 * S::kWidth) {
    MAXSIMD_UNROLL
    for (size_t i = 0; i < M; ++i) {
      S::store(out + i * out_stride + column, sum[i][0]);
      S::store(out + i * out_stride + column + S::kWidth, sum[i][1]);
    }
    return;
  }
  const auto mask0 = S::first_lanes(columns);
  const auto mask1 = S::first_lanes(columns > S::kWidth ? columns - S::kWidth : 0);
  MAXSIMD_UNROLL
  for (size_t i = 0; i < M; ++i) {
    S::store(out + i * out_stride + column, sum[i][0], mask0);
    S::store(out + i * out_stride + column + S::kWidth, sum[i][1], mask1);
  }
}

template <class S, class Numbers, size_t M>
__attribute__((noinline)) void attention_tile(const PackedHead<typename Numbers::Product>& head,
                                              size_t row, float* out, size_t out_stride) {
  using P = typename Numbers::Product;
  score_tile<S, P, M>(head, head.query + row * head.stride);
  float inverse_sums[S::kTileRows];
  for (size_t i = 0; i < M; ++i) {
    float* scores = head.scores + i * head.padded;
    for (size_t t = head.attended; t < head.padded; ++t) scores[t] = kMinusInfinity;
  }
  constexpr size_t kStep = S::kTileRows / 3;  // as many chains as the registers hold
  constexpr size_t kInSteps = M / kStep * kStep;
  for (size_t done = 0; done < kInSteps; done += kStep) {
    softmax_rows<S, Numbers, kStep>(head.scores + done * head.padded, head.padded, head.factor,
                                    head.weights + done * head.padded, inverse_sums + done);
  }
  for (size_t done = kInSteps; done < M; ++done) {
    softmax_rows<S, Numbers, 1>(head.scores + done * head.padded, head.padded, head.factor,
                                head.weights + done * head.padded, inverse_sums + done);
  }
  for (size_t column = 0; column < head.dim; column += 2 * S::kWidth) {
    weigh_tile<S, P, M>(head, inverse_sums, column, out + row * out_stride, out_stride);
  }
}

/// All query rows of a head.
template <class S, class Numbers>
void attend(const PackedHead<typename Numbers::Product>& head, size_t length, float* out,
            size_t out_stride) {
  for_even_parts(length, S::kTileRows, [&](size_t row, size_t rows) {
    with_rows<S>(rows, [&](auto m) {
      attention_tile<S, Numbers, decltype(m)::kCount>(head, row, out, out_stride);
    });
  });
}

template <class S>
void attention_f32(const AttentionArgs& args) noexcept {
  const size_t hidden = args.num_heads * args.head_dim;
  const size_t padded = (args.attended + kPanelColumns - 1) / kPanelColumns * kPanelColumns;
  const size_t padded_dim = (args.head_dim + kPanelColumns - 1) / kPanelColumns * kPanelColumns;
  float* keys = args.scratch;
  float* values = keys + padded * args.head_dim;
  float* scores = values + padded * padded_dim;
  for (size_t h = args.head_begin; h < args.head_end; ++h) {
    const float* query = args.qkv + h * args.head_dim;
    pack_keys<S>(query + hidden, args.qkv_stride, args.attended, args.head_dim, keys);
    pack_values<S>(query + 2 * hidden, args.qkv_stride, args.attended, args.head_dim, values);
    const PackedHead<FloatProduct<S>> head = {
        query,  args.qkv_stride, keys,   values,        scores,
        scores, args.attended,   padded, args.head_dim, args.scale * kLog2E};
    attend<S, FloatNumbers<S>>(head, args.length, args.out + h * args.head_dim, args.out_stride);
  }
}

}  // namespace
}  // namespace maxsimd::kernels::simd
