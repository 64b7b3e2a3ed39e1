// What the kernels over codes need beyond simd_avx512.h; names and meanings as in codes_avx2.h.
#pragma once

#include "maxsimd/kernels/simd/bytes_avx.h"
#include "maxsimd/kernels/simd/simd_avx512.h"

namespace maxsimd::kernels::simd {
namespace {

struct Avx512Codes : Avx512, AvxBytes {
  static constexpr size_t kBlocks = 4;

  static MAXSIMD_INLINE __m128i load_block(const void* p) {
    return _mm_loadu_si128(static_cast<const __m128i*>(p));
  }
  static MAXSIMD_INLINE Int load_blocks(const uint8_t* p, size_t stride) {
    Int x = _mm512_castsi128_si512(load_block(p));
    x = _mm512_inserti32x4(x, load_block(p + stride), 1);
    x = _mm512_inserti32x4(x, load_block(p + 2 * stride), 2);
    return _mm512_inserti32x4(x, load_block(p + 3 * stride), 3);
  }
  static MAXSIMD_INLINE Int repeat_block(const void* p) {
    return _mm512_broadcast_i32x4(load_block(p));
  }
  static MAXSIMD_INLINE Int zip_low_bytes(Int a, Int b) { return _mm512_unpacklo_epi8(a, b); }
  static MAXSIMD_INLINE Int zip_high_bytes(Int a, Int b) { return _mm512_unpackhi_epi8(a, b); }
  static MAXSIMD_INLINE Int zip_low_shorts(Int a, Int b) { return _mm512_unpacklo_epi16(a, b); }
  static MAXSIMD_INLINE Int zip_high_shorts(Int a, Int b) { return _mm512_unpackhi_epi16(a, b); }
  static MAXSIMD_INLINE Int look_up(Int table, Int index) {
    return _mm512_shuffle_epi8(table, index);
  }
  static MAXSIMD_INLINE Int codes_at(Int x, unsigned bit, Int mask) {
    return _mm512_and_si512(reinterpret_cast<Int>(reinterpret_cast<__v32hu>(x) >> bit), mask);
  }
  static MAXSIMD_INLINE Int set1_byte(int8_t x) { return _mm512_set1_epi8(x); }
  static MAXSIMD_INLINE Int flip(Int a, Int b) { return _mm512_xor_si512(a, b); }
  static MAXSIMD_INLINE Int signs(Int x) { return _mm512_movm_epi8(_mm512_movepi8_mask(x)); }

  static MAXSIMD_INLINE Int widen_shorts(const int16_t* p) {
    return _mm512_cvtepi16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
  }
  static MAXSIMD_INLINE Int shift_left_int(Int x, unsigned bits) {
    return _mm512_sll_epi32(x, _mm_cvtsi32_si128(static_cast<int>(bits)));
  }
  static MAXSIMD_INLINE Int max_int(Int a, Int b) { return _mm512_max_epi32(a, b); }
  static MAXSIMD_INLINE Int min_int(Int a, Int b) { return _mm512_min_epi32(a, b); }
  static MAXSIMD_INLINE Int sub_int(Int a, Int b) { return _mm512_sub_epi32(a, b); }
  static MAXSIMD_INLINE bool any_above(Float a, Float b, Float c, Float d) {
    return (_mm512_cmp_ps_mask(a, b, _CMP_GT_OQ) | _mm512_cmp_ps_mask(c, d, _CMP_GT_OQ)) != 0;
  }
  static MAXSIMD_INLINE void store_shorts(int16_t* p, Int x) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), _mm512_cvtepi32_epi16(x));
  }

  static MAXSIMD_INLINE bool any_above(const int16_t* x, const int16_t* limits) {
    return _mm512_cmpgt_epi16_mask(_mm512_loadu_si512(x), _mm512_loadu_si512(limits)) != 0;
  }
  static MAXSIMD_INLINE void to_bytes(const int16_t* x, const int16_t* offsets,
                                      const uint16_t* factors, uint8_t* out) {
    const Int above = _mm512_sub_epi16(_mm512_loadu_si512(x), _mm512_loadu_si512(offsets));
    const Int scaled = _mm512_mulhi_epu16(above, _mm512_loadu_si512(factors));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), _mm512_cvtusepi16_epi8(scaled));
  }
};

}  // namespace
}  // namespace maxsimd::kernels::simd
