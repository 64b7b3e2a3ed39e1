// What the kernels over codes need beyond simd_avx2.h: shuffles of bytes within blocks of 16.
#pragma once

#include "maxsimd/kernels/simd/bytes_avx.h"
#include "maxsimd/kernels/simd/simd_avx2.h"

namespace maxsimd::kernels::simd {
namespace {

struct Avx2Codes : Avx2, AvxBytes {
  static constexpr size_t kBlocks = 2;  // of 16 bytes in a vector

  static MAXSIMD_INLINE __m128i load_block(const void* p) {
    return _mm_loadu_si128(static_cast<const __m128i*>(p));
  }
  /// A block at p, one a stride further on, ...
  static MAXSIMD_INLINE Int load_blocks(const uint8_t* p, size_t stride) {
    return _mm256_inserti128_si256(_mm256_castsi128_si256(load_block(p)), load_block(p + stride),
                                   1);
  }
  static MAXSIMD_INLINE Int repeat_block(const void* p) {
    return _mm256_broadcastsi128_si256(load_block(p));
  }
  // Within each block: a0 b0 a1 b1 ... of its lower or upper half.
  static MAXSIMD_INLINE Int zip_low_bytes(Int a, Int b) { return _mm256_unpacklo_epi8(a, b); }
  static MAXSIMD_INLINE Int zip_high_bytes(Int a, Int b) { return _mm256_unpackhi_epi8(a, b); }
  static MAXSIMD_INLINE Int zip_low_shorts(Int a, Int b) { return _mm256_unpacklo_epi16(a, b); }
  static MAXSIMD_INLINE Int zip_high_shorts(Int a, Int b) { return _mm256_unpackhi_epi16(a, b); }
  /// table[index] byte by byte, within each block. REQUIRES: index < 16.
  static MAXSIMD_INLINE Int look_up(Int table, Int index) {
    return _mm256_shuffle_epi8(table, index);
  }
  /// Bits from `bit` on of each byte, as many as the mask (the same in each byte) holds.
  static MAXSIMD_INLINE Int codes_at(Int x, unsigned bit, Int mask) {
    return _mm256_and_si256(reinterpret_cast<Int>(reinterpret_cast<__v16hu>(x) >> bit), mask);
  }
  static MAXSIMD_INLINE Int set1_byte(int8_t x) { return _mm256_set1_epi8(x); }
  static MAXSIMD_INLINE Int flip(Int a, Int b) { return _mm256_xor_si256(a, b); }
  /// -1 for negative bytes, 0 for others: their upper bytes as int16.
  static MAXSIMD_INLINE Int signs(Int x) { return _mm256_cmpgt_epi8(_mm256_setzero_si256(), x); }

  static MAXSIMD_INLINE Int widen_shorts(const int16_t* p) {
    return _mm256_cvtepi16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
  }
  static MAXSIMD_INLINE Int shift_left_int(Int x, unsigned bits) {
    return _mm256_sll_epi32(x, _mm_cvtsi32_si128(static_cast<int>(bits)));
  }
  static MAXSIMD_INLINE Int max_int(Int a, Int b) { return _mm256_max_epi32(a, b); }
  static MAXSIMD_INLINE Int min_int(Int a, Int b) { return _mm256_min_epi32(a, b); }
  static MAXSIMD_INLINE Int sub_int(Int a, Int b) { return _mm256_sub_epi32(a, b); }
  /// Whether any lane of a is above that of b, or any of c above that of d.
  static MAXSIMD_INLINE bool any_above(Float a, Float b, Float c, Float d) {
    const Float above =
        _mm256_or_ps(_mm256_cmp_ps(a, b, _CMP_GT_OQ), _mm256_cmp_ps(c, d, _CMP_GT_OQ));
    return _mm256_movemask_ps(above) != 0;
  }
  /// kWidth numbers, each within the range of int16.
  static MAXSIMD_INLINE void store_shorts(int16_t* p, Int x) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p),
                     _mm_packs_epi32(_mm256_castsi256_si128(x), _mm256_extracti128_si256(x, 1)));
  }

  // Of kPanelColumns columns.
  static MAXSIMD_INLINE bool any_above(const int16_t* x, const int16_t* limits) {
    const Int first = _mm256_cmpgt_epi16(load_int(x), load_int(limits));
    const Int second = _mm256_cmpgt_epi16(load_int(x + 16), load_int(limits + 16));
    return _mm256_movemask_epi8(_mm256_or_si256(first, second)) != 0;
  }
  /// (x - offsets) * factors / 65536, at most 255.
  static MAXSIMD_INLINE void to_bytes(const int16_t* x, const int16_t* offsets,
                                      const uint16_t* factors, uint8_t* out) {
    const Int limit = _mm256_set1_epi16(255);
    Int scaled[2];
    MAXSIMD_UNROLL
    for (size_t i = 0; i < 2; ++i) {
      const Int above = _mm256_sub_epi16(load_int(x + 16 * i), load_int(offsets + 16 * i));
      scaled[i] = _mm256_min_epu16(_mm256_mulhi_epu16(above, load_int(factors + 16 * i)), limit);
    }
    store_int(out, _mm256_permute4x64_epi64(_mm256_packus_epi16(scaled[0], scaled[1]), 0xd8));
  }
};

}  // namespace
}  // namespace maxsimd::kernels::simd
