// MaxSim over residual codes, of whole documents with bounds of their scores, and of selected rows
// of several documents.
#pragma once

#include "maxsimd/kernels/simd/products.h"
#include "maxsimd/kernels/simd/residual_chunk.h"

namespace maxsimd::kernels::simd {
namespace {

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
template <class S, size_t M, class P, class Finish, class Fetch>
__attribute__((noinline)) void residual_tile(const DecodedChunk<P>& chunk, size_t row,
                                             const Finish& finish, const Fetch& ahead) {
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
                     ahead, kChunkRows<S> * kGroup);
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

/// Raises the best sums.
template <class S>
struct RaiseBest {
  float* best;

  template <size_t M>
  MAXSIMD_INLINE void operator()(const typename S::Float (&sum)[M][2], const float*, size_t,
                                 size_t column) const {
    MAXSIMD_UNROLL
    for (size_t j = 0; j < 2; ++j) {
      const size_t at = column + j * S::kWidth;
      auto highest = S::load(best + at);
      MAXSIMD_UNROLL
      for (size_t i = 0; i < M; ++i) highest = S::max(highest, sum[i][j]);
      S::store(best + at, highest);
    }
  }
};

/// Rows of a document or of some, ready for decode_chunk().
template <class S>
struct CodedChunk {
  const uint8_t* codes;
  alignas(64) float scales[kChunkRows<S>];
  const int16_t* scores[kChunkRows<S>];
};

/// Rows [first, first + count). Chunks are read whole and a block beyond; where the rows end
/// before, from `copy`.
template <class S>
MAXSIMD_INLINE void load_chunk(const ResidualCall& call, const ResidualRows& rows, size_t first,
                               size_t count, uint8_t* copy, CodedChunk<S>& chunk) {
  const size_t row_bytes = call.weights.residual_bytes;
  const size_t columns = call.query.num_panels * kPanelColumns;
  const bool is_whole = (rows.num_rows - first) * row_bytes >= kChunkRows<S> * row_bytes + kBlock;
  chunk.codes = rows.residuals + first * row_bytes;
  for (size_t i = 0; i < count; ++i) {
    chunk.scales[i] = residual_scale_of(chunk.codes + i * row_bytes);
    chunk.scores[i] = rows.scores + rows.centroids[first + i] * columns;
  }
  if (is_whole) return;
  __builtin_memcpy(copy, chunk.codes, count * row_bytes);
  chunk.codes = copy;
}

/// A row, in blocks, of which the last two may overlap.
MAXSIMD_INLINE void copy_row(const uint8_t* from, size_t count, uint8_t* to) {
  if (count < kBlock) {
    __builtin_memcpy(to, from, count);
    return;
  }
  for (size_t i = 0; i + kBlock < count; i += kBlock) __builtin_memcpy(to + i, from + i, kBlock);
  __builtin_memcpy(to + count - kBlock, from + count - kBlock, kBlock);
}

template <class S>
MAXSIMD_INLINE void load_chunk(const ResidualCall& call, const SelectedRows& rows, size_t first,
                               size_t count, uint8_t* copy, CodedChunk<S>& chunk) {
  const size_t row_bytes = call.weights.residual_bytes;
  chunk.codes = copy;
  for (size_t i = 0; i < count; ++i) {
    const uint8_t* row = rows.residuals[first + i];
    copy_row(row, row_bytes, copy + i * row_bytes);
    chunk.scales[i] = residual_scale_of(row);
    chunk.scores[i] = rows.scores[first + i];
  }
}

/// Calls f(chunk of decoded rows, first of them, how many) for all rows.
template <class S, class P, size_t B, class Rows, class F>
MAXSIMD_INLINE void for_each_chunk(const ResidualCall& call, const Rows& rows, size_t num_rows,
                                   const F& f) {
  constexpr size_t kChunk = kChunkRows<S>;
  char* decoded = static_cast<char*>(call.scratch);
  auto* copy = reinterpret_cast<uint8_t*>(decoded + kChunk * 4 * (call.query.k / P::kGroup));
  for (size_t first = 0; first < num_rows; first += kChunk) {
    const size_t left = num_rows - first;
    const size_t count = left < kChunk ? left : kChunk;
    CodedChunk<S> coded;
    load_chunk(call, rows, first, count, copy, coded);
    decode_chunk<S, P, B>(call.weights, coded.codes, decoded);
    const DecodedChunk<P> chunk = {call.query, call.shift,
                                   reinterpret_cast<const typename P::Element*>(decoded),
                                   coded.scales, coded.scores};
    f(chunk, first, count);
  }
}

/// Rows [begin, begin + count) of the chunk.
template <class S, class P, class Finish, class Fetch = NothingAhead>
MAXSIMD_INLINE void residual_tiles(const DecodedChunk<P>& chunk, size_t begin, size_t count,
                                   const Finish& finish, const Fetch& ahead = {}) {
  for_even_parts(count, S::kTileRows, [&](size_t t, size_t size) {
    with_rows<S>(size, [&](auto m) {
      residual_tile<S, decltype(m)::kCount, P>(chunk, begin + t, finish, ahead);
    });
  });
}

template <class S>
MAXSIMD_INLINE void fill_lowest(float* values, size_t count) {
  const auto none = S::set1(-__builtin_inff());
  for (size_t i = 0; i < count; i += S::kWidth) S::store(values + i, none);
}

template <class S, class P>
void maxsim_residual(const ResidualCall& call, const ResidualRows& rows, float* lowest,
                     float* highest, uint8_t* marks) noexcept {
  fill_lowest<S>(lowest, call.query.num_panels * kPanelColumns);
  fill_lowest<S>(highest, call.query.num_panels * kPanelColumns);
  if (rows.num_rows == 0) return;  // no marks to clear: memset takes no null, even for none
  __builtin_memset(marks, 0, rows.num_rows);
  const RaiseBounds<S> bounds = {call.scaled_errors, call.slack, lowest, highest, marks};
  with_bits(call.weights.nbits, [&](auto bits) {
    for_each_chunk<S, P, decltype(bits)::kCount>(
        call, rows, rows.num_rows, [&](const DecodedChunk<P>& chunk, size_t first, size_t count) {
          residual_tiles<S>(chunk, 0, count, bounds.from(first));
        });
  });
}

/// Rows of the next chunk, one a step, to be near when it is copied: they lie anywhere in memory,
/// and a loop that only asks for them waits as long as one that reads them.
struct SelectedAhead {
  struct Rows {
    const uint8_t* const* next;
    const uint8_t* const* end;
    size_t last_byte;
  };
  Rows* rows;

  MAXSIMD_INLINE void step() {
    if (rows->next == rows->end) return;
    const uint8_t* row = *rows->next++;
    __builtin_prefetch(row);
    __builtin_prefetch(row + rows->last_byte);
  }
};

template <class S, class P>
void maxsim_selected(const ResidualCall& call, const SelectedRows& rows, float* best) noexcept {
  const size_t columns = call.query.num_panels * kPanelColumns;
  fill_lowest<S>(best, rows.num_documents * columns);
  if (rows.num_documents == 0) return;
  const size_t num_rows = rows.ends[rows.num_documents - 1];
  SelectedAhead::Rows next = {nullptr, nullptr, call.weights.residual_bytes - 1};
  size_t document = 0;
  with_bits(call.weights.nbits, [&](auto bits) {
    for_each_chunk<S, P, decltype(bits)::kCount>(
        call, rows, num_rows, [&](const DecodedChunk<P>& chunk, size_t first, size_t count) {
          const size_t left = num_rows - first - count;
          next.next = rows.residuals + first + count;
          next.end = next.next + (left < kChunkRows<S> ? left : kChunkRows<S>);
          for (size_t begin = 0; begin < count;) {
            while (rows.ends[document] <= first + begin) ++document;
            const size_t end = rows.ends[document] - first;
            const size_t size = (end < count ? end : count) - begin;
            residual_tiles<S>(chunk, begin, size, RaiseBest<S>{best + document * columns},
                              SelectedAhead{&next});
            begin += size;
          }
        });
  });
}

}  // namespace
}  // namespace maxsimd::kernels::simd
