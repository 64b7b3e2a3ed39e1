// Similarities of one int8 row with rows that lie anywhere in memory: what a graph search asks.
// Four rows at a time share the loads of the query and the sums over lanes; the rows to come are
// fetched ahead, since most of the time goes into waiting for them.
#pragma once

#include "maxsimd/kernels/simd/raw.h"

namespace maxsimd::kernels::simd {
namespace {

constexpr size_t kRowsAhead = 8;
constexpr size_t kFetchedLine = 64;

MAXSIMD_INLINE void fetch_row(const RowsI8& rows, uint32_t id) {
  const int8_t* row = rows.codes + id * rows.stride;
  for (size_t j = 0; j < rows.stride; j += kFetchedLine) __builtin_prefetch(row + j);
  __builtin_prefetch(rows.scales + id);
}

/// Products of bytes widened to int16, for CPUs that cannot add up products of bytes.
template <class S>
struct PairDots {
  static constexpr size_t kStep = 2 * S::kWidth;
  const int8_t* query;
  size_t k;

  MAXSIMD_INLINE PairDots(const int8_t* query, size_t k) : query(query), k(k) {}

  MAXSIMD_INLINE void four(const int8_t* const (&rows)[4], int32_t* sums) const {
    typename S::Int sum[4];
    for (auto& s : sum) s = S::set1_int(0);
    size_t j = 0;
    for (; j + kStep <= k; j += kStep) {
      const typename S::Int q = S::widen_bytes(query + j);
      MAXSIMD_UNROLL
      for (size_t r = 0; r < 4; ++r) {
        sum[r] = S::add_int(sum[r], S::multiply_pairs(q, S::widen_bytes(rows[r] + j)));
      }
    }
    S::store_sums(sums, sum);
    for (; j < k; ++j) {
      MAXSIMD_UNROLL
      for (size_t r = 0; r < 4; ++r) sums[r] += query[j] * rows[r][j];
    }
  }
};

/// Dots has a constructor (query, k) and four(): the sums of products of four rows.
template <class Dots>
void similarities_i8(const int8_t* query, const RowsI8& rows, const uint32_t* ids, size_t count,
                     float* out) noexcept {
  const Dots dots(query, rows.stride);
  for (size_t i = 0; i < count && i < kRowsAhead; ++i) fetch_row(rows, ids[i]);
  for (size_t i = 0; i < count; i += 4) {
    const size_t size = count - i < 4 ? count - i : 4;
    const size_t ahead = i + kRowsAhead;
    for (size_t r = ahead; r < ahead + 4 && r < count; ++r) fetch_row(rows, ids[r]);
    const int8_t* four[4];
    for (size_t r = 0; r < 4; ++r) {
      four[r] = rows.codes + ids[i + (r < size ? r : 0)] * rows.stride;
    }
    int32_t sums[4];
    dots.four(four, sums);
    for (size_t r = 0; r < size; ++r) {
      out[i + r] = static_cast<float>(sums[r]) * rows.scales[ids[i + r]];
    }
  }
}

}  // namespace
}  // namespace maxsimd::kernels::simd
