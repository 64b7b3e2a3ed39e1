// The kernels for AVX-512 F, BW, DQ and VL.
#include "maxsimd/kernels/simd/attention.h"
#include "maxsimd/kernels/simd/centroid_scores.h"
#include "maxsimd/kernels/simd/codes_avx512.h"
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

const RawKernels kAvx512Kernels = {
    gemm_f32<Avx512>,
    code_rows_bf16<Avx512>,
    gemm_bf16<Avx512, WidenedProduct<Avx512>>,
    code_rows_i8<Avx512, int16_t>,
    gemm_i8<Avx512, PairProduct<Avx512>>,
    layer_norm<Avx512>,
    attention_f32<Avx512>,
    normalize_rows<Avx512>,
    maxsim_f32<Avx512>,
    maxsim_f16<Avx512>,
    maxsim_i8_pairs<Avx512, PairProduct<Avx512>>,
    similarities_i8<PairDots<Avx512>>,
    quantize_rows_i8<Avx512>,
    f32_to_f16<Avx512>,
    f16_to_f32<Avx512>,
    round_scores<Avx512Codes>,
    first_above<Avx512Codes>,
    scores_to_bytes<Avx512Codes>,
    maxsim_centroids<Avx512Codes>,
    maxsim_residual<Avx512Codes, PairProduct<Avx512>>,
    nearest_i8<Avx512, PairProduct<Avx512>>,
    squared_distances<Avx512>,
    select_largest<Avx512>,
    code_residuals<Avx512>,
    decode_residuals<Avx512>,
};

}  // namespace maxsimd::kernels::simd
