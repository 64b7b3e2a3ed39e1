// Decoding of residual codes for MaxSim, a chunk of rows at a time: bytes of 16 rows are
// transposed, so that one shuffle looks up the weights of one dimension for all rows of a vector;
// what comes out is laid out as the micro-kernel reads it, [steps][rows of a chunk] of four bytes.
#pragma once

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

}  // namespace
}  // namespace maxsimd::kernels::simd
