// The kernels for the NEON that every AArch64 CPU has.
#include "maxsimd/kernels/simd/attention.h"
#include "maxsimd/kernels/simd/centroid_scores.h"
#include "maxsimd/kernels/simd/codes_neon.h"
#include "maxsimd/kernels/simd/gemm.h"
#include "maxsimd/kernels/simd/gemm_bf16.h"
#include "maxsimd/kernels/simd/gemm_i8.h"
#include "maxsimd/kernels/simd/maxsim.h"
#include "maxsimd/kernels/simd/maxsim_residual.h"
#include "maxsimd/kernels/simd/nearest.h"
#include "maxsimd/kernels/simd/residual.h"
#include "maxsimd/kernels/simd/rows.h"
#include "maxsimd/kernels/simd/similarities.h"

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

const RawKernels kNeonKernels = {
    gemm_f32<Neon>,
    code_rows_bf16<Neon>,
    gemm_bf16<Neon, WidenedProduct<Neon>>,
    code_rows_i8<Neon, int16_t>,
    gemm_i8<Neon, SplitPairProduct>,
    layer_norm<Neon>,
    attention_f32<Neon>,
    normalize_rows<Neon>,
    maxsim_f32<Neon>,
    maxsim_f16<Neon>,
    maxsim_i8_pairs<Neon, SplitPairProduct>,
    similarities_i8<PairDots<Neon>>,
    quantize_rows_i8<Neon>,
    f32_to_f16<Neon>,
    f16_to_f32<Neon>,
    round_scores<NeonCodes>,
    first_above<NeonCodes>,
    scores_to_bytes<NeonCodes>,
    maxsim_centroids<NeonCodes>,
    maxsim_residual<NeonCodes, SplitPairProduct>,
    nearest_i8<Neon, SplitPairProduct>,
    squared_distances<Neon>,
    select_largest<Neon>,
    code_residuals<Neon>,
    decode_residuals<Neon>,
};

}  // namespace maxsimd::kernels::simd
