// The kernels for the NEON that every AArch64 CPU has.
#include "maxsimd/kernels/simd/codes_neon.h"
#include "maxsimd/kernels/simd/raw_kernels.h"

namespace maxsimd::kernels::simd {
namespace {

/// int16 x int16 to int32: smlal takes one number of each of four columns, so of each pair of
/// weights first the even one is taken, then the odd one.
struct SplitPairProduct {
  using Element = int16_t;
  using PanelElement = int16_t;
  using Vector = int32x4_t;
  static constexpr size_t kGroup = 2;
  static constexpr size_t kParts = 2;

  static MAXSIMD_INLINE int16x4_t load(const int16_t* p, size_t part) {
    const int32x4_t pairs = Neon::load_int(p);
    return part == 0 ? vmovn_s32(pairs) : vshrn_n_s32(pairs, 16);
  }
  /// Copies: a lane of int16 would have to lie in one of the first sixteen registers.
  static MAXSIMD_INLINE int16x4_t broadcast(const int16_t* p, size_t part) {
    return vld1_dup_s16(p + part);
  }
  static MAXSIMD_INLINE Vector accumulate(Vector sum, int16x4_t a, int16x4_t b) {
    return vmlal_s16(sum, a, b);
  }
};

}  // namespace

constinit const RawKernels kNeonKernels = raw_kernels<Neon, NeonCodes, SplitPairProduct>();

}  // namespace maxsimd::kernels::simd
