// The residual codec: rows to buckets of (row - centroid), packed in 1, 2 or 4 bits a dimension
// behind the row's scale, and back. The tables are bucket by bucket, so that a vector of dimensions
// reads each bucket's limits or weights in one load: no gathers, and the same work on every
// instruction set.
#pragma once

#include "maxsimd/kernels/simd/chains.h"

namespace maxsimd::kernels::simd {
namespace {

constexpr size_t kDimensions = 32;  // packed at a time; a multiple of 8 and of every vector

/// Eight buckets of B bits, one a byte, to 8 B bits.
template <size_t B>
MAXSIMD_INLINE uint64_t pack_eight(uint64_t x) {
  x = (x | x >> (8 - B)) & (0x0001000100010001ULL * ((1ULL << 2 * B) - 1));
  x = (x | x >> 2 * (8 - B)) & (0x0000000100000001ULL * ((1ULL << 4 * B) - 1));
  return (x | x >> 4 * (8 - B)) & ((1ULL << 8 * B) - 1);
}

/// And back.
template <size_t B>
MAXSIMD_INLINE uint64_t unpack_eight(uint64_t x) {
  x = (x | x << 4 * (8 - B)) & (0x0000000100000001ULL * ((1ULL << 4 * B) - 1));
  x = (x | x << 2 * (8 - B)) & (0x0001000100010001ULL * ((1ULL << 2 * B) - 1));
  return (x | x << (8 - B)) & (0x0101010101010101ULL * ((1ULL << B) - 1));
}

/// Calls f(i, lanes) for the vectors of dimensions [begin, begin + kDimensions), as far as they go.
template <class S, class F>
MAXSIMD_INLINE void for_dimensions(size_t begin, size_t dim, const F& f) {
  if (begin + kDimensions <= dim) {
    MAXSIMD_UNROLL
    for (size_t j = 0; j < kDimensions; j += S::kWidth) f(begin + j, AllLanes<S>{});
  } else {
    for (size_t i = begin; i < dim; i += S::kWidth) f(i, FirstLanes<S>{S::first_lanes(dim - i)});
  }
}

/// The weight of each lane's bucket, chosen bit by bit from the highest: `weights` are those of the
/// buckets whose bits from B on are the lane's.
template <class S, size_t B, class Lanes>
MAXSIMD_INLINE typename S::Float weight_of(typename S::Int bucket, const float* weights, size_t dim,
                                           const Lanes& lanes) {
  if constexpr (B == 0) {
    return lanes.load(weights);
  } else {
    constexpr size_t kHalf = size_t{1} << (B - 1);
    return S::choose_if_bit(bucket, static_cast<int>(B - 1),
                            weight_of<S, B - 1>(bucket, weights + kHalf * dim, dim, lanes),
                            weight_of<S, B - 1>(bucket, weights, dim, lanes));
  }
}

/// Buckets of the dimensions from `begin`, packed: as many as there are up to kDimensions.
template <size_t B>
MAXSIMD_INLINE void store_buckets(const uint8_t* buckets, size_t num_left, uint8_t* codes) {
  uint8_t packed[kDimensions * B / 8];
  MAXSIMD_UNROLL
  for (size_t j = 0; j < kDimensions / 8; ++j) {
    uint64_t eight;
    __builtin_memcpy(&eight, buckets + 8 * j, sizeof(eight));
    eight = pack_eight<B>(eight);
    __builtin_memcpy(packed + j * B, &eight, B);
  }
  __builtin_memcpy(codes, packed, num_left < kDimensions ? (num_left * B + 7) / 8 : sizeof(packed));
}

template <size_t B>
MAXSIMD_INLINE void load_buckets(const uint8_t* codes, size_t num_left, uint8_t* buckets) {
  uint8_t packed[kDimensions * B / 8] = {};
  __builtin_memcpy(packed, codes, num_left < kDimensions ? (num_left * B + 7) / 8 : sizeof(packed));
  MAXSIMD_UNROLL
  for (size_t j = 0; j < kDimensions / 8; ++j) {
    uint64_t eight = 0;
    __builtin_memcpy(&eight, packed + j * B, B);
    eight = unpack_eight<B>(eight);
    __builtin_memcpy(buckets + 8 * j, &eight, sizeof(eight));
  }
}

/// The number of cutoffs below each lane.
template <class S, size_t B, class Lanes>
MAXSIMD_INLINE typename S::Int bucket_of(typename S::Float value, const float* cutoffs, size_t dim,
                                         const Lanes& lanes) {
  auto bucket = S::set1_int(0);  // in lanes beyond the last dimension, too: 0 > 0 is false
  MAXSIMD_UNROLL
  for (size_t c = 0; c + 1 < (size_t{1} << B); ++c) {
    bucket = S::add_if_greater(bucket, value, lanes.load(cutoffs + c * dim));
  }
  return bucket;
}

/// Of the buckets that a stretch gives.
template <class S, size_t B>
MAXSIMD_INLINE ResidualSums sums_of(const ResidualTables& tables, const float* row,
                                    const float* centroid, float stretch) {
  const auto stretches = S::set1(stretch);
  Chains<S> weights_by_residual, weights_squared, weights_by_row;
  for (size_t begin = 0; begin < tables.dim; begin += kDimensions) {
    for_dimensions<S>(begin, tables.dim, [&](size_t i, auto lanes) {
      const auto value = lanes.load(row + i);
      const auto residual = S::sub(value, lanes.load(centroid + i));
      const auto bucket =
          bucket_of<S, B>(S::mul(residual, stretches), tables.cutoffs + i, tables.dim, lanes);
      const auto weight = weight_of<S, B>(bucket, tables.weights + i, tables.dim, lanes);
      weights_by_residual.add(i, S::mul(weight, residual));
      weights_squared.add(i, S::mul(weight, weight));
      weights_by_row.add(i, S::mul(weight, value));
    });
  }
  return {weights_by_residual.total(), weights_squared.total(), weights_by_row.total()};
}

template <class S>
MAXSIMD_INLINE RowSums row_sums_of(const float* row, const float* centroid, size_t dim) {
  Chains<S> residual_by_row, row_squared;
  for (size_t begin = 0; begin < dim; begin += kDimensions) {
    for_dimensions<S>(begin, dim, [&](size_t i, auto lanes) {
      const auto value = lanes.load(row + i);
      const auto residual = S::sub(value, lanes.load(centroid + i));
      residual_by_row.add(i, S::mul(residual, value));
      row_squared.add(i, S::mul(value, value));
    });
  }
  return {residual_by_row.total(), row_squared.total()};
}

template <class S, size_t B>
MAXSIMD_INLINE void write_buckets(const ResidualTables& tables, const float* row,
                                  const float* centroid, float stretch, uint8_t* out) {
  const auto stretches = S::set1(stretch);
  for (size_t begin = 0; begin < tables.dim; begin += kDimensions, out += kDimensions * B / 8) {
    uint8_t buckets[kDimensions] = {};
    for_dimensions<S>(begin, tables.dim, [&](size_t i, auto lanes) {
      const auto residual = S::sub(lanes.load(row + i), lanes.load(centroid + i));
      S::store_low_bytes(
          buckets + (i - begin),
          bucket_of<S, B>(S::mul(residual, stretches), tables.cutoffs + i, tables.dim, lanes));
    });
    store_buckets<B>(buckets, tables.dim - begin, out);
  }
}

template <class S, size_t B>
MAXSIMD_INLINE void code_row(const ResidualTables& tables, const float* row, const float* centroid,
                             uint8_t* codes) {
  const float whole = residual_stretch(tables.norm, squared_distance<S>(row, centroid, tables.dim));
  const RowSums row_sums = row_sums_of<S>(row, centroid, tables.dim);
  float best_stretch = 0.0F, most = -1.0F;
  uint16_t scale = 0;
  for (const float multiple : ResidualStretches{tables.nbits}) {
    const ResidualSums sums = sums_of<S, B>(tables, row, centroid, multiple * whole);
    const float gain = sums.gain(row_sums);
    if (!(gain > most)) continue;
    most = gain;
    best_stretch = multiple * whole;
    scale = sums.scale(row_sums);
  }
  write_buckets<S, B>(tables, row, centroid, best_stretch, codes + kResidualScaleBytes);
  __builtin_memcpy(codes, &scale, sizeof(scale));
}

template <class S, size_t B>
MAXSIMD_INLINE void decode_row(const ResidualTables& tables, const uint8_t* codes,
                               const float* centroid, float* out) {
  const auto scale = S::set1(residual_scale_of(codes));
  codes += kResidualScaleBytes;
  for (size_t begin = 0; begin < tables.dim; begin += kDimensions, codes += kDimensions * B / 8) {
    uint8_t buckets[kDimensions];
    load_buckets<B>(codes, tables.dim - begin, buckets);
    for_dimensions<S>(begin, tables.dim, [&](size_t i, auto lanes) {
      const auto bucket = S::load_bytes(buckets + (i - begin));
      const auto weight = weight_of<S, B>(bucket, tables.weights + i, tables.dim, lanes);
      lanes.store(out + i, S::add(lanes.load(centroid + i), S::mul(scale, weight)));
    });
  }
}

/// Calls f(Bits<nbits>{}).
template <size_t B>
struct Bits {
  static constexpr size_t kCount = B;
};

template <class F>
MAXSIMD_INLINE void with_bits(size_t nbits, const F& f) {
  if (nbits == 4) return f(Bits<4>{});
  if (nbits == 2) return f(Bits<2>{});
  f(Bits<1>{});
}

template <class S>
void code_residuals(const ResidualTables& tables, const float* rows, const uint16_t* centroid_ids,
                    size_t num_rows, uint8_t* codes) noexcept {
  const size_t row_bytes = residual_row_bytes(tables.dim, tables.nbits);
  with_bits(tables.nbits, [&](auto bits) {
    for (size_t r = 0; r < num_rows; ++r) {
      code_row<S, decltype(bits)::kCount>(tables, rows + r * tables.dim,
                                          tables.centroids + centroid_ids[r] * tables.dim,
                                          codes + r * row_bytes);
    }
  });
}

template <class S>
void decode_residuals(const ResidualTables& tables, const uint8_t* codes,
                      const uint16_t* centroid_ids, size_t num_rows, float* out) noexcept {
  const size_t row_bytes = residual_row_bytes(tables.dim, tables.nbits);
  with_bits(tables.nbits, [&](auto bits) {
    for (size_t r = 0; r < num_rows; ++r) {
      decode_row<S, decltype(bits)::kCount>(tables, codes + r * row_bytes,
                                            tables.centroids + centroid_ids[r] * tables.dim,
                                            out + r * tables.dim);
    }
  });
}

}  // namespace
}  // namespace maxsimd::kernels::simd
