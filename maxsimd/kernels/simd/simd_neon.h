// The vector operations the kernels are written in, for NEON of ARMv8-A (all of AArch64): 4 lanes,
// 32 registers. The names and meanings are those of simd_avx2.h.
#pragma once

#include <arm_neon.h>

#include "maxsimd/kernels/simd/raw.h"

namespace maxsimd::kernels::simd {
namespace {

struct Neon {
  using Float = float32x4_t;
  using Int = int32x4_t;
  // There are no masked loads: a mask is how many lanes count, and they are moved one by one.
  struct Mask {
    size_t count;
  };
  static constexpr size_t kWidth = 4;
  // A tile of 12 rows x 2 vectors: 24 sums, 2 panel vectors, 6 of the rows' numbers (32 registers).
  static constexpr size_t kTileRows = 12;
  static constexpr size_t kTransposed = 4;

  static MAXSIMD_INLINE Float zero() { return vdupq_n_f32(0.0F); }
  static MAXSIMD_INLINE Float set1(float x) { return vdupq_n_f32(x); }
  static MAXSIMD_INLINE Float load(const float* p) { return vld1q_f32(p); }
  static MAXSIMD_INLINE void store(float* p, Float x) { vst1q_f32(p, x); }
  static MAXSIMD_INLINE Float add(Float a, Float b) { return vaddq_f32(a, b); }
  static MAXSIMD_INLINE Float sub(Float a, Float b) { return vsubq_f32(a, b); }
  static MAXSIMD_INLINE Float mul(Float a, Float b) { return vmulq_f32(a, b); }
  static MAXSIMD_INLINE Float div(Float a, Float b) { return vdivq_f32(a, b); }
  static MAXSIMD_INLINE Float fma(Float a, Float b, Float c) { return vfmaq_f32(c, a, b); }
  static MAXSIMD_INLINE Float fms(Float a, Float b, Float c) {
    return vfmaq_f32(vnegq_f32(c), a, b);
  }
  static MAXSIMD_INLINE Float fnma(Float a, Float b, Float c) { return vfmsq_f32(c, a, b); }
  /// A scalar: fmla multiplies by one lane of a register and needs no vector of copies.
  static MAXSIMD_INLINE float broadcast(const float* p) { return *p; }
  static MAXSIMD_INLINE Float fma(float a, Float b, Float c) { return vfmaq_n_f32(c, b, a); }
  // fmax would give NaN where either is NaN.
  static MAXSIMD_INLINE Float max(Float a, Float b) { return vbslq_f32(vcgtq_f32(a, b), a, b); }
  static MAXSIMD_INLINE Float min(Float a, Float b) { return vbslq_f32(vcltq_f32(a, b), a, b); }
  static MAXSIMD_INLINE Float abs(Float x) { return vabsq_f32(x); }
  static MAXSIMD_INLINE float square_root(float x) {
    return vgetq_lane_f32(vsqrtq_f32(set1(x)), 0);
  }

  static MAXSIMD_INLINE Mask first_lanes(size_t count) { return {count}; }
  static MAXSIMD_INLINE Float load(const float* p, Mask mask) {
    if (mask.count >= kWidth) return load(p);
    Float x = zero();
    if (mask.count > 0) x = vld1q_lane_f32(p, x, 0);
    if (mask.count > 1) x = vld1q_lane_f32(p + 1, x, 1);
    if (mask.count > 2) x = vld1q_lane_f32(p + 2, x, 2);
    return x;
  }
  static MAXSIMD_INLINE void store(float* p, Float x, Mask mask) {
    if (mask.count >= kWidth) return store(p, x);
    if (mask.count > 0) vst1q_lane_f32(p, x, 0);
    if (mask.count > 1) vst1q_lane_f32(p + 1, x, 1);
    if (mask.count > 2) vst1q_lane_f32(p + 2, x, 2);
  }
  static MAXSIMD_INLINE Float keep(Float x, Mask mask) {
    const uint32x4_t lanes = {0, 1, 2, 3};
    const uint32_t count = mask.count > kWidth ? kWidth : static_cast<uint32_t>(mask.count);
    const uint32x4_t kept = vcltq_u32(lanes, vdupq_n_u32(count));
    return vreinterpretq_f32_u32(vandq_u32(vreinterpretq_u32_f32(x), kept));
  }

  /// In the order of the other instruction sets: the halves of the vector are added, and again.
  static MAXSIMD_INLINE float sum(Float x) {
    return vpadds_f32(vadd_f32(vget_low_f32(x), vget_high_f32(x)));
  }
  static MAXSIMD_INLINE float highest(Float x) { return vmaxvq_f32(x); }

  static MAXSIMD_INLINE Int load_int(const void* p) {
    return vreinterpretq_s32_u8(vld1q_u8(static_cast<const uint8_t*>(p)));
  }
  static MAXSIMD_INLINE void store_int(void* p, Int x) {
    vst1q_u8(static_cast<uint8_t*>(p), vreinterpretq_u8_s32(x));
  }
  static MAXSIMD_INLINE Int set1_int(int32_t x) { return vdupq_n_s32(x); }
  static MAXSIMD_INLINE Int add_int(Int a, Int b) { return vaddq_s32(a, b); }
  static MAXSIMD_INLINE Int multiply_int(Int a, Int b) { return vmulq_s32(a, b); }
  static MAXSIMD_INLINE Int shift_right_int(Int x, int bits) {
    return vshlq_s32(x, vdupq_n_s32(-bits));
  }
  static MAXSIMD_INLINE Int xor_int(Int a, Int b) { return veorq_s32(a, b); }
  template <int kBits>
  static MAXSIMD_INLINE Int shift_right_bits(Int x) {
    return vreinterpretq_s32_u32(vshrq_n_u32(vreinterpretq_u32_s32(x), kBits));
  }
  static MAXSIMD_INLINE Float keep_if_not_less(Float x, Int n, Int limit) {
    return vreinterpretq_f32_u32(vandq_u32(vreinterpretq_u32_f32(x), vcgeq_s32(n, limit)));
  }
  static MAXSIMD_INLINE Int to_int(Float x) { return vcvtnq_s32_f32(x); }
  static MAXSIMD_INLINE int32_t to_nearest(float x) { return vcvtns_s32_f32(x); }
  static MAXSIMD_INLINE Float to_float(Int x) { return vcvtq_f32_s32(x); }
  static MAXSIMD_INLINE Float add_exponent(Float x, Float shifted) {
    const Int n = vshlq_n_s32(vreinterpretq_s32_f32(shifted), 23);
    return vreinterpretq_f32_s32(vaddq_s32(vreinterpretq_s32_f32(x), n));
  }
  static MAXSIMD_INLINE Int add_if_greater(Int n, Float x, Float limit) {
    return vsubq_s32(n, vreinterpretq_s32_u32(vcgtq_f32(x, limit)));
  }
  static MAXSIMD_INLINE Int choose_if_greater(Float a, Float b, Int x, Int y) {
    return vbslq_s32(vcgtq_f32(a, b), x, y);
  }
  static MAXSIMD_INLINE Float choose_if_bit(Int n, int bit, Float x, Float y) {
    return vbslq_f32(vtstq_s32(n, set1_int(1 << bit)), x, y);
  }
  static MAXSIMD_INLINE Int load_bytes(const uint8_t* p) {
    uint32_t four;
    __builtin_memcpy(&four, p, sizeof(four));
    const uint16x8_t i16 = vmovl_u8(vcreate_u8(four));
    return vreinterpretq_s32_u32(vmovl_u16(vget_low_u16(i16)));
  }
  static MAXSIMD_INLINE void store_sums(int32_t* out, const Int (&sums)[4]) {
    store_int(out, vpaddq_s32(vpaddq_s32(sums[0], sums[1]), vpaddq_s32(sums[2], sums[3])));
  }
  static MAXSIMD_INLINE Int multiply_pairs(Int a, Int b) {
    const int16x8_t a16 = vreinterpretq_s16_s32(a);
    const int16x8_t b16 = vreinterpretq_s16_s32(b);
    return vpaddq_s32(vmull_s16(vget_low_s16(a16), vget_low_s16(b16)), vmull_high_s16(a16, b16));
  }
  static MAXSIMD_INLINE Int widen_bytes(const int8_t* p) {
    return vreinterpretq_s32_s16(vmovl_s8(vld1_s8(p)));
  }

  /// The low bytes of the lanes.
  static MAXSIMD_INLINE void store_low_bytes(void* p, Int x) {
    const int16x4_t i16 = vmovn_s32(x);
    const int8x8_t i8 = vmovn_s16(vcombine_s16(i16, i16));
    const int32_t four = vget_lane_s32(vreinterpret_s32_s8(i8), 0);
    __builtin_memcpy(p, &four, sizeof(four));
  }
  static MAXSIMD_INLINE void store_bytes(int8_t* p, Float x) { store_low_bytes(p, to_int(x)); }
  static MAXSIMD_INLINE Int clamp_to_unsigned(Int x) {
    return vminq_s32(vmaxq_s32(x, set1_int(0)), set1_int(255));
  }
  static MAXSIMD_INLINE void store_unsigned(int16_t* p, Int x) {
    vst1_s16(p, vmovn_s32(clamp_to_unsigned(x)));
  }
  static MAXSIMD_INLINE void store_unsigned(int8_t* p, Int x) {
    store_low_bytes(p, vsubq_s32(clamp_to_unsigned(x), set1_int(128)));
  }

  static MAXSIMD_INLINE Float even_bf16(const uint16_t* p) {
    return vreinterpretq_f32_s32(vshlq_n_s32(load_int(p), 16));
  }
  static MAXSIMD_INLINE Float odd_bf16(const uint16_t* p) {
    return vreinterpretq_f32_s32(vandq_s32(load_int(p), set1_int(-0x10000)));
  }
  static MAXSIMD_INLINE Float round_to_bf16(Float x) {
    const uint32x4_t bits = vreinterpretq_u32_f32(x);
    const uint32x4_t odd = vandq_u32(vshrq_n_u32(bits, 16), vdupq_n_u32(1));
    const uint32x4_t rounded = vaddq_u32(bits, vaddq_u32(odd, vdupq_n_u32(0x7fff)));
    const uint32x4_t nan = vorrq_u32(bits, vdupq_n_u32(0x400000));
    const uint32x4_t chosen = vbslq_u32(vceqq_f32(x, x), rounded, nan);
    return vreinterpretq_f32_u32(vandq_u32(chosen, vdupq_n_u32(0xffff0000U)));
  }

  static MAXSIMD_INLINE Float load_half(const uint16_t* p) {
    return vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(p)));
  }
  static MAXSIMD_INLINE void store_half(uint16_t* p, Float x) {
    vst1_u16(p, vreinterpret_u16_f16(vcvt_f16_f32(x)));
  }

  static MAXSIMD_INLINE void transpose(const float* in, size_t in_stride, float* out,
                                       size_t out_stride) {
    const Float row0 = load(in);
    const Float row1 = load(in + in_stride);
    const Float row2 = load(in + 2 * in_stride);
    const Float row3 = load(in + 3 * in_stride);
    const auto even01 = vreinterpretq_f64_f32(vtrn1q_f32(row0, row1));
    const auto odd01 = vreinterpretq_f64_f32(vtrn2q_f32(row0, row1));
    const auto even23 = vreinterpretq_f64_f32(vtrn1q_f32(row2, row3));
    const auto odd23 = vreinterpretq_f64_f32(vtrn2q_f32(row2, row3));
    store(out, vreinterpretq_f32_f64(vtrn1q_f64(even01, even23)));
    store(out + out_stride, vreinterpretq_f32_f64(vtrn1q_f64(odd01, odd23)));
    store(out + 2 * out_stride, vreinterpretq_f32_f64(vtrn2q_f64(even01, even23)));
    store(out + 3 * out_stride, vreinterpretq_f32_f64(vtrn2q_f64(odd01, odd23)));
  }
};

}  // namespace
}  // namespace maxsimd::kernels::simd
