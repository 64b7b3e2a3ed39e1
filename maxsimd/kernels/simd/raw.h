// What the files compiled for one instruction set see and export: raw pointers in, one table of
// functions out.
//
// Those files must not emit a function that the linker could take for code of the baseline (an
// inline function or a std:: template compiled with -mavx512f would then run on any CPU). So they
// include nothing but this header, intrinsics and the templates of this folder, which live in an
// unnamed namespace; tables.cpp, compiled for the baseline, unpacks PackedF32 and PackedI8 for
// them. scripts/check_isa_objects.sh proves it from the object files.
#pragma once

#include <cstddef>
#include <cstdint>

#include "maxsimd/kernels/arguments.h"

namespace maxsimd::kernels::simd {

/// PackedF32 in the raw.
struct PanelsF32 {
  const float* data;  // [num_panels][k][32]
  size_t n;
  size_t k;
  size_t num_panels;
};

/// PackedBf16 in the raw.
struct PanelsBf16 {
  const uint16_t* data;  // [num_panels][steps][32][2]
  size_t n;
  size_t steps;
};

/// PackedI8 in the raw.
struct PanelsI8 {
  const int8_t* data;    // [num_panels][k / 4][32][4]
  const int16_t* pairs;  // [num_panels][k / 2][32][2]
  const float* scales;
  const int32_t* bias;
  size_t n;
  size_t k;  // padded to a multiple of 4
  size_t num_panels;
};

/// PackedBucketWeights in the raw.
struct BucketTables {
  const int8_t* data;  // [k][16]
  size_t nbits;
  size_t k;  // padded to a multiple of 4
  size_t residual_bytes;
};

/// What maxsim_residual and maxsim_selected take beside rows.
struct ResidualCall {
  const PanelsI8& query;  // without scales
  unsigned shift;
  const float* scaled_errors;
  const float* slack;
  const BucketTables& weights;
  void* scratch;
};

/// The functions of KernelTable for one instruction set; see kernels.h for what they do.
struct RawKernels {
  void (*gemm_f32)(const float* a, size_t a_stride, size_t rows, const PanelsF32& weights,
                   size_t panel_begin, size_t panel_end, const Epilogue& epilogue, float* c,
                   size_t c_stride) noexcept;
  void (*code_rows_bf16)(const float* x, size_t stride, size_t rows, size_t cols,
                         void* out) noexcept;
  void (*gemm_bf16)(const void* a, size_t rows, const PanelsBf16& weights, size_t panel_begin,
                    size_t panel_end, const Epilogue& epilogue, float* c, size_t c_stride) noexcept;
  void (*code_rows_i8)(const float* x, size_t stride, size_t rows, size_t cols, void* out) noexcept;
  void (*gemm_i8)(const void* a, size_t rows, const PanelsI8& weights, size_t panel_begin,
                  size_t panel_end, const Epilogue& epilogue, float* c, size_t c_stride) noexcept;
  void (*pack_columns_f32)(const float* x, size_t stride, size_t k, size_t cols,
                           float* panels) noexcept;
  void (*pack_columns_bf16)(const float* x, size_t stride, size_t k, size_t cols,
                            uint16_t* panels) noexcept;
  void (*transpose_f32)(const float* x, size_t stride, size_t rows, size_t cols, float* out,
                        size_t out_stride) noexcept;
  void (*layer_norm)(const LayerNormArgs& args) noexcept;
  void (*rotate_f32)(const RotateArgs& args) noexcept;
  void (*attention_f32)(const AttentionArgs& args) noexcept;
  void (*attention_train_f32)(const AttentionTrainArgs& args) noexcept;
  void (*attention_backward_f32)(const AttentionBackwardArgs& args) noexcept;
  void (*add_norm_f32)(const AddNormArgs& args) noexcept;
  void (*add_norm_backward_f32)(const AddNormBackwardArgs& args) noexcept;
  void (*normalize_rows)(float* x, size_t stride, size_t rows, size_t cols) noexcept;
  void (*maxsim_f32)(const PanelsF32& query, const float* rows, size_t num_rows,
                     float* best) noexcept;
  void (*maxsim_f16)(const PanelsF32& query, const uint16_t* rows, size_t num_rows,
                     float* best) noexcept;
  void (*maxsim_i8)(const PanelsI8& query, const int8_t* rows, size_t row_stride,
                    const float* scales, size_t num_rows, float* best) noexcept;
  void (*similarities_i8)(const int8_t* query, const RowsI8& rows, const uint32_t* ids,
                          size_t count, float* out) noexcept;
  void (*quantize_rows_i8)(const float* x, size_t stride, size_t rows, size_t cols, int8_t* out,
                           size_t out_stride, float* scales) noexcept;
  void (*f32_to_f16)(const float* in, size_t count, uint16_t* out) noexcept;
  void (*f16_to_f32)(const uint16_t* in, size_t count, float* out) noexcept;
  void (*round_scores)(const float* scores, size_t rows, size_t cols, const float* factors,
                       int16_t* out, int32_t* lowest, int32_t* highest) noexcept;
  size_t (*first_above)(const int16_t* scores, size_t cols, size_t begin, size_t end,
                        const int16_t* limits) noexcept;
  void (*scores_to_bytes)(const int16_t* scores, size_t rows, size_t cols, const int16_t* offsets,
                          const uint16_t* factors, uint8_t* out) noexcept;
  uint32_t (*maxsim_centroids)(const uint8_t* table, size_t cols, const uint16_t* ids, size_t count,
                               uint8_t* best) noexcept;
  size_t (*select_above)(const uint8_t* table, size_t cols, const uint16_t* ids, size_t count,
                         const uint8_t* limits, uint32_t* selected) noexcept;
  void (*maxsim_residual)(const ResidualCall& call, const ResidualRows& rows, float* lowest,
                          float* highest, uint8_t* marks) noexcept;
  void (*maxsim_selected)(const ResidualCall& call, const SelectedRows& rows, float* best) noexcept;
  void (*nearest_i8)(const PanelsI8& columns, const NearestArgs& args) noexcept;
  void (*squared_distances)(const float* x, const float* rows, size_t dim, const uint32_t* ids,
                            size_t count, float* out) noexcept;
  size_t (*select_largest)(const float* values, size_t count, size_t wanted,
                           uint16_t* selected) noexcept;
  void (*code_residuals)(const ResidualTables& tables, const float* rows,
                         const uint16_t* centroid_ids, size_t num_rows, uint8_t* codes) noexcept;
  void (*decode_residuals)(const ResidualTables& tables, const uint8_t* codes,
                           const uint16_t* centroid_ids, size_t num_rows, float* out) noexcept;
};

extern const RawKernels kAvx2Kernels;
extern const RawKernels kAvx512Kernels;
extern const RawKernels kNeonKernels;

/// What the avx512-vnni table has of its own (vpdpbusd); all else is avx512's.
void maxsim_i8_vnni(const PanelsI8& query, const int8_t* rows, size_t row_stride,
                    const float* scales, size_t num_rows, float* best) noexcept;
void similarities_i8_vnni(const int8_t* query, const RowsI8& rows, const uint32_t* ids,
                          size_t count, float* out) noexcept;
void code_rows_i8_vnni(const float* x, size_t stride, size_t rows, size_t cols, void* out) noexcept;
void gemm_i8_vnni(const void* a, size_t rows, const PanelsI8& weights, size_t panel_begin,
                  size_t panel_end, const Epilogue& epilogue, float* c, size_t c_stride) noexcept;
void maxsim_residual_vnni(const ResidualCall& call, const ResidualRows& rows, float* lowest,
                          float* highest, uint8_t* marks) noexcept;
void maxsim_selected_vnni(const ResidualCall& call, const SelectedRows& rows, float* best) noexcept;
void nearest_i8_vnni(const PanelsI8& columns, const NearestArgs& args) noexcept;

/// What the avx512-bf16 table has of its own (vdpbf16ps); all else is avx512-vnni's.
void attention_bf16_native(const AttentionArgs& args) noexcept;
void code_rows_bf16_native(const float* x, size_t stride, size_t rows, size_t cols,
                           void* out) noexcept;
void gemm_bf16_native(const void* a, size_t rows, const PanelsBf16& weights, size_t panel_begin,
                      size_t panel_end, const Epilogue& epilogue, float* c,
                      size_t c_stride) noexcept;

/// What the neon-dotprod table has of its own (sdot); all else is neon's.
void maxsim_i8_dotprod(const PanelsI8& query, const int8_t* rows, size_t row_stride,
                       const float* scales, size_t num_rows, float* best) noexcept;
void similarities_i8_dotprod(const int8_t* query, const RowsI8& rows, const uint32_t* ids,
                             size_t count, float* out) noexcept;
void code_rows_i8_dotprod(const float* x, size_t stride, size_t rows, size_t cols,
                          void* out) noexcept;
void gemm_i8_dotprod(const void* a, size_t rows, const PanelsI8& weights, size_t panel_begin,
                     size_t panel_end, const Epilogue& epilogue, float* c,
                     size_t c_stride) noexcept;
void maxsim_residual_dotprod(const ResidualCall& call, const ResidualRows& rows, float* lowest,
                             float* highest, uint8_t* marks) noexcept;
void maxsim_selected_dotprod(const ResidualCall& call, const SelectedRows& rows,
                             float* best) noexcept;
void nearest_i8_dotprod(const PanelsI8& columns, const NearestArgs& args) noexcept;

}  // namespace maxsimd::kernels::simd

#define MAXSIMD_INLINE inline __attribute__((always_inline))

// Loops over the registers of a tile must be unrolled completely, or the tile lives in memory.
#ifdef __clang__
#define MAXSIMD_UNROLL _Pragma("unroll")
#else
#define MAXSIMD_UNROLL _Pragma("GCC unroll 16")
#endif
