// The kernels of an instruction set that has no others: S its vectors, Codes what kernels over
// codes need beside them, P the product of pairs of int16.
#pragma once

#include "maxsimd/kernels/simd/add_norm.h"
#include "maxsimd/kernels/simd/attention.h"
#include "maxsimd/kernels/simd/attention_backward.h"
#include "maxsimd/kernels/simd/centroid_scores.h"
#include "maxsimd/kernels/simd/columns.h"
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

template <class S, class Codes, class P>
constexpr RawKernels raw_kernels() {
  return {
      .gemm_f32 = gemm_f32<S>,
      .code_rows_bf16 = code_rows_bf16<S>,
      .gemm_bf16 = gemm_bf16<S, WidenedProduct<S>>,
      .code_rows_i8 = code_rows_i8<S, int16_t>,
      .gemm_i8 = gemm_i8<S, P>,
      .pack_columns_f32 = pack_columns_f32<S>,
      .pack_columns_bf16 = pack_columns_bf16<S>,
      .transpose_f32 = transpose_f32<S>,
      .layer_norm = layer_norm<S>,
      .rotate_f32 = rotate_f32<S>,
      .attention_f32 = attention_f32<S>,
      .attention_train_f32 = attention_train_f32<S>,
      .attention_backward_f32 = attention_backward_f32<S>,
      .add_norm_f32 = add_norm_f32<S>,
      .add_norm_backward_f32 = add_norm_backward_f32<S>,
      .normalize_rows = normalize_rows<S>,
      .maxsim_f32 = maxsim_f32<S>,
      .maxsim_f16 = maxsim_f16<S>,
      .maxsim_i8 = maxsim_i8_pairs<S, P>,
      .similarities_i8 = similarities_i8<PairDots<S>>,
      .quantize_rows_i8 = quantize_rows_i8<S>,
      .f32_to_f16 = f32_to_f16<S>,
      .f16_to_f32 = f16_to_f32<S>,
      .round_scores = round_scores<Codes>,
      .first_above = first_above<Codes>,
      .scores_to_bytes = scores_to_bytes<Codes>,
      .maxsim_centroids = maxsim_centroids<Codes>,
      .select_above = select_above<Codes>,
      .maxsim_residual = maxsim_residual<Codes, P>,
      .maxsim_selected = maxsim_selected<Codes, P>,
      .nearest_i8 = nearest_i8<S, P>,
      .squared_distances = squared_distances<S>,
      .select_largest = select_largest<S>,
      .code_residuals = code_residuals<S>,
      .decode_residuals = decode_residuals<S>,
  };
}

}  // namespace
}  // namespace maxsimd::kernels::simd
