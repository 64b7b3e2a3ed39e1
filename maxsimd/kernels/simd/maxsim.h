// MaxSim of one document: the micro-kernel with document rows as the tile's rows and query rows as
// its columns; the maximum over the tile is taken from the registers, no similarity is ever stored.
// Documents that are not float32 are converted a tile at a time into a small buffer on the stack.
#pragma once

#include "maxsimd/kernels/simd/products.h"
#include "maxsimd/kernels/simd/rows.h"
#include "maxsimd/kernels/simd/tile.h"

namespace maxsimd::kernels::simd {
namespace {

// Inner-dimension elements converted at a time. Longer rows are converted in several pieces, and
// once for each panel of the query.
constexpr size_t kChunk = 512;
// Bytes of documents fetched ahead of the tile at hand, into the L2 cache. On a scan of SciFact's
// size f32 takes 75 ms without, 73 with 2 KiB, 58 with 4, 53 with 8, 50 with 16 (bench_maxsim);
// more than 8 would be wasted where the next document lies elsewhere.
constexpr size_t kFetchBytes = 8192;

/// What multiply_tile reads: document rows [rows, *] in the product's element type.
template <class Element>
struct TileRows {
  const Element* data;
  size_t stride;
};

/// A kind of document. Each has
///   Product                   of the micro-kernel
///   kConverts                 false: rows() returns the document's own memory, whole rows
///   data, k, row_bytes()
///   panel(p, column)          the query's columns from `column`
///   start(p, column)          the first value of a sum
///   rows(t, count, begin, size, buffer)  rows [t, t + count), elements [begin, begin + size)
///   similarity(sum, t)        the sum of document row t as a float
template <class S>
struct FloatDocument {
  using Product = FloatProduct<S>;
  static constexpr bool kConverts = false;
  const PanelsF32& query;
  const float* data;
  size_t k;

  MAXSIMD_INLINE size_t row_bytes() const { return k * sizeof(float); }
  MAXSIMD_INLINE const float* panel(size_t p, size_t column) const {
    return query.data + p * k * kPanelColumns + column;
  }
  MAXSIMD_INLINE typename S::Float start(size_t, size_t) const { return S::zero(); }
  MAXSIMD_INLINE TileRows<float> rows(size_t t, size_t, size_t, size_t, float*) const {
    return {data + t * k, k};
  }
  MAXSIMD_INLINE typename S::Float similarity(typename S::Float sum, size_t) const { return sum; }
};

template <class S>
struct HalfDocument {
  using Product = FloatProduct<S>;
  static constexpr bool kConverts = true;
  const PanelsF32& query;
  const uint16_t* data;
  size_t k;

  MAXSIMD_INLINE size_t row_bytes() const { return k * sizeof(uint16_t); }
  MAXSIMD_INLINE const float* panel(size_t p, size_t column) const {
    return query.data + p * k * kPanelColumns + column;
  }
  MAXSIMD_INLINE typename S::Float start(size_t, size_t) const { return S::zero(); }
  MAXSIMD_INLINE TileRows<float> rows(size_t t, size_t count, size_t begin, size_t size,
                                      float* buffer) const {
    if (size == k) {  // whole rows lie one after the other
      f16_to_f32<S>(data + t * k, count * k, buffer);
    } else {
      for (size_t i = 0; i < count; ++i) {
        f16_to_f32<S>(data + (t + i) * k + begin, size, buffer + i * size);
      }
    }
    return {buffer, size};
  }
  MAXSIMD_INLINE typename S::Float similarity(typename S::Float sum, size_t) const { return sum; }
};

/// What the kinds of int8 documents share.
struct ByteRows {
  const PanelsI8& query;
  const int8_t* data;
  size_t stride;
  const float* scales;
  size_t k;

  MAXSIMD_INLINE size_t row_bytes() const { return stride; }
  /// The query's columns for products of bytes.
  MAXSIMD_INLINE const int8_t* panel(size_t p, size_t column) const {
    return query.data + p * k * kPanelColumns + column * 4;
  }
};

/// int8 documents, widened to int16 for products P of pairs.
template <class S, class P>
struct PairDocument : ByteRows {
  using Product = P;
  static constexpr bool kConverts = true;

  MAXSIMD_INLINE const int16_t* panel(size_t p, size_t column) const {
    return query.pairs + p * k * kPanelColumns + column * 2;
  }
  MAXSIMD_INLINE typename S::Int start(size_t, size_t) const { return S::set1_int(0); }
  MAXSIMD_INLINE TileRows<int16_t> rows(size_t t, size_t count, size_t begin, size_t size,
                                        int16_t* buffer) const {
    constexpr size_t kStep = 2 * S::kWidth;
    for (size_t i = 0; i < count; ++i) {
      const int8_t* in = data + (t + i) * stride + begin;
      int16_t* out = buffer + i * size;
      size_t j = 0;
      for (; j + kStep <= size; j += kStep) S::store_int(out + j, S::widen_bytes(in + j));
      for (; j < size; ++j) out[j] = in[j];
    }
    return {buffer, size};
  }
  MAXSIMD_INLINE typename S::Float similarity(typename S::Int sum, size_t t) const {
    return S::mul(S::to_float(sum), S::set1(scales[t]));
  }
};

/// Raises best[column ...] to the similarities of document rows [t, t + M).
template <class S, size_t M, class Document>
MAXSIMD_INLINE void raise_best(const Document& document, size_t t,
                               typename Document::Product::Vector (&sum)[M][2], float* best) {
  auto best0 = S::load(best);
  auto best1 = S::load(best + S::kWidth);
  MAXSIMD_UNROLL
  for (size_t i = 0; i < M; ++i) {
    best0 = S::max(document.similarity(sum[i][0], t + i), best0);
    best1 = S::max(document.similarity(sum[i][1], t + i), best1);
  }
  S::store(best, best0);
  S::store(best + S::kWidth, best1);
}

template <class S, size_t M, class Document>
__attribute__((noinline)) void maxsim_tile(const Document& document, size_t num_panels, size_t t,
                                           float* best) {
  using Product = typename Document::Product;
  using Element = typename Product::Element;
  alignas(kCacheLine) Element buffer[Document::kConverts ? M * kChunk : 1];
  const size_t k = document.k;
  const size_t piece = Document::kConverts && k > kChunk ? kChunk : k;
  TileRows<Element> rows = document.rows(t, M, 0, piece, buffer);
  const size_t steps = piece / Product::kGroup;
  const size_t row_bytes = document.row_bytes();
  const Ahead ahead = {reinterpret_cast<const char*>(document.data) + t * row_bytes + kFetchBytes,
                       M * row_bytes / (steps == 0 ? 1 : steps), steps};
  for (size_t column = 0; column < num_panels * kPanelColumns; column += 2 * S::kWidth) {
    const size_t p = column / kPanelColumns;
    const typename Product::PanelElement* panel = document.panel(p, column % kPanelColumns);
    typename Product::Vector sum[M][2];
    fill_tile(sum, document.start(p, column % kPanelColumns),
              document.start(p, column % kPanelColumns + S::kWidth));
    multiply_tile<Product>(sum, rows.data, rows.stride, panel, steps, ahead);
    if (Document::kConverts && piece < k) {
      for (size_t begin = piece; begin < k; begin += piece) {
        const size_t size = k - begin < piece ? k - begin : piece;
        rows = document.rows(t, M, begin, size, buffer);
        multiply_tile<Product>(sum, rows.data, rows.stride, panel + begin * kPanelColumns,
                               size / Product::kGroup);
      }
      rows = document.rows(t, M, 0, piece, buffer);
    }
    raise_best<S, M>(document, t, sum, best + column);
  }
}

template <class S, class Document>
MAXSIMD_INLINE void maxsim(const Document& document, size_t num_panels, size_t num_rows,
                           float* best) {
  const auto lowest = S::set1(-__builtin_inff());
  for (size_t r = 0; r < num_panels * kPanelColumns; r += S::kWidth) S::store(best + r, lowest);
  for_even_parts(num_rows, S::kTileRows, [&](size_t t, size_t count) {
    with_rows<S>(
        count, [&](auto m) { maxsim_tile<S, decltype(m)::kCount>(document, num_panels, t, best); });
  });
}

template <class S>
void maxsim_f32(const PanelsF32& query, const float* rows, size_t num_rows, float* best) noexcept {
  maxsim<S>(FloatDocument<S>{query, rows, query.k}, query.num_panels, num_rows, best);
}

template <class S>
void maxsim_f16(const PanelsF32& query, const uint16_t* rows, size_t num_rows,
                float* best) noexcept {
  maxsim<S>(HalfDocument<S>{query, rows, query.k}, query.num_panels, num_rows, best);
}

/// The query's scales are not negative, so they may follow the maximum.
template <class S, class Document>
MAXSIMD_INLINE void maxsim_quantized(const Document& document, const PanelsI8& query,
                                     size_t num_rows, float* best) {
  maxsim<S>(document, query.num_panels, num_rows, best);
  if (num_rows == 0) return;  // -infinity times a scale of 0 would be NaN
  for (size_t r = 0; r < query.num_panels * kPanelColumns; r += S::kWidth) {
    S::store(best + r, S::mul(S::load(best + r), S::load(query.scales + r)));
  }
}

template <class S, class P>
void maxsim_i8_pairs(const PanelsI8& query, const int8_t* rows, size_t row_stride,
                     const float* scales, size_t num_rows, float* best) noexcept {
  maxsim_quantized<S>(PairDocument<S, P>{{query, rows, row_stride, scales, query.k}}, query,
                      num_rows, best);
}

}  // namespace
}  // namespace maxsimd::kernels::simd
