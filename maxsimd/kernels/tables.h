// Private to kernels/: the tables this build has, and what the scalar code shares with packing.
#pragma once

#include "maxsimd/kernels/kernels.h"

namespace maxsimd::kernels {

/// Query rows a tile of attention scores holds; the widest tile of any table.
inline constexpr size_t kMaxTileRows = 12;

inline constexpr size_t round_up(size_t value, size_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

extern const KernelTable kScalarTable;

// What the scalar table has in files of their own: scalar_attention.cpp,
void scalar_attention_f32(const AttentionArgs& args) noexcept;
void scalar_attention_train_f32(const AttentionTrainArgs& args) noexcept;
void scalar_attention_backward_f32(const AttentionBackwardArgs& args) noexcept;
// scalar_add_norm.cpp,
void scalar_add_norm_f32(const AddNormArgs& args) noexcept;
void scalar_add_norm_backward_f32(const AddNormBackwardArgs& args) noexcept;
// and scalar_maxsim_residual.cpp.
void scalar_round_scores(const float* scores, size_t rows, size_t cols, const float* factors,
                         int16_t* out, int32_t* lowest, int32_t* highest) noexcept;
size_t scalar_first_above(const int16_t* scores, size_t cols, size_t begin, size_t end,
                          const int16_t* limits) noexcept;
void scalar_scores_to_bytes(const int16_t* scores, size_t rows, size_t cols, const int16_t* offsets,
                            const uint16_t* factors, uint8_t* out) noexcept;
uint32_t scalar_maxsim_centroids(const uint8_t* table, size_t cols, const uint16_t* ids,
                                 size_t count, uint8_t* best) noexcept;
size_t scalar_select_above(const uint8_t* table, size_t cols, const uint16_t* ids, size_t count,
                           const uint8_t* limits, uint32_t* selected) noexcept;
void scalar_maxsim_residual(const PackedResidualQuery& query, const PackedBucketWeights& weights,
                            const ResidualRows& rows, void* scratch, float* lowest, float* highest,
                            uint8_t* marks) noexcept;
void scalar_maxsim_selected(const PackedResidualQuery& query, const PackedBucketWeights& weights,
                            const SelectedRows& rows, void* scratch, float* best) noexcept;

/// The residual codec's part of the scalar table; scalar.cpp has the others.
namespace scalar_residual {
void nearest_i8(const PackedI8& columns, const NearestArgs& args) noexcept;
void squared_distances(const float* x, const float* rows, size_t dim, const uint32_t* ids,
                       size_t count, float* out) noexcept;
size_t select_largest(const float* values, size_t count, size_t wanted,
                      uint16_t* selected) noexcept;
void code_residuals(const ResidualTables& tables, const float* rows, const uint16_t* centroid_ids,
                    size_t num_rows, uint8_t* codes) noexcept;
void decode_residuals(const ResidualTables& tables, const uint8_t* codes,
                      const uint16_t* centroid_ids, size_t num_rows, float* out) noexcept;
}  // namespace scalar_residual

#ifdef MAXSIMD_KERNELS_X86
extern const KernelTable kAvx2Table;
extern const KernelTable kAvx512Table;
extern const KernelTable kAvx512VnniTable;
extern const KernelTable kAvx512Bf16Table;
#endif
#ifdef MAXSIMD_KERNELS_ARM
extern const KernelTable kNeonTable;
extern const KernelTable kNeonDotprodTable;
#endif

}  // namespace maxsimd::kernels
