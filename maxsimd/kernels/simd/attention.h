// Softmax attention of one sequence, head by head: keys are transposed and values copied into
// panels once a head, then each tile of query rows runs the GEMM's micro-kernel twice (scores,
// weighted values) with an exact softmax over its whole row of scores in between. With a window
// that row is the panels that the tile's rows look at. Scores and sums are floats; what is
// multiplied may be narrower (Numbers below).
#pragma once

#include "maxsimd/kernels/simd/dropout.h"
#include "maxsimd/kernels/simd/math.h"
#include "maxsimd/kernels/simd/tile.h"

namespace maxsimd::kernels::simd {
namespace {

// Of q, k and v of a sequence: 3 MiB. Longer ones work longer on what they have read.
constexpr size_t kTouchedFloats = size_t{3} << 18;
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
/// the row)) and gives the highest scores and 1 / the sums. count is a multiple of 32; a score of
/// -infinity gets a weight of about 1e-38. The weights may take the place of the scores.
template <class S, class Numbers, size_t R, class Weight>
MAXSIMD_INLINE void softmax_rows(const float* scores, size_t count, float factor, Weight* weights,
                                 SoftmaxRow* rows) {
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
    rows[r].highest = S::highest(highest[r]);
    highest[r] = S::set1(rows[r].highest);
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
  for (size_t r = 0; r < R; ++r) rows[r].inverse_sum = 1.0F / S::sum(sum[r]);
}

/// One head of one sequence, packed; a step is Product::kGroup elements of the inner dimension.
template <class Product>
struct PackedHead {
  using Element = typename Product::Element;
  const Element* query;  // row 0
  size_t stride;
  const void* keys;    // panels [ceil(attended / 32)][key_steps]
  const void* values;  // panels [ceil(dim / 32)][value_steps]
  float* scores;       // [kTileRows, keys of a tile]
  Element* weights;    // the same
  const AttentionArgs& args;

  MAXSIMD_INLINE size_t dim() const { return args.head_dim; }
  MAXSIMD_INLINE size_t key_steps() const { return steps_of(args.head_dim); }
  MAXSIMD_INLINE size_t value_steps() const { return steps_of(args.attended); }
  static MAXSIMD_INLINE size_t steps_of(size_t elements) {
    return (elements + Product::kGroup - 1) / Product::kGroup;
  }
};

/// The keys that a tile of rows is multiplied with: whole panels.
struct KeySpan {
  size_t begin;  // a multiple of 32
  size_t count;  // the same
  size_t end;    // of those that are there

  MAXSIMD_INLINE KeySpan(const AttentionArgs& args, size_t row, size_t rows) {
    const KeyRange keys = keys_of_rows(args, row, row + rows - 1);
    begin = keys.begin / kPanelColumns * kPanelColumns;
    count = (keys.end - begin + kPanelColumns - 1) / kPanelColumns * kPanelColumns;
    end = begin + count < args.attended ? begin + count : args.attended;
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

/// The left factor of a product: M rows, `stride` elements apart.
template <class Element>
struct RowFactor {
  const Element* data;
  size_t stride;
};

/// out [M, columns] = rows times the columns of panels; columns is a multiple of 32.
template <class S, class P, size_t M>
void multiply_panels(const RowFactor<typename P::Element>& rows, const void* panels, size_t steps,
                     size_t columns, float* out, size_t out_stride) {
  for (size_t t = 0; t < columns; t += 2 * S::kWidth) {
    typename S::Float sum[M][2];
    fill_tile(sum, S::zero(), S::zero());
    multiply_tile<P>(sum, rows.data, rows.stride, panel_at<P>(panels, steps, t), steps);
    MAXSIMD_UNROLL
    for (size_t i = 0; i < M; ++i) {
      S::store(out + i * out_stride + t, sum[i][0]);
      S::store(out + i * out_stride + t + S::kWidth, sum[i][1]);
    }
  }
}

/// Weighted sums of the values of a span for columns [column, column + 2 * kWidth).
template <class S, class P, size_t M>
void weigh_tile(const PackedHead<P>& head, const KeySpan& span,
                const float (&factors)[S::kTileRows], size_t column, float* out,
                size_t out_stride) {
  typename S::Float sum[M][2];
  fill_tile(sum, S::zero(), S::zero());
  const auto* values =
      panel_at<P>(head.values, head.value_steps(), column) + span.begin * kPanelColumns;
  multiply_tile<P>(sum, head.weights, span.count, values, head.steps_of(span.end - span.begin));
  MAXSIMD_UNROLL
  for (size_t i = 0; i < M; ++i) {
    const auto factor = S::set1(factors[i]);
    sum[i][0] = S::mul(sum[i][0], factor);
    sum[i][1] = S::mul(sum[i][1], factor);
  }
  const size_t columns = head.dim() - column;
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

/// Reads a byte of every cache line of a matrix [rows, cols]. In the order of memory the processor
/// reads ahead by itself; a head alone lies in pieces that would be waited for one by one. (On Zen
/// 5 prefetch instructions do not do it: 180 rows of 12 heads take 378 us forward and 755 backward
/// without, 370 and 930 with those, 328 and 678 so, of 290 and 620 when all is in the cache.)
MAXSIMD_INLINE void touch_rows(const float* data, size_t stride, size_t rows, size_t cols) {
  for (size_t r = 0; r < rows; ++r) {
    for (size_t i = 0; i < cols; i += kCacheLine / sizeof(float)) {
      (void)*reinterpret_cast<const volatile char*>(data + r * stride + i);
    }
  }
}

/// The columns of a call's heads in a matrix [length, num_heads * head_dim].
MAXSIMD_INLINE void touch_heads(const AttentionArgs& args, const float* data, size_t stride) {
  if (3 * args.length * args.num_heads * args.head_dim > kTouchedFloats) return;
  touch_rows(data + args.head_begin * args.head_dim, stride, args.length,
             (args.head_end - args.head_begin) * args.head_dim);
}

MAXSIMD_INLINE void touch_qkv(const AttentionArgs& args) {
  for (size_t part = 0; part < 3; ++part) {
    touch_heads(args, args.qkv + part * args.num_heads * args.head_dim, args.qkv_stride);
  }
}

/// Where a head's results go.
struct HeadOutput {
  float* out;  // row 0
  size_t out_stride;
  SoftmaxRow* rows;  // or null
  size_t rows_stride;
};

/// Scores of M rows: -infinity where a row does not attend.
template <class S, class P, size_t M>
MAXSIMD_INLINE void score_tile(const PackedHead<P>& head, size_t row, const KeySpan& span) {
  multiply_panels<S, P, M>({head.query + row * head.stride, head.stride},
                           panel_at<P>(head.keys, head.key_steps(), span.begin), head.key_steps(),
                           span.count, head.scores, span.count);
  for (size_t i = 0; i < M; ++i) {
    const KeyRange keys = keys_of_rows(head.args, row + i, row + i);
    float* scores = head.scores + i * span.count;
    for (size_t t = span.begin; t < keys.begin; ++t) scores[t - span.begin] = kMinusInfinity;
    for (size_t t = keys.end - span.begin; t < span.count; ++t) scores[t] = kMinusInfinity;
  }
}

/// Turns scores of M rows into weights.
template <class S, class Numbers, size_t M>
MAXSIMD_INLINE void weights_of_tile(const PackedHead<typename Numbers::Product>& head, size_t row,
                                    const KeySpan& span, SoftmaxRow* rows) {
  constexpr size_t kStep = S::kTileRows / 3;  // as many chains as the registers hold
  constexpr size_t kInSteps = M / kStep * kStep;
  const float factor = head.args.scale * kLog2E;
  for (size_t done = 0; done < kInSteps; done += kStep) {
    softmax_rows<S, Numbers, kStep>(head.scores + done * span.count, span.count, factor,
                                    head.weights + done * span.count, rows + done);
  }
  for (size_t done = kInSteps; done < M; ++done) {
    softmax_rows<S, Numbers, 1>(head.scores + done * span.count, span.count, factor,
                                head.weights + done * span.count, rows + done);
  }
  if (head.args.window == kNoWindow) return;
  for (size_t i = 0; i < M; ++i) {  // no keys: probabilities of 0
    const KeyRange keys = keys_of_rows(head.args, row + i, row + i);
    if (keys.begin == keys.end) rows[i] = {-kMinusInfinity, 0.0F};
  }
}

template <class S, class Numbers, size_t M, class Drop>
__attribute__((noinline)) void attention_tile(const PackedHead<typename Numbers::Product>& head,
                                              size_t row, const Drop& drop,
                                              const HeadOutput& output) {
  using P = typename Numbers::Product;
  const KeySpan span(head.args, row, M);
  score_tile<S, P, M>(head, row, span);
  SoftmaxRow rows[S::kTileRows];
  weights_of_tile<S, Numbers, M>(head, row, span, rows);
  float factors[S::kTileRows];
  for (size_t i = 0; i < M; ++i) {
    drop.row(row + i).drop(head.weights + i * span.count, span.begin, span.count);
    factors[i] = rows[i].inverse_sum * drop.scale();
    if (output.rows != nullptr) output.rows[(row + i) * output.rows_stride] = rows[i];
  }
  for (size_t column = 0; column < head.dim(); column += 2 * S::kWidth) {
    weigh_tile<S, P, M>(head, span, factors, column, output.out + row * output.out_stride,
                        output.out_stride);
  }
}

/// All query rows of a head.
template <class S, class Numbers, class Drop>
void attend(const PackedHead<typename Numbers::Product>& head, const Drop& drop,
            const HeadOutput& output) {
  for_even_parts(head.args.length, S::kTileRows, [&](size_t row, size_t rows) {
    with_rows<S>(rows, [&](auto m) {
      attention_tile<S, Numbers, decltype(m)::kCount>(head, row, drop, output);
    });
  });
}

/// Calls drop(h) for the dropout of head h; rows [length, num_heads] may be null.
template <class S, class DropOf>
MAXSIMD_INLINE void attend_heads(const AttentionArgs& args, const DropOf& drop, SoftmaxRow* rows) {
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
    const PackedHead<FloatProduct<S>> head = {query,  args.qkv_stride, keys, values,
                                              scores, scores,          args};
    attend<S, FloatNumbers<S>>(head, drop(h),
                               {args.out + h * args.head_dim, args.out_stride,
                                rows == nullptr ? nullptr : rows + h, args.num_heads});
  }
}

template <class S>
void attention_f32(const AttentionArgs& args) noexcept {
  attend_heads<S>(
      args, [](size_t) { return NoDropout<S>{}; }, nullptr);
}

template <class S>
void attention_train_f32(const AttentionTrainArgs& args) noexcept {
  touch_qkv(args.attention);
  if (args.dropout.rate == 0.0F) {
    attend_heads<S>(
        args.attention, [](size_t) { return NoDropout<S>{}; }, args.rows);
  } else {
    attend_heads<S>(
        args.attention,
        [&](size_t h) {
          return Dropout<S>{args.dropout, h};
        },
        args.rows);
  }
}

}  // namespace
}  // namespace maxsimd::kernels::simd
