// Makes a table of kernels.h from the functions of one instruction set. For files compiled for the
// baseline: unpacks the packed matrices and passes raw pointers on (see raw.h).
#pragma once

#include "maxsimd/kernels/simd/raw.h"
#include "maxsimd/kernels/tables.h"

namespace maxsimd::kernels {
namespace {

simd::PanelsF32 raw(const PackedF32& packed) {
  return {packed.panel(0), packed.n(), packed.k(), packed.num_panels()};
}

simd::PanelsI8 raw(const PackedI8& packed) {
  return {packed.panel(0), packed.pair_panel(0), packed.scales(),    packed.bias(),
          packed.n(),      packed.padded_k(),    packed.num_panels()};
}

simd::PanelsBf16 raw(const PackedBf16& packed) {
  return {packed.panel(0), packed.n(), packed.num_pairs()};
}

simd::PanelsI8 raw(const PackedResidualQuery& query, const PackedBucketWeights& weights) {
  return {query.panels(),   query.pair_panels(),  nullptr,           query.bias(),
          query.num_rows(), weights.padded_dim(), query.num_panels()};
}

simd::BucketTables raw(const PackedBucketWeights& weights) {
  return {weights.table(), weights.nbits(), weights.padded_dim(), weights.residual_bytes()};
}

template <const simd::RawKernels& Kernels>
void gemm_f32(const float* a, size_t a_stride, size_t rows, const PackedF32& weights,
              size_t panel_begin, size_t panel_end, const Epilogue& epilogue, float* c,
              size_t c_stride) noexcept {
  Kernels.gemm_f32(a, a_stride, rows, raw(weights), panel_begin, panel_end, epilogue, c, c_stride);
}

template <const simd::RawKernels& Kernels>
void code_rows_bf16(const float* x, size_t stride, size_t rows, size_t cols, void* out) noexcept {
  Kernels.code_rows_bf16(x, stride, rows, cols, out);
}

template <const simd::RawKernels& Kernels>
void gemm_bf16(const void* a, size_t rows, const PackedBf16& weights, size_t panel_begin,
               size_t panel_end, const Epilogue& epilogue, float* c, size_t c_stride) noexcept {
  Kernels.gemm_bf16(a, rows, raw(weights), panel_begin, panel_end, epilogue, c, c_stride);
}

template <const simd::RawKernels& Kernels>
void code_rows_i8(const float* x, size_t stride, size_t rows, size_t cols, void* out) noexcept {
  Kernels.code_rows_i8(x, stride, rows, cols, out);
}

template <const simd::RawKernels& Kernels>
void gemm_i8(const void* a, size_t rows, const PackedI8& weights, size_t panel_begin,
             size_t panel_end, const Epilogue& epilogue, float* c, size_t c_stride) noexcept {
  Kernels.gemm_i8(a, rows, raw(weights), panel_begin, panel_end, epilogue, c, c_stride);
}

template <const simd::RawKernels& Kernels>
void pack_columns_f32(const float* x, size_t stride, size_t k, size_t cols,
                      float* panels) noexcept {
  Kernels.pack_columns_f32(x, stride, k, cols, panels);
}

template <const simd::RawKernels& Kernels>
void pack_columns_bf16(const float* x, size_t stride, size_t k, size_t cols,
                       uint16_t* panels) noexcept {
  Kernels.pack_columns_bf16(x, stride, k, cols, panels);
}

template <const simd::RawKernels& Kernels>
void transpose_f32(const float* x, size_t stride, size_t rows, size_t cols, float* out,
                   size_t out_stride) noexcept {
  Kernels.transpose_f32(x, stride, rows, cols, out, out_stride);
}

template <const simd::RawKernels& Kernels>
void layer_norm(const LayerNormArgs& args) noexcept {
  Kernels.layer_norm(args);
}

template <const simd::RawKernels& Kernels>
void rotate_f32(const RotateArgs& args) noexcept {
  Kernels.rotate_f32(args);
}

template <const simd::RawKernels& Kernels>
void attention_f32(const AttentionArgs& args) noexcept {
  Kernels.attention_f32(args);
}

template <const simd::RawKernels& Kernels>
void attention_train_f32(const AttentionTrainArgs& args) noexcept {
  Kernels.attention_train_f32(args);
}

template <const simd::RawKernels& Kernels>
void attention_backward_f32(const AttentionBackwardArgs& args) noexcept {
  Kernels.attention_backward_f32(args);
}

template <const simd::RawKernels& Kernels>
void add_norm_f32(const AddNormArgs& args) noexcept {
  Kernels.add_norm_f32(args);
}

template <const simd::RawKernels& Kernels>
void add_norm_backward_f32(const AddNormBackwardArgs& args) noexcept {
  Kernels.add_norm_backward_f32(args);
}

template <const simd::RawKernels& Kernels>
void normalize_rows(float* x, size_t stride, size_t rows, size_t cols) noexcept {
  Kernels.normalize_rows(x, stride, rows, cols);
}

template <const simd::RawKernels& Kernels>
void maxsim_f32(const PackedF32& query, const float* rows, size_t num_rows, float* best) noexcept {
  Kernels.maxsim_f32(raw(query), rows, num_rows, best);
}

template <const simd::RawKernels& Kernels>
void maxsim_f16(const PackedF32& query, const uint16_t* rows, size_t num_rows,
                float* best) noexcept {
  Kernels.maxsim_f16(raw(query), rows, num_rows, best);
}

template <const simd::RawKernels& Kernels>
void maxsim_i8(const PackedI8& query, const int8_t* rows, size_t row_stride, const float* scales,
               size_t num_rows, float* best) noexcept {
  Kernels.maxsim_i8(raw(query), rows, row_stride, scales, num_rows, best);
}

template <const simd::RawKernels& Kernels>
void similarities_i8(const int8_t* query, const RowsI8& rows, const uint32_t* ids, size_t count,
                     float* out) noexcept {
  Kernels.similarities_i8(query, rows, ids, count, out);
}

template <const simd::RawKernels& Kernels>
void quantize_rows_i8(const float* x, size_t stride, size_t rows, size_t cols, int8_t* out,
                      size_t out_stride, float* scales) noexcept {
  Kernels.quantize_rows_i8(x, stride, rows, cols, out, out_stride, scales);
}

template <const simd::RawKernels& Kernels>
void f32_to_f16(const float* in, size_t count, uint16_t* out) noexcept {
  Kernels.f32_to_f16(in, count, out);
}

template <const simd::RawKernels& Kernels>
void f16_to_f32(const uint16_t* in, size_t count, float* out) noexcept {
  Kernels.f16_to_f32(in, count, out);
}

template <const simd::RawKernels& Kernels>
void round_scores(const float* scores, size_t rows, size_t cols, const float* factors, int16_t* out,
                  int32_t* lowest, int32_t* highest) noexcept {
  Kernels.round_scores(scores, rows, cols, factors, out, lowest, highest);
}

template <const simd::RawKernels& Kernels>
size_t first_above(const int16_t* scores, size_t cols, size_t begin, size_t end,
                   const int16_t* limits) noexcept {
  return Kernels.first_above(scores, cols, begin, end, limits);
}

template <const simd::RawKernels& Kernels>
void scores_to_bytes(const int16_t* scores, size_t rows, size_t cols, const int16_t* offsets,
                     const uint16_t* factors, uint8_t* out) noexcept {
  Kernels.scores_to_bytes(scores, rows, cols, offsets, factors, out);
}

template <const simd::RawKernels& Kernels>
uint32_t maxsim_centroids(const uint8_t* table, size_t cols, const uint16_t* ids, size_t count,
                          uint8_t* best) noexcept {
  return Kernels.maxsim_centroids(table, cols, ids, count, best);
}

template <const simd::RawKernels& Kernels>
size_t select_above(const uint8_t* table, size_t cols, const uint16_t* ids, size_t count,
                    const uint8_t* limits, uint32_t* selected) noexcept {
  return Kernels.select_above(table, cols, ids, count, limits, selected);
}

// These two by a function `kernel` of its own or of Kernels.
template <auto kernel>
void unpacked_maxsim_residual(const PackedResidualQuery& query, const PackedBucketWeights& weights,
                              const ResidualRows& rows, void* scratch, float* lowest,
                              float* highest, uint8_t* marks) noexcept {
  kernel({raw(query, weights), query.shift(), query.scaled_errors(), query.slack(), raw(weights),
          scratch},
         rows, lowest, highest, marks);
}

template <auto kernel>
void unpacked_maxsim_selected(const PackedResidualQuery& query, const PackedBucketWeights& weights,
                              const SelectedRows& rows, void* scratch, float* best) noexcept {
  kernel({raw(query, weights), query.shift(), query.scaled_errors(), query.slack(), raw(weights),
          scratch},
         rows, best);
}

template <const simd::RawKernels& Kernels>
void maxsim_residual_of(const simd::ResidualCall& call, const ResidualRows& rows, float* lowest,
                        float* highest, uint8_t* marks) noexcept {
  Kernels.maxsim_residual(call, rows, lowest, highest, marks);
}

template <const simd::RawKernels& Kernels>
void maxsim_selected_of(const simd::ResidualCall& call, const SelectedRows& rows,
                        float* best) noexcept {
  Kernels.maxsim_selected(call, rows, best);
}

template <const simd::RawKernels& Kernels>
void nearest_i8(const PackedI8& columns, const NearestArgs& args) noexcept {
  Kernels.nearest_i8(raw(columns), args);
}

template <const simd::RawKernels& Kernels>
void squared_distances(const float* x, const float* rows, size_t dim, const uint32_t* ids,
                       size_t count, float* out) noexcept {
  Kernels.squared_distances(x, rows, dim, ids, count, out);
}

template <const simd::RawKernels& Kernels>
size_t select_largest(const float* values, size_t count, size_t wanted,
                      uint16_t* selected) noexcept {
  return Kernels.select_largest(values, count, wanted, selected);
}

template <const simd::RawKernels& Kernels>
void code_residuals(const ResidualTables& tables, const float* rows, const uint16_t* centroid_ids,
                    size_t num_rows, uint8_t* codes) noexcept {
  Kernels.code_residuals(tables, rows, centroid_ids, num_rows, codes);
}

template <const simd::RawKernels& Kernels>
void decode_residuals(const ResidualTables& tables, const uint8_t* codes,
                      const uint16_t* centroid_ids, size_t num_rows, float* out) noexcept {
  Kernels.decode_residuals(tables, codes, centroid_ids, num_rows, out);
}

// For a function that a table has of its own.
template <auto Kernel>
void unpacked_maxsim_i8(const PackedI8& query, const int8_t* rows, size_t row_stride,
                        const float* scales, size_t num_rows, float* best) noexcept {
  Kernel(raw(query), rows, row_stride, scales, num_rows, best);
}

template <auto Kernel, class Weights>
void unpacked_gemm(const void* a, size_t rows, const Weights& weights, size_t panel_begin,
                   size_t panel_end, const Epilogue& epilogue, float* c, size_t c_stride) noexcept {
  Kernel(a, rows, raw(weights), panel_begin, panel_end, epilogue, c, c_stride);
}

template <auto Kernel>
void unpacked_nearest_i8(const PackedI8& columns, const NearestArgs& args) noexcept {
  Kernel(raw(columns), args);
}

template <const simd::RawKernels& Kernels>
constexpr KernelTable table(Isa isa) {
  return {.isa = isa,
          .i8_layout = I8Layout::pairs,
          .bf16_element_bytes = sizeof(float),
          .i8_element_bytes = sizeof(int16_t),
          .gemm_f32 = gemm_f32<Kernels>,
          .code_rows_bf16 = code_rows_bf16<Kernels>,
          .gemm_bf16 = gemm_bf16<Kernels>,
          .code_rows_i8 = code_rows_i8<Kernels>,
          .gemm_i8 = gemm_i8<Kernels>,
          .pack_columns_f32 = pack_columns_f32<Kernels>,
          .pack_columns_bf16 = pack_columns_bf16<Kernels>,
          .transpose_f32 = transpose_f32<Kernels>,
          .layer_norm = layer_norm<Kernels>,
          .rotate_f32 = rotate_f32<Kernels>,
          .attention_f32 = attention_f32<Kernels>,
          .attention_bf16 = attention_f32<Kernels>,
          .attention_train_f32 = attention_train_f32<Kernels>,
          .attention_backward_f32 = attention_backward_f32<Kernels>,
          .add_norm_f32 = add_norm_f32<Kernels>,
          .add_norm_backward_f32 = add_norm_backward_f32<Kernels>,
          .normalize_rows = normalize_rows<Kernels>,
          .maxsim_f32 = maxsim_f32<Kernels>,
          .maxsim_f16 = maxsim_f16<Kernels>,
          .maxsim_i8 = maxsim_i8<Kernels>,
          .similarities_i8 = similarities_i8<Kernels>,
          .quantize_rows_i8 = quantize_rows_i8<Kernels>,
          .round_scores = round_scores<Kernels>,
          .first_above = first_above<Kernels>,
          .scores_to_bytes = scores_to_bytes<Kernels>,
          .maxsim_centroids = maxsim_centroids<Kernels>,
          .select_above = select_above<Kernels>,
          .maxsim_residual = unpacked_maxsim_residual<maxsim_residual_of<Kernels>>,
          .maxsim_selected = unpacked_maxsim_selected<maxsim_selected_of<Kernels>>,
          .f32_to_f16 = f32_to_f16<Kernels>,
          .f16_to_f32 = f16_to_f32<Kernels>,
          .nearest_i8 = nearest_i8<Kernels>,
          .squared_distances = squared_distances<Kernels>,
          .select_largest = select_largest<Kernels>,
          .code_residuals = code_residuals<Kernels>,
          .decode_residuals = decode_residuals<Kernels>};
}

}  // namespace
}  // namespace maxsimd::kernels
