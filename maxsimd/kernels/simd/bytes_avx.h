// Bytes of a panel's columns, 256 bits, on AVX2 and AVX-512 alike.
#pragma once

#include <immintrin.h>

#include "maxsimd/kernels/simd/tile.h"

namespace maxsimd::kernels::simd {
namespace {

struct AvxBytes {
  using Bytes = __m256i;
  static MAXSIMD_INLINE Bytes load_panel(const uint8_t* p) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  }
  static MAXSIMD_INLINE void store_panel(uint8_t* p, Bytes x) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), x);
  }
  static MAXSIMD_INLINE Bytes zero_bytes() { return _mm256_setzero_si256(); }
  static MAXSIMD_INLINE Bytes max_bytes(Bytes a, const uint8_t* p) {
    return _mm256_max_epu8(a, load_panel(p));
  }
  static MAXSIMD_INLINE bool any_byte_above(const uint8_t* p, Bytes limits) {
    const __m256i above = _mm256_subs_epu8(load_panel(p), limits);
    return _mm256_testz_si256(above, above) == 0;
  }
  static MAXSIMD_INLINE uint32_t sum_bytes(Bytes x) {
    const __m256i four = _mm256_sad_epu8(x, _mm256_setzero_si256());
    const __m128i two =
        _mm_add_epi64(_mm256_castsi256_si128(four), _mm256_extracti128_si256(four, 1));
    return static_cast<uint32_t>(_mm_cvtsi128_si32(two) + _mm_extract_epi16(two, 4));
  }
};

}  // namespace
}  // namespace maxsimd::kernels::simd
