// The vector operations the kernels are written in, for AVX-512 F/BW/DQ/VL: 16 lanes, 32 registers.
// The names and meanings are those of simd_avx2.h.
#pragma once

#include <immintrin.h>

#include "maxsimd/kernels/simd/raw.h"
#include "maxsimd/kernels/simd/transpose_avx.h"

namespace maxsimd::kernels::simd {
namespace {

struct Avx512 {
  using Float = __m512;
  using Int = __m512i;
  using Mask = __mmask16;
  static constexpr size_t kWidth = 16;
  // A tile of 12 rows x 2 vectors: 24 sums, 2 panel vectors, 1 broadcast (32 registers).
  static constexpr size_t kTileRows = 12;
  static constexpr size_t kTransposed = 8;

  static MAXSIMD_INLINE Float zero() { return _mm512_setzero_ps(); }
  static MAXSIMD_INLINE Float set1(float x) { return _mm512_set1_ps(x); }
  static MAXSIMD_INLINE Float load(const float* p) { return _mm512_loadu_ps(p); }
  static MAXSIMD_INLINE void store(float* p, Float x) { _mm512_storeu_ps(p, x); }
  static MAXSIMD_INLINE Float add(Float a, Float b) { return _mm512_add_ps(a, b); }
  static MAXSIMD_INLINE Float sub(Float a, Float b) { return _mm512_sub_ps(a, b); }
  static MAXSIMD_INLINE Float mul(Float a, Float b) { return _mm512_mul_ps(a, b); }
  static MAXSIMD_INLINE Float div(Float a, Float b) { return _mm512_div_ps(a, b); }
  static MAXSIMD_INLINE Float fma(Float a, Float b, Float c) { return _mm512_fmadd_ps(a, b, c); }
  static MAXSIMD_INLINE Float fms(Float a, Float b, Float c) { return _mm512_fmsub_ps(a, b, c); }
  static MAXSIMD_INLINE Float fnma(Float a, Float b, Float c) { return _mm512_fnmadd_ps(a, b, c); }
  static MAXSIMD_INLINE Float broadcast(const float* p) { return set1(*p); }
  static MAXSIMD_INLINE Float max(Float a, Float b) { return _mm512_max_ps(a, b); }
  static MAXSIMD_INLINE Float min(Float a, Float b) { return _mm512_min_ps(a, b); }
  static MAXSIMD_INLINE Float abs(Float x) { return _mm512_abs_ps(x); }
  static MAXSIMD_INLINE float square_root(float x) {
    return _mm_cvtss_f32(_mm_sqrt_ss(_mm_set_ss(x)));
  }

  static MAXSIMD_INLINE Mask first_lanes(size_t count) {
    return static_cast<Mask>(count >= kWidth ? 0xffffU : (1U << count) - 1U);
  }
  static MAXSIMD_INLINE Float load(const float* p, Mask mask) {
    return _mm512_maskz_loadu_ps(mask, p);
  }
  static MAXSIMD_INLINE void store(float* p, Float x, Mask mask) {
    _mm512_mask_storeu_ps(p, mask, x);
  }
  static MAXSIMD_INLINE Float keep(Float x, Mask mask) { return _mm512_maskz_mov_ps(mask, x); }

  static MAXSIMD_INLINE float sum(Float x) {
    const __m256 eight = _mm256_add_ps(_mm512_castps512_ps256(x), _mm512_extractf32x8_ps(x, 1));
    const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
  }
  static MAXSIMD_INLINE float highest(Float x) {
    const __m256 eight = _mm256_max_ps(_mm512_castps512_ps256(x), _mm512_extractf32x8_ps(x, 1));
    const __m128 four = _mm_max_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    const __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)));
  }

  static MAXSIMD_INLINE Int load_int(const void* p) { return _mm512_loadu_si512(p); }
  static MAXSIMD_INLINE void store_int(void* p, Int x) { _mm512_storeu_si512(p, x); }
  static MAXSIMD_INLINE Int set1_int(int32_t x) { return _mm512_set1_epi32(x); }
  static MAXSIMD_INLINE Int add_int(Int a, Int b) { return _mm512_add_epi32(a, b); }
  static MAXSIMD_INLINE Int multiply_int(Int a, Int b) { return _mm512_mullo_epi32(a, b); }
  static MAXSIMD_INLINE Int shift_right_int(Int x, unsigned bits) {
    return _mm512_srai_epi32(x, bits);
  }
  static MAXSIMD_INLINE Int xor_int(Int a, Int b) { return _mm512_xor_si512(a, b); }
  template <int kBits>
  static MAXSIMD_INLINE Int shift_right_bits(Int x) {
    return _mm512_srli_epi32(x, kBits);
  }
  static MAXSIMD_INLINE Float keep_if_not_less(Float x, Int n, Int limit) {
    return _mm512_maskz_mov_ps(_mm512_cmpge_epi32_mask(n, limit), x);
  }
  static MAXSIMD_INLINE Int to_int(Float x) { return _mm512_cvtps_epi32(x); }
  static MAXSIMD_INLINE int32_t to_nearest(float x) { return _mm_cvtss_si32(_mm_set_ss(x)); }
  static MAXSIMD_INLINE Float to_float(Int x) { return _mm512_cvtepi32_ps(x); }
  static MAXSIMD_INLINE Float add_exponent(Float x, Float shifted) {
    const Int n = _mm512_slli_epi32(_mm512_castps_si512(shifted), 23);
    return _mm512_castsi512_ps(_mm512_add_epi32(_mm512_castps_si512(x), n));
  }
  static MAXSIMD_INLINE Int add_if_greater(Int n, Float x, Float limit) {
    return _mm512_mask_add_epi32(n, _mm512_cmp_ps_mask(x, limit, _CMP_GT_OQ), n, set1_int(1));
  }
  static MAXSIMD_INLINE Int choose_if_greater(Float a, Float b, Int x, Int y) {
    return _mm512_mask_mov_epi32(y, _mm512_cmp_ps_mask(a, b, _CMP_GT_OQ), x);
  }
  static MAXSIMD_INLINE Float choose_if_bit(Int n, int bit, Float x, Float y) {
    return _mm512_mask_mov_ps(y, _mm512_test_epi32_mask(n, set1_int(1 << bit)), x);
  }
  static MAXSIMD_INLINE Int load_bytes(const uint8_t* p) {
    return _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
  }
  static MAXSIMD_INLINE void store_low_bytes(uint8_t* p, Int x) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm512_cvtepi32_epi8(x));
  }
  static MAXSIMD_INLINE __m256i fold(Int x) {
    return _mm256_add_epi32(_mm512_castsi512_si256(x), _mm512_extracti64x4_epi64(x, 1));
  }
  static MAXSIMD_INLINE void store_sums(int32_t* out, const Int (&sums)[4]) {
    const __m256i pairs01 = _mm256_hadd_epi32(fold(sums[0]), fold(sums[1]));
    const __m256i pairs23 = _mm256_hadd_epi32(fold(sums[2]), fold(sums[3]));
    const __m256i fours = _mm256_hadd_epi32(pairs01, pairs23);
    _mm_storeu_si128(
        reinterpret_cast<__m128i*>(out),
        _mm_add_epi32(_mm256_castsi256_si128(fours), _mm256_extracti128_si256(fours, 1)));
  }
  static MAXSIMD_INLINE Int multiply_pairs(Int a, Int b) { return _mm512_madd_epi16(a, b); }
  static MAXSIMD_INLINE Int widen_bytes(const int8_t* p) {
    return _mm512_cvtepi8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
  }

  static MAXSIMD_INLINE void store_bytes(int8_t* p, Float x) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(x)));
  }
  static MAXSIMD_INLINE Int clamp_to_unsigned(Int x) {
    return _mm512_min_epi32(_mm512_max_epi32(x, set1_int(0)), set1_int(255));
  }
  static MAXSIMD_INLINE void store_unsigned(int16_t* p, Int x) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), _mm512_cvtepi32_epi16(clamp_to_unsigned(x)));
  }
  static MAXSIMD_INLINE void store_unsigned(uint8_t* p, Int x) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm512_cvtepi32_epi8(clamp_to_unsigned(x)));
  }

  static MAXSIMD_INLINE Float even_bf16(const uint16_t* p) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(load_int(p), 16));
  }
  static MAXSIMD_INLINE Float odd_bf16(const uint16_t* p) {
    return _mm512_castsi512_ps(_mm512_and_si512(load_int(p), set1_int(-0x10000)));
  }
  static MAXSIMD_INLINE Float round_to_bf16(Float x) {
    const Int bits = _mm512_castps_si512(x);
    const Int odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), set1_int(1));
    const Int rounded = add_int(bits, add_int(odd, set1_int(0x7fff)));
    const __mmask16 is_nan = _mm512_cmp_ps_mask(x, x, _CMP_UNORD_Q);
    const Int chosen = _mm512_mask_or_epi32(rounded, is_nan, bits, set1_int(0x400000));
    return _mm512_castsi512_ps(_mm512_and_si512(chosen, set1_int(-0x10000)));
  }

  static MAXSIMD_INLINE Float load_half(const uint16_t* p) {
    return _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
  }
  static MAXSIMD_INLINE void store_half(uint16_t* p, Float x) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p),
                        _mm512_cvtps_ph(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
  }

  static MAXSIMD_INLINE void transpose(const float* in, size_t in_stride, float* out,
                                       size_t out_stride) {
    transpose_8x8(in, in_stride, out, out_stride);
  }
};

}  // namespace
}  // namespace maxsimd::kernels::simd
