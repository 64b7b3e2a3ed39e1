// The vector operations the kernels are written in, for AVX2 + FMA + F16C: 8 lanes, 16 registers.
#pragma once

#include <immintrin.h>

#include "maxsimd/kernels/simd/raw.h"
#include "maxsimd/kernels/simd/transpose_avx.h"

namespace maxsimd::kernels::simd {
namespace {

struct Avx2 {
  using Float = __m256;
  using Int = __m256i;
  using Mask = __m256i;
  static constexpr size_t kWidth = 8;
  // A tile of 6 rows x 2 vectors: 12 sums, 2 panel vectors, 1 broadcast (16 registers).
  static constexpr size_t kTileRows = 6;
  // Rows and columns of what transpose() takes.
  static constexpr size_t kTransposed = 8;

  static MAXSIMD_INLINE Float zero() { return _mm256_setzero_ps(); }
  static MAXSIMD_INLINE Float set1(float x) { return _mm256_set1_ps(x); }
  static MAXSIMD_INLINE Float load(const float* p) { return _mm256_loadu_ps(p); }
  static MAXSIMD_INLINE void store(float* p, Float x) { _mm256_storeu_ps(p, x); }
  static MAXSIMD_INLINE Float add(Float a, Float b) { return _mm256_add_ps(a, b); }
  static MAXSIMD_INLINE Float sub(Float a, Float b) { return _mm256_sub_ps(a, b); }
  static MAXSIMD_INLINE Float mul(Float a, Float b) { return _mm256_mul_ps(a, b); }
  static MAXSIMD_INLINE Float div(Float a, Float b) { return _mm256_div_ps(a, b); }
  /// a * b + c, a * b - c and c - a * b, rounded once.
  static MAXSIMD_INLINE Float fma(Float a, Float b, Float c) { return _mm256_fmadd_ps(a, b, c); }
  static MAXSIMD_INLINE Float fms(Float a, Float b, Float c) { return _mm256_fmsub_ps(a, b, c); }
  static MAXSIMD_INLINE Float fnma(Float a, Float b, Float c) { return _mm256_fnmadd_ps(a, b, c); }
  /// What fma() takes as its first factor: the same number for all lanes.
  static MAXSIMD_INLINE Float broadcast(const float* p) { return set1(*p); }
  /// b where either is NaN.
  static MAXSIMD_INLINE Float max(Float a, Float b) { return _mm256_max_ps(a, b); }
  static MAXSIMD_INLINE Float min(Float a, Float b) { return _mm256_min_ps(a, b); }
  static MAXSIMD_INLINE Float abs(Float x) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0F), x); }
  static MAXSIMD_INLINE float square_root(float x) {
    return _mm_cvtss_f32(_mm_sqrt_ss(_mm_set_ss(x)));
  }

  /// Lanes [0, count); count may exceed the width.
  static MAXSIMD_INLINE Mask first_lanes(size_t count) {
    const int n = count > kWidth ? static_cast<int>(kWidth) : static_cast<int>(count);
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  }
  static MAXSIMD_INLINE Float load(const float* p, Mask mask) {
    return _mm256_maskload_ps(p, mask);
  }
  static MAXSIMD_INLINE void store(float* p, Float x, Mask mask) {
    _mm256_maskstore_ps(p, mask, x);
  }
  static MAXSIMD_INLINE Float keep(Float x, Mask mask) {
    return _mm256_and_ps(x, _mm256_castsi256_ps(mask));
  }

  static MAXSIMD_INLINE float sum(Float x) {
    const __m128 four = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
    const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
  }
  static MAXSIMD_INLINE float highest(Float x) {
    const __m128 four = _mm_max_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
    const __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)));
  }

  static MAXSIMD_INLINE Int load_int(const void* p) {
    return _mm256_loadu_si256(static_cast<const __m256i*>(p));
  }
  static MAXSIMD_INLINE void store_int(void* p, Int x) {
    _mm256_storeu_si256(static_cast<__m256i*>(p), x);
  }
  static MAXSIMD_INLINE Int set1_int(int32_t x) { return _mm256_set1_epi32(x); }
  static MAXSIMD_INLINE Int add_int(Int a, Int b) { return _mm256_add_epi32(a, b); }
  /// Low 32 bits of the products.
  static MAXSIMD_INLINE Int multiply_int(Int a, Int b) { return _mm256_mullo_epi32(a, b); }
  static MAXSIMD_INLINE Int shift_right_int(Int x, int bits) { return _mm256_srai_epi32(x, bits); }
  static MAXSIMD_INLINE Int xor_int(Int a, Int b) { return _mm256_xor_si256(a, b); }
  /// Shifts in zeros.
  template <int kBits>
  static MAXSIMD_INLINE Int shift_right_bits(Int x) {
    return _mm256_srli_epi32(x, kBits);
  }
  /// x where n >= limit, else 0.
  static MAXSIMD_INLINE Float keep_if_not_less(Float x, Int n, Int limit) {
    return _mm256_andnot_ps(_mm256_castsi256_ps(_mm256_cmpgt_epi32(limit, n)), x);
  }
  /// Rounds to nearest even.
  static MAXSIMD_INLINE Int to_int(Float x) { return _mm256_cvtps_epi32(x); }
  static MAXSIMD_INLINE int32_t to_nearest(float x) { return _mm_cvtss_si32(_mm_set_ss(x)); }
  static MAXSIMD_INLINE Float to_float(Int x) { return _mm256_cvtepi32_ps(x); }
  /// x * 2^n, where n sits in the low bits of `shifted` (see exp2 in math.h).
  static MAXSIMD_INLINE Float add_exponent(Float x, Float shifted) {
    const Int n = _mm256_slli_epi32(_mm256_castps_si256(shifted), 23);
    return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(x), n));
  }
  /// n + 1 where x > limit.
  static MAXSIMD_INLINE Int add_if_greater(Int n, Float x, Float limit) {
    return _mm256_sub_epi32(n, _mm256_castps_si256(_mm256_cmp_ps(x, limit, _CMP_GT_OQ)));
  }
  /// x where a > b, else y.
  static MAXSIMD_INLINE Int choose_if_greater(Float a, Float b, Int x, Int y) {
    return _mm256_blendv_epi8(y, x, _mm256_castps_si256(_mm256_cmp_ps(a, b, _CMP_GT_OQ)));
  }
  /// x where that bit of n is set, else y.
  static MAXSIMD_INLINE Float choose_if_bit(Int n, int bit, Float x, Float y) {
    return _mm256_blendv_ps(y, x, _mm256_castsi256_ps(_mm256_slli_epi32(n, 31 - bit)));
  }
  /// kWidth unsigned bytes.
  static MAXSIMD_INLINE Int load_bytes(const uint8_t* p) {
    return _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)));
  }
  /// The lanes are within [0, 255].
  static MAXSIMD_INLINE void store_low_bytes(uint8_t* p, Int x) {
    const __m128i i16 = _mm_packs_epi32(_mm256_castsi256_si128(x), _mm256_extracti128_si256(x, 1));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(p), _mm_packus_epi16(i16, i16));
  }
  /// out[i] = the sum of the lanes of sums[i].
  static MAXSIMD_INLINE void store_sums(int32_t* out, const Int (&sums)[4]) {
    const Int pairs01 = _mm256_hadd_epi32(sums[0], sums[1]);
    const Int pairs23 = _mm256_hadd_epi32(sums[2], sums[3]);
    const Int fours = _mm256_hadd_epi32(pairs01, pairs23);
    _mm_storeu_si128(
        reinterpret_cast<__m128i*>(out),
        _mm_add_epi32(_mm256_castsi256_si128(fours), _mm256_extracti128_si256(fours, 1)));
  }
  /// Sums of two neighbouring int16 products in each int32 lane.
  static MAXSIMD_INLINE Int multiply_pairs(Int a, Int b) { return _mm256_madd_epi16(a, b); }
  /// kWidth * 2 int8 to as many int16.
  static MAXSIMD_INLINE Int widen_bytes(const int8_t* p) {
    return _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
  }

  /// Rounds to nearest even and stores kWidth bytes; lanes are within +-127.
  static MAXSIMD_INLINE void store_bytes(int8_t* p, Float x) {
    const Int i32 = _mm256_cvtps_epi32(x);
    const __m128i i16 =
        _mm_packs_epi32(_mm256_castsi256_si128(i32), _mm256_extracti128_si256(i32, 1));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(p), _mm_packs_epi16(i16, i16));
  }
  /// Stores kWidth values, clamped to [0, 255].
  static MAXSIMD_INLINE void store_unsigned(int16_t* p, Int x) {
    const Int clamped = _mm256_min_epi32(_mm256_max_epi32(x, set1_int(0)), set1_int(255));
    _mm_storeu_si128(
        reinterpret_cast<__m128i*>(p),
        _mm_packs_epi32(_mm256_castsi256_si128(clamped), _mm256_extracti128_si256(clamped, 1)));
  }

  /// The even or the odd ones of 2 * kWidth bfloat16 values.
  static MAXSIMD_INLINE Float even_bf16(const uint16_t* p) {
    return _mm256_castsi256_ps(_mm256_slli_epi32(load_int(p), 16));
  }
  static MAXSIMD_INLINE Float odd_bf16(const uint16_t* p) {
    // A mask would want the sixteenth register.
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_srli_epi32(load_int(p), 16), 16));
  }
  /// To nearest even; NaN stays NaN.
  static MAXSIMD_INLINE Float round_to_bf16(Float x) {
    const Int bits = _mm256_castps_si256(x);
    const Int odd = _mm256_and_si256(_mm256_srli_epi32(bits, 16), set1_int(1));
    const Int rounded = add_int(bits, add_int(odd, set1_int(0x7fff)));
    const Float nan = _mm256_castsi256_ps(_mm256_or_si256(bits, set1_int(0x400000)));
    const Float is_nan = _mm256_cmp_ps(x, x, _CMP_UNORD_Q);
    const Float chosen = _mm256_blendv_ps(_mm256_castsi256_ps(rounded), nan, is_nan);
    return _mm256_and_ps(chosen, _mm256_castsi256_ps(set1_int(-0x10000)));
  }

  static MAXSIMD_INLINE Float load_half(const uint16_t* p) {
    return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
  }
  static MAXSIMD_INLINE void store_half(uint16_t* p, Float x) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p),
                     _mm256_cvtps_ph(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
  }

  /// Writes the transpose of kTransposed rows of as many floats.
  static MAXSIMD_INLINE void transpose(const float* in, size_t in_stride, float* out,
                                       size_t out_stride) {
    transpose_8x8(in, in_stride, out, out_stride);
  }
};

}  // namespace
}  // namespace maxsimd::kernels::simd
