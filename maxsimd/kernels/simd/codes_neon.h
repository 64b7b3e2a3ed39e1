// What the kernels over codes need beyond simd_neon.h; names and meanings as in codes_avx2.h.
#pragma once

#include "maxsimd/kernels/simd/simd_neon.h"

namespace maxsimd::kernels::simd {
namespace {

struct NeonCodes : Neon {
  static constexpr size_t kBlocks = 1;

  static MAXSIMD_INLINE uint8x16_t bytes(Int x) { return vreinterpretq_u8_s32(x); }
  static MAXSIMD_INLINE uint16x8_t shorts(Int x) { return vreinterpretq_u16_s32(x); }
  static MAXSIMD_INLINE Int whole(uint8x16_t x) { return vreinterpretq_s32_u8(x); }
  static MAXSIMD_INLINE Int whole(uint16x8_t x) { return vreinterpretq_s32_u16(x); }

  static MAXSIMD_INLINE Int load_blocks(const uint8_t* p, size_t) { return load_int(p); }
  static MAXSIMD_INLINE Int repeat_block(const void* p) { return load_int(p); }
  static MAXSIMD_INLINE Int zip_low_bytes(Int a, Int b) {
    return whole(vzip1q_u8(bytes(a), bytes(b)));
  }
  static MAXSIMD_INLINE Int zip_high_bytes(Int a, Int b) {
    return whole(vzip2q_u8(bytes(a), bytes(b)));
  }
  static MAXSIMD_INLINE Int zip_low_shorts(Int a, Int b) {
    return whole(vzip1q_u16(shorts(a), shorts(b)));
  }
  static MAXSIMD_INLINE Int zip_high_shorts(Int a, Int b) {
    return whole(vzip2q_u16(shorts(a), shorts(b)));
  }
  static MAXSIMD_INLINE Int look_up(Int table, Int index) {
    return whole(vqtbl1q_u8(bytes(table), bytes(index)));
  }
  static MAXSIMD_INLINE Int codes_at(Int x, unsigned bit, Int mask) {
    const int8x16_t right = vdupq_n_s8(static_cast<int8_t>(-static_cast<int>(bit)));
    return vandq_s32(whole(vshlq_u8(bytes(x), right)), mask);
  }
  static MAXSIMD_INLINE Int set1_byte(int8_t x) { return vreinterpretq_s32_s8(vdupq_n_s8(x)); }
  static MAXSIMD_INLINE Int flip(Int a, Int b) { return veorq_s32(a, b); }
  static MAXSIMD_INLINE Int signs(Int x) {
    return vreinterpretq_s32_s8(vshrq_n_s8(vreinterpretq_s8_s32(x), 7));
  }

  static MAXSIMD_INLINE Int widen_shorts(const int16_t* p) { return vmovl_s16(vld1_s16(p)); }
  static MAXSIMD_INLINE Int shift_left_int(Int x, unsigned bits) {
    return vshlq_s32(x, vdupq_n_s32(static_cast<int32_t>(bits)));
  }
  static MAXSIMD_INLINE Int max_int(Int a, Int b) { return vmaxq_s32(a, b); }
  static MAXSIMD_INLINE Int min_int(Int a, Int b) { return vminq_s32(a, b); }
  static MAXSIMD_INLINE Int sub_int(Int a, Int b) { return vsubq_s32(a, b); }
  static MAXSIMD_INLINE bool any_above(Float a, Float b, Float c, Float d) {
    return vmaxvq_u32(vorrq_u32(vcgtq_f32(a, b), vcgtq_f32(c, d))) != 0;
  }
  static MAXSIMD_INLINE void store_shorts(int16_t* p, Int x) { vst1_s16(p, vmovn_s32(x)); }

  static MAXSIMD_INLINE bool any_above(const int16_t* x, const int16_t* limits) {
    uint16x8_t above = vdupq_n_u16(0);
    MAXSIMD_UNROLL
    for (size_t i = 0; i < kPanelColumns; i += 8) {
      above = vorrq_u16(above, vcgtq_s16(vld1q_s16(x + i), vld1q_s16(limits + i)));
    }
    return vmaxvq_u16(above) != 0;
  }
  static MAXSIMD_INLINE void to_bytes(const int16_t* x, const int16_t* offsets,
                                      const uint16_t* factors, uint8_t* out) {
    for (size_t i = 0; i < kPanelColumns; i += 8) {
      const uint16x8_t above =
          vreinterpretq_u16_s16(vsubq_s16(vld1q_s16(x + i), vld1q_s16(offsets + i)));
      const uint16x8_t factor = vld1q_u16(factors + i);
      const uint16x4_t low = vshrn_n_u32(vmull_u16(vget_low_u16(above), vget_low_u16(factor)), 16);
      const uint16x4_t high = vshrn_n_u32(vmull_high_u16(above, factor), 16);
      vst1_u8(out + i, vqmovn_u16(vcombine_u16(low, high)));
    }
  }

  using Bytes = uint8x16x2_t;
  static MAXSIMD_INLINE Bytes load_panel(const uint8_t* p) {
    return {{vld1q_u8(p), vld1q_u8(p + 16)}};
  }
  static MAXSIMD_INLINE void store_panel(uint8_t* p, Bytes x) {
    vst1q_u8(p, x.val[0]);
    vst1q_u8(p + 16, x.val[1]);
  }
  static MAXSIMD_INLINE Bytes zero_bytes() { return {{vdupq_n_u8(0), vdupq_n_u8(0)}}; }
  static MAXSIMD_INLINE Bytes max_bytes(Bytes a, const uint8_t* p) {
    return {{vmaxq_u8(a.val[0], vld1q_u8(p)), vmaxq_u8(a.val[1], vld1q_u8(p + 16))}};
  }
  static MAXSIMD_INLINE bool any_byte_above(const uint8_t* p, Bytes limits) {
    const uint8x16_t above =
        vorrq_u8(vcgtq_u8(vld1q_u8(p), limits.val[0]), vcgtq_u8(vld1q_u8(p + 16), limits.val[1]));
    return vmaxvq_u8(above) != 0;
  }
  static MAXSIMD_INLINE uint32_t sum_bytes(Bytes x) {
    return uint32_t{vaddlvq_u8(x.val[0])} + vaddlvq_u8(x.val[1]);
  }
};

}  // namespace
}  // namespace maxsimd::kernels::simd
