// The kernels for AVX2 + FMA + F16C.
#include "maxsimd/kernels/simd/attention.h"
#include "maxsimd/kernels/simd/centroid_scores.h"
#include "maxsimd/kernels/simd/codes_avx2.h"
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

const RawKernels kAvx2Kernels = {
    gemm_f32<Avx2>,
    code_rows_bf16<Avx2>,
    gemm_bf16<Avx2, WidenedProduct<Avx2>>,
    code_rows_i8<Avx2, int16_t>,
    gemm_i8<Avx2, PairProduct<Avx2>>,
    layer_norm<Avx2>,
    attention_f32<Avx2>,
    normalize_rows<Avx2>,
    maxsim_f32<Avx2>,
    maxsim_f16<Avx2>,
    maxsim_i8_pairs<Avx2, PairProduct<Avx2>>,
    similarities_i8<PairDots<Avx2>>,
    quantize_rows_i8<Avx2>,
    f32_to_f16<Avx2>,
    f16_to_f32<Avx2>,
    round_scores<Avx2Codes>,
    first_above<Avx2Codes>,
    scores_to_bytes<Avx2Codes>,
    maxsim_centroids<Avx2Codes>,
    maxsim_residual<Avx2Codes, PairProduct<Avx2>>,
    nearest_i8<Avx2, PairProduct<Avx2>>,
    squared_distances<Avx2>,
    select_largest<Avx2>,
    code_residuals<Avx2>,
    decode_residuals<Avx2>,
};

}  // namespace maxsimd::kernels::simd
