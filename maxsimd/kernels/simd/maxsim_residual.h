// MaxSim over residual codes. Codes are decoded a chunk of rows at a time: bytes of 16 rows are
// transposed, so that one shuffle looks up the weights of one dimension for all rows of a vector;
// what comes out is laid out as the micro-kernel reads it, [steps][rows of a chunk] of four bytes.
#pragma once

#include "maxsimd/kernels/simd/products.h"
#include "maxsimd/kernels/simd/residual.h"
#include "maxsimd/kernels/simd/tile.h"

namespace maxsimd::kernels::simd {
namespace {

constexpr size_t kBlock = 16;  // bytes: what a shuffle of bytes stays within

template <class S>
constexpr size_t kChunkRows = kBlock* S::kBlocks;

/// Bytes are multiplied as they are (4 a step) or widened to int16 (2 a step); CPUs that multiply
/// unsigned bytes only get weights + 128.
template <class P>
constexpr bool kIsBytes = P::kGroup == 4;
template <class P>
constexpr bool kIsUnsigned = kIsBytes<P>&& static_cast<typename P::Element>(-1) > 0;

/// Transposes the 16 x 16 bytes in each block. A round of zips moves the address bits of a byte,
/// (register, place), one to the left in a circle of eight.
template <class S>
MAXSIMD_INLINE void transpose_blocks(typename S::Int (&x)[kBlock]) {
  MAXSIMD_UNROLL
  for (size_t round = 0; round < 4; ++round) {
    typename S::Int y[kBlock];
    MAXSIMD_UNROLL
    for (size_t i = 0; i < kBlock / 2; ++i) {
      y[2 * i] = S::zip_low_bytes(x[i], x[i + kBlock / 2]);
      y[2 * i + 1] = S::zip_high_bytes(x[i], x[i + kBlock / 2]);
    }
    MAXSIMD_UNROLL
    for (size_t i = 0; i < kBlock; ++i) x[i] = y[i];
  }
}

/// Stores the bytes of a, b, c and d side by side, row by row. Rows come in the order of
/// load_columns().
template <class S>
MAXSIMD_INLINE void store_step(typename S::Int a, typename S::Int b, typename S::Int c,
                               typename S::Int d, char* out) {
  constexpr size_t kBytes = sizeof(typename S::Int);
  const auto low0 = S::zip_low_bytes(a, b);
  const auto low1 = S::zip_low_bytes(c, d);
  const auto high0 = S::zip_high_bytes(a, b);
  const auto high1 = S::zip_high_bytes(c, d);
  S::store_int(out, S::zip_low_shorts(low0, low1));
  S::store_int(out + kBytes, S::zip_high_shorts(low0, low1));
  S::store_int(out + 2 * kBytes, S::zip_low_shorts(high0, high1));
  S::store_int(out + 3 * kBytes, S::zip_high_shorts(high0, high1));
}

/// Byte `byte` + i of all rows of a chunk to columns + i vectors. In a vector of store_step(), each
/// block holds four rows one after another: that orders the rows here.
template <class S>
MAXSIMD_INLINE void load_columns(const uint8_t* codes, size_t row_bytes, size_t byte,
                                 uint8_t* columns) {
  typename S::Int x[kBlock];
  MAXSIMD_UNROLL
  for (size_t i = 0; i < kBlock; ++i) {
    const size_t row = i / 4 * 4 * S::kBlocks + i % 4;
    x[i] = S::load_blocks(codes + row * row_bytes + byte, 4 * row_bytes);
  }
  transpose_blocks<S>(x);
  MAXSIMD_UNROLL
  for (size_t i = 0; i < kBlock; ++i) S::store_int(columns + i * sizeof(typename S::Int), x[i]);
}

/// Decodes a chunk of codes of B bits: [kChunkRows, residual_bytes] with kBlock bytes more to read.
template <class S, class P, size_t B>
MAXSIMD_INLINE void decode_chunk(const BucketTables& weights, const uint8_t* codes, char* out) {
  using Int = typename S::Int;
  constexpr size_t kGroup = P::kGroup;
  constexpr size_t kBlockDims = 8 * kBlock / B;
  alignas(64) uint8_t columns[kBlock * kChunkRows<S>];
  const auto mask = S::set1_byte(static_cast<int8_t>((1 << B) - 1));
  const auto sign = S::set1_byte(-128);
  const int8_t* table = weights.data;
  for (size_t begin = 0; begin < weights.k; begin += kBlockDims) {
    load_columns<S>(codes, weights.residual_bytes, kResidualScaleBytes + begin * B / 8, columns);
    const size_t dims = weights.k - begin < kBlockDims ? weights.k - begin : kBlockDims;
    for (size_t group = 0; group < dims / kGroup; ++group) {
      Int value[kGroup];
      MAXSIMD_UNROLL
      for (size_t i = 0; i < kGroup; ++i, table += kBucketTable) {
        const size_t bit = (group * kGroup + i) * B;
        const auto code = S::codes_at(S::load_int(columns + bit / 8 * sizeof(Int)),
                                      static_cast<unsigned>(bit % 8), mask);
        auto entries = S::repeat_block(table);
        if (kIsUnsigned<P>) entries = S::flip(entries, sign);
        value[i] = S::look_up(entries, code);
      }
      if constexpr (kIsBytes<P>) {
        store_step<S>(value[0], value[1], value[2], value[3], out);
      } else {
        store_step<S>(value[0], S::signs(value[0]), value[1], S::signs(value[1]), out);
      }
      out += kChunkRows<S> * 4;
    }
  }
}

/// A chunk of decoded rows, with their scales and what their centroids score.
template <class P>
struct DecodedChunk {
  const PanelsI8& query;
  unsigned shift;
  const typename P::Element* data;  // [k / kGroup][kChunkRows][kGroup]
  const float* scales;
  const int16_t* const* scores;

  MAXSIMD_INLINE const typename P::PanelElement* panel(size_t column) const {
    const size_t begin = column / kPanelColumns * query.k * kPanelColumns;
    if constexpr (kIsBytes<P>) {
      return query.data + begin + column % kPanelColumns * 4;
    } else {
      return query.pairs + begin + column % kPanelColumns * 2;
    }
  }
};

/// Calls finish(sums, scales, row, column) for the M rows of the chunk from `row`, a vector pair of
/// columns at a time.
template <class S, size_t M, class P, class Finish>
__attribute__((noinline)) void residual_tile(const DecodedChunk<P>& chunk, size_t row,
                                             const Finish& finish) {
  constexpr size_t kGroup = P::kGroup;
  const PanelsI8& query = chunk.query;
  const size_t columns = query.num_panels * kPanelColumns;
  for (size_t column = 0; column < columns; column += 2 * S::kWidth) {
    auto bias0 = S::set1_int(0);
    auto bias1 = S::set1_int(0);
    if constexpr (kIsUnsigned<P>) {
      bias0 = S::load_int(query.bias + column);
      bias1 = S::load_int(query.bias + column + S::kWidth);
    }
    typename P::Vector sum[M][2];
    MAXSIMD_UNROLL
    for (size_t i = 0; i < M; ++i) {
      sum[i][0] = bias0;
      sum[i][1] = bias1;
    }
    multiply_tile<P>(sum, chunk.data + row * kGroup, kGroup, chunk.panel(column), query.k / kGroup,
                     NothingAhead{}, kChunkRows<S> * kGroup);
    const float* scales = chunk.scales + row;
    typename S::Float total[M][2];
    MAXSIMD_UNROLL
    for (size_t i = 0; i < M; ++i) {
      const int16_t* scores = chunk.scores[row + i] + column;
      const auto scale = S::set1(scales[i]);
      MAXSIMD_UNROLL
      for (size_t j = 0; j < 2; ++j) {
        const auto score = S::shift_left_int(S::widen_shorts(scores + j * S::kWidth), chunk.shift);
        total[i][j] = S::add(S::mul(S::to_float(sum[i][j]), scale), S::to_float(score));
      }
    }
    finish(total, scales, row, column);
  }
}

/// Raises the bounds of the best sums, and marks rows that may be the best then.
template <class S>
struct RaiseBounds {
  const float* scaled_errors;
  const float* slack;
  float* lowest;
  float* highest;
  uint8_t* marks;

  /// For rows counted from `first`.
  MAXSIMD_INLINE RaiseBounds from(size_t first) const {
    return {scaled_errors, slack, lowest, highest, marks + first};
  }

  template <size_t M>
  MAXSIMD_INLINE void operator()(typename S::Float (&sum)[M][2], const float* scales, size_t row,
                                 size_t column) const {
    typename S::Float limit[2];
    MAXSIMD_UNROLL
    for (size_t j = 0; j < 2; ++j) {
      const size_t at = column + j * S::kWidth;
      const auto scaled = S::load(scaled_errors + at);
      auto low = S::load(lowest + at);
      auto high = S::load(highest + at);
      MAXSIMD_UNROLL
      for (size_t i = 0; i < M; ++i) {
        const auto error = S::mul(scaled, S::set1(scales[i]));
        low = S::max(low, S::sub(sum[i][j], error));
        sum[i][j] = S::add(sum[i][j], error);
        high = S::max(high, sum[i][j]);
      }
      S::store(lowest + at, low);
      S::store(highest + at, high);
      limit[j] = S::sub(low, S::load(slack + at));
    }
    MAXSIMD_UNROLL
    for (size_t i = 0; i < M; ++i) {
      marks[row + i] |=
          static_cast<uint8_t>(S::any_above(sum[i][0], limit[0], sum[i][1], limit[1]));
    }
  }
};

/// Rows [first, first + count) of a call, ready for decode_chunk().
template <class S>
struct CodedChunk {
  const uint8_t* codes;
  alignas(64) float scales[kChunkRows<S>];
  const int16_t* scores[kChunkRows<S>];

  /// Chunks are read whole and a block beyond. Where the rows end before or are selected ones, from
  /// `copy`.
  MAXSIMD_INLINE CodedChunk(const ResidualCall& call, size_t first, size_t count, uint8_t* copy) {
    const ResidualRows& rows = call.rows;
    const size_t row_bytes = call.weights.residual_bytes;
    const size_t columns = call.query.num_panels * kPanelColumns;
    const bool is_whole = (rows.num_rows - first) * row_bytes >= kChunkRows<S> * row_bytes + kBlock;
    codes = rows.selected == nullptr && is_whole ? rows.residuals + first * row_bytes : copy;
    for (size_t i = 0; i < count; ++i) {
      const size_t row = rows.selected == nullptr ? first + i : rows.selected[first + i];
      const uint8_t* coded = rows.residuals + row * row_bytes;
      if (codes == copy) __builtin_memcpy(copy + i * row_bytes, coded, row_bytes);
      scales[i] = residual_scale_of(coded);
      scores[i] = rows.scores + rows.centroids[row] * columns;
    }
  }
};

template <class S, class P, size_t B, class Finish>
MAXSIMD_INLINE void for_each_tile(const ResidualCall& call, const Finish& finish) {
  constexpr size_t kChunk = kChunkRows<S>;
  char* decoded = static_cast<char*>(call.scratch);
  auto* copy = reinterpret_cast<uint8_t*>(decoded + kChunk * 4 * (call.query.k / P::kGroup));
  for (size_t first = 0; first < call.rows.num_rows; first += kChunk) {
    const size_t left = call.rows.num_rows - first;
    const size_t count = left < kChunk ? left : kChunk;
    const CodedChunk<S> coded(call, first, count, copy);
    decode_chunk<S, P, B>(call.weights, coded.codes, decoded);
    const DecodedChunk<P> chunk = {call.query, call.shift,
                                   reinterpret_cast<const typename P::Element*>(decoded),
                                   coded.scales, coded.scores};
    for_even_parts(count, S::kTileRows, [&](size_t t, size_t size) {
      with_rows<S>(size, [&](auto m) {
        residual_tile<S, decltype(m)::kCount, P>(chunk, t, finish.from(first));
      });
    });
  }
}

template <class S, class P>
void maxsim_residual(const ResidualCall& call, float* lowest, float* highest,
                     uint8_t* marks) noexcept {
  const auto none = S::set1(-__builtin_inff());
  for (size_t r = 0; r < call.query.num_panels * kPanelColumns; r += S::kWidth) {
    S::store(lowest + r, none);
    S::store(highest + r, none);
  }
  if (call.rows.num_rows == 0) return;  // no marks to clear: memset takes no null, even for none
  __builtin_memset(marks, 0, call.rows.num_rows);
  with_bits(call.weights.nbits, [&](auto bits) {
    for_each_tile<S, P, decltype(bits)::kCount>(
        call, RaiseBounds<S>{call.scaled_errors, call.slack, lowest, highest, marks});
  });
}

}  // namespace
}  // namespace maxsimd::kernels::simd
