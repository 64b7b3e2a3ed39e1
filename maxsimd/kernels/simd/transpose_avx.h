// The transpose that simd_avx2.h and simd_avx512.h share.
#pragma once

#include <immintrin.h>

#include "maxsimd/kernels/simd/raw.h"

namespace maxsimd::kernels::simd {
namespace {

/// Writes the transpose of 8 x 8 floats.
MAXSIMD_INLINE void transpose_8x8(const float* in, size_t in_stride, float* out,
                                  size_t out_stride) {
  __m256 row[8];
  __m256 pair[8];
  MAXSIMD_UNROLL
  for (size_t i = 0; i < 8; ++i) row[i] = _mm256_loadu_ps(in + i * in_stride);
  MAXSIMD_UNROLL
  for (size_t i = 0; i < 8; i += 2) {
    pair[i] = _mm256_unpacklo_ps(row[i], row[i + 1]);
    pair[i + 1] = _mm256_unpackhi_ps(row[i], row[i + 1]);
  }
  MAXSIMD_UNROLL
  for (size_t i = 0; i < 8; i += 4) {
    row[i] = _mm256_shuffle_ps(pair[i], pair[i + 2], 0x44);
    row[i + 1] = _mm256_shuffle_ps(pair[i], pair[i + 2], 0xee);
    row[i + 2] = _mm256_shuffle_ps(pair[i + 1], pair[i + 3], 0x44);
    row[i + 3] = _mm256_shuffle_ps(pair[i + 1], pair[i + 3], 0xee);
  }
  MAXSIMD_UNROLL
  for (size_t i = 0; i < 4; ++i) {
    _mm256_storeu_ps(out + i * out_stride, _mm256_permute2f128_ps(row[i], row[i + 4], 0x20));
    _mm256_storeu_ps(out + (i + 4) * out_stride, _mm256_permute2f128_ps(row[i], row[i + 4], 0x31));
  }
}

}  // namespace
}  // namespace maxsimd::kernels::simd
