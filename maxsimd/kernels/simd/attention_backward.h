// The backward pass of attention, head by head (FlashAttention-2, Dao 2023, algorithm 2). With P
// the probabilities, O the output and D = rowsum(dO * O): dV = P^T dO, dP = dO V^T, dS = P * (dP -
// D), dQ = scale dS K, dK = scale dS^T Q. P and dS exist for one block of rows and keys at a time,
// in the L2 cache. All five products run through the GEMM's micro-kernel; it walks down the columns
// of P and dS where their transposes are the left factor.
#pragma once

#include "maxsimd/kernels/simd/attention.h"

namespace maxsimd::kernels::simd {
namespace {

/// A left factor of M rows: element k of row i is at data[i * stride + k * step].
struct StridedFactor {
  const float* data;
  size_t stride;
  size_t step;
};

struct GradientOutput {
  float* data;
  size_t stride;
  size_t columns;
  float scale;
  bool accumulate;  // on what is there
};

template <class S, size_t M, class Lanes>
MAXSIMD_INLINE void store_gradient(typename S::Float (&sum)[M][2], const GradientOutput& out,
                                   size_t column, const Lanes& lanes0, const Lanes& lanes1) {
  const auto scale = S::set1(out.scale);
  MAXSIMD_UNROLL
  for (size_t i = 0; i < M; ++i) {
    float* row = out.data + i * out.stride + column;
    auto x0 = S::mul(sum[i][0], scale);
    auto x1 = S::mul(sum[i][1], scale);
    if (out.accumulate) {
      x0 = S::add(x0, lanes0.load(row));
      x1 = S::add(x1, lanes1.load(row + S::kWidth));
    }
    lanes0.store(row, x0);
    lanes1.store(row + S::kWidth, x1);
  }
}

/// out [M, columns] = (out +) scale * rows times the columns of panels.
template <class S, size_t M>
__attribute__((noinline)) void gradient_tile(const StridedFactor& rows, const float* panels,
                                             size_t steps, const GradientOutput& out) {
  using P = FloatProduct<S>;
  for (size_t column = 0; column < out.columns; column += 2 * S::kWidth) {
    typename S::Float sum[M][2];
    fill_tile(sum, S::zero(), S::zero());
    multiply_tile<P>(sum, rows.data, rows.stride, panel_at<P>(panels, steps, column), steps,
                     NothingAhead{}, rows.step);
    const size_t columns = out.columns - column;
    if (columns >= 2 * S::kWidth) {
      store_gradient<S>(sum, out, column, AllLanes<S>{}, AllLanes<S>{});
    } else {
      const size_t second = columns > S::kWidth ? columns - S::kWidth : 0;
      store_gradient<S>(sum, out, column, FirstLanes<S>{S::first_lanes(columns)},
                        FirstLanes<S>{S::first_lanes(second)});
    }
  }
}

/// The same for any number of rows.
template <class S>
void multiply_gradient(const StridedFactor& rows, size_t num_rows, const float* panels,
                       size_t steps, const GradientOutput& out) {
  for_even_parts(num_rows, S::kTileRows, [&](size_t row, size_t count) {
    GradientOutput part = out;
    part.data += row * out.stride;
    with_rows<S>(count, [&](auto m) {
      gradient_tile<S, decltype(m)::kCount>({rows.data + row * rows.stride, rows.stride, rows.step},
                                            panels, steps, part);
    });
  });
}

/// One head of one sequence: row 0 of what is read and written, and the memory of a block.
struct BackwardHead {
  const float* query;  // keys and values lie `hidden` and twice as many elements further on
  const float* out;
  const float* out_gradient;
  float* gradient;  // of the query
  const SoftmaxRow* rows;
  float* keys;             // panels [padded / 32][dim][32]
  float* values;           // the same
  float* key_rows;         // panels [dim / 32][keys][32]
  float* queries;          // panels [dim / 32][rows][32]
  float* gradients;        // of the output, the same
  float* probabilities;    // [kBackwardRows, stride]
  float* score_gradients;  // the same

  MAXSIMD_INLINE BackwardHead(const AttentionBackwardArgs& args, size_t head) {
    const AttentionArgs& attention = args.forward.attention;
    const size_t dim = attention.head_dim;
    const size_t padded_dim = (dim + kPanelColumns - 1) / kPanelColumns * kPanelColumns;
    query = attention.qkv + head * dim;
    out = attention.out + head * dim;
    out_gradient = args.out_gradient + head * dim;
    gradient = args.qkv_gradient + head * dim;
    rows = args.forward.rows + head;
    probabilities = attention.scratch;
    score_gradients = probabilities + kBackwardRows * (kBackwardKeys + kBackwardPadding);
    keys = score_gradients + kBackwardRows * (kBackwardKeys + kBackwardPadding);
    values = keys + kBackwardKeys * padded_dim;
    key_rows = values + kBackwardKeys * padded_dim;
    queries = key_rows + kBackwardKeys * padded_dim;
    gradients = queries + kBackwardRows * padded_dim;
  }
};

/// Rows [row, row + rows) and keys [key, key + keys).
struct BackwardBlock {
  size_t row, rows;
  size_t key, keys;
  bool later_keys;  // the rows' gradients hold something
  bool later_rows;  // the keys' and values' do

  MAXSIMD_INLINE size_t padded() const {
    return (keys + kPanelColumns - 1) / kPanelColumns * kPanelColumns;
  }
  MAXSIMD_INLINE size_t stride() const { return padded() + kBackwardPadding; }
};

/// What turns a row of scores into probabilities and of their gradients into scores'.
struct BackwardRow {
  float highest;
  float weight;  // inverse sum times what a kept probability counts
  float offset;  // D by that
  float factor;  // of a score in the exponent of 2
};

/// Turns scores [count] into probabilities after dropout, and the gradients of these into those of
/// the scores. With s what a kept probability counts: P s (keep(dP) - D / s) = P (s keep(dP) - D).
template <class S, class DropRow>
MAXSIMD_INLINE void differentiate_row(const BackwardRow& row, const DropRow& drop, size_t column,
                                      size_t count, float* scores, float* gradients) {
  using Float = typename S::Float;
  constexpr size_t kVectors = kPanelColumns / S::kWidth;
  const Float highest = S::set1(row.highest);
  const Float weight = S::set1(row.weight);
  const Float offset = S::set1(row.offset);
  const Float factor = S::set1(row.factor);
  const Float lowest = S::set1(kExp2Lowest / row.factor);
  for (size_t t = 0; t < count; t += kPanelColumns) {
    Float x[kVectors];
    MAXSIMD_UNROLL
    for (size_t n = 0; n < kVectors; ++n) {
      x[n] = S::sub(S::load(scores + t + n * S::kWidth), highest);
    }
    exp2_scaled<S>(x, factor, lowest);
    MAXSIMD_UNROLL
    for (size_t n = 0; n < kVectors; ++n) {
      const size_t i = t + n * S::kWidth;
      const auto bits = drop.bits(column + i);
      const Float probability = S::mul(x[n], weight);
      const Float gradient = S::sub(drop.keep(S::load(gradients + i), bits), offset);
      S::store(scores + i, drop.keep(probability, bits));
      S::store(gradients + i, S::mul(probability, gradient));
    }
  }
}

template <class S>
MAXSIMD_INLINE float dot(const float* x, const float* y, size_t count) {
  auto sum = S::zero();
  for_vectors<S>(count, [&](size_t i, auto lanes) {
    sum = S::fma(lanes.load(x + i), lanes.load(y + i), sum);
  });
  return S::sum(sum);
}

/// Zeros where a row does not attend: [count], of the keys from `key` on.
MAXSIMD_INLINE void clear_outside(const KeyRange& keys, size_t key, size_t count, float* values) {
  const size_t begin = keys.begin > key ? keys.begin - key : 0;
  const size_t end = keys.end > key ? keys.end - key : 0;
  for (size_t t = 0; t < begin && t < count; ++t) values[t] = 0.0F;
  for (size_t t = end; t < count; ++t) values[t] = 0.0F;
}

/// Probabilities and score gradients of M rows of a block from `first` on.
template <class S, size_t M, class Drop>
__attribute__((noinline)) void differentiate_tile(const AttentionBackwardArgs& args,
                                                  const BackwardHead& head,
                                                  const BackwardBlock& block, size_t first,
                                                  const Drop& drop) {
  using P = FloatProduct<S>;
  const AttentionArgs& attention = args.forward.attention;
  const size_t dim = attention.head_dim;
  const size_t row = block.row + first;
  const float* out_gradient = head.out_gradient + row * args.out_gradient_stride;
  float* scores = head.probabilities + first * block.stride();
  float* gradients = head.score_gradients + first * block.stride();
  multiply_panels<S, P, M>({head.query + row * attention.qkv_stride, attention.qkv_stride},
                           head.keys, dim, block.padded(), scores, block.stride());
  multiply_panels<S, P, M>({out_gradient, args.out_gradient_stride}, head.values, dim,
                           block.padded(), gradients, block.stride());
  for (size_t i = 0; i < M; ++i) {
    const SoftmaxRow& softmax = head.rows[(row + i) * attention.num_heads];
    const float products = dot<S>(head.out + (row + i) * attention.out_stride,
                                  out_gradient + i * args.out_gradient_stride, dim);
    differentiate_row<S>({softmax.highest, softmax.inverse_sum * drop.scale(),
                          products * drop.inverse_scale(), attention.scale * kLog2E},
                         drop.row(row + i), block.key, block.padded(), scores + i * block.stride(),
                         gradients + i * block.stride());
    if (attention.window == kNoWindow) continue;
    const KeyRange keys = keys_of_rows(attention, row + i, row + i);
    clear_outside(keys, block.key, block.padded(), scores + i * block.stride());
    clear_outside(keys, block.key, block.padded(), gradients + i * block.stride());
  }
}

/// Adds what a block of rows and keys gives to the gradients.
template <class S, class Drop>
void differentiate_block(const AttentionBackwardArgs& args, const BackwardHead& head,
                         const BackwardBlock& block, const Drop& drop) {
  const AttentionArgs& attention = args.forward.attention;
  const size_t dim = attention.head_dim;
  const size_t hidden = attention.num_heads * dim;
  pack_values<S>(head.query + block.row * attention.qkv_stride, attention.qkv_stride, block.rows,
                 dim, head.queries);
  pack_values<S>(head.out_gradient + block.row * args.out_gradient_stride, args.out_gradient_stride,
                 block.rows, dim, head.gradients);
  for_even_parts(block.rows, S::kTileRows, [&](size_t first, size_t rows) {
    with_rows<S>(rows, [&](auto m) {
      differentiate_tile<S, decltype(m)::kCount>(args, head, block, first, drop);
    });
  });
  const size_t stride = block.stride();
  const size_t out_stride = args.qkv_gradient_stride;
  float* key_gradient = head.gradient + hidden + block.key * out_stride;
  multiply_gradient<S>(
      {head.score_gradients, stride, 1}, block.rows, head.key_rows, block.keys,
      {head.gradient + block.row * out_stride, out_stride, dim, attention.scale, block.later_keys});
  multiply_gradient<S>({head.score_gradients, 1, stride}, block.keys, head.queries, block.rows,
                       {key_gradient, out_stride, dim, attention.scale, block.later_rows});
  multiply_gradient<S>({head.probabilities, 1, stride}, block.keys, head.gradients, block.rows,
                       {key_gradient + hidden, out_stride, dim, 1.0F, block.later_rows});
}

/// Rows [row_begin, length) of a head's gradients of keys and values, or of all three, to 0.
MAXSIMD_INLINE void clear_gradients(const AttentionBackwardArgs& args, float* gradient,
                                    size_t row_begin, size_t first_part) {
  const AttentionArgs& attention = args.forward.attention;
  const size_t hidden = attention.num_heads * attention.head_dim;
  for (size_t t = row_begin; t < attention.length; ++t) {
    for (size_t part = first_part; part < 3; ++part) {
      __builtin_memset(gradient + t * args.qkv_gradient_stride + part * hidden, 0,
                       attention.head_dim * sizeof(float));
    }
  }
}

template <class S, class Drop>
void differentiate_head(const AttentionBackwardArgs& args, size_t head_index, const Drop& drop) {
  const AttentionArgs& attention = args.forward.attention;
  const BackwardHead head(args, head_index);
  const size_t dim = attention.head_dim;
  const size_t hidden = attention.num_heads * dim;
  const size_t window = attention.window < attention.length ? attention.window : attention.length;
  const bool is_windowed = attention.window != kNoWindow;
  const size_t limit = is_windowed ? kBackwardWindowKeys : kBackwardKeys;
  // With a window, nobody knows which block is the first to add to a row.
  clear_gradients(args, head.gradient, is_windowed ? 0 : attention.attended, is_windowed ? 0 : 1);
  for (size_t key = 0; key < attention.attended; key += limit) {
    const size_t left = attention.attended - key;
    const size_t keys = left < limit ? left : limit;
    const float* first = head.query + hidden + key * attention.qkv_stride;
    pack_keys<S>(first, attention.qkv_stride, keys, dim, head.keys);
    pack_keys<S>(first + hidden, attention.qkv_stride, keys, dim, head.values);
    pack_values<S>(first, attention.qkv_stride, keys, dim, head.key_rows);
    const size_t reach = key + keys + window;  // rows from here on are too far away
    const size_t row_end = reach < attention.length ? reach : attention.length;
    for (size_t row = key > window ? key - window : 0; row < row_end; row += kBackwardRows) {
      const size_t rows = row_end - row < kBackwardRows ? row_end - row : kBackwardRows;
      differentiate_block<S>(
          args, head, {row, rows, key, keys, is_windowed || key > 0, is_windowed || row > 0}, drop);
    }
  }
}

template <class S>
void attention_backward_f32(const AttentionBackwardArgs& args) noexcept {
  const AttentionDropout& dropout = args.forward.dropout;
  const AttentionArgs& attention = args.forward.attention;
  touch_qkv(attention);
  touch_heads(attention, attention.out, attention.out_stride);
  touch_heads(attention, args.out_gradient, args.out_gradient_stride);
  for (size_t h = attention.head_begin; h < attention.head_end; ++h) {
    if (dropout.rate == 0.0F) {
      differentiate_head<S>(args, h, NoDropout<S>{});
    } else {
      differentiate_head<S>(args, h, Dropout<S>{dropout, h});
    }
  }
}

}  // namespace
}  // namespace maxsimd::kernels::simd
