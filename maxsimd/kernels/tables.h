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

// What the scalar table has in a file of its own (scalar_maxsim_residual.cpp).
void scalar_round_scores(const float* scores, size_t rows, size_t cols, const float* factors,
                         int16_t* out, int32_t* lowest, int32_t* highest) noexcept;
size_t scalar_first_above(const int16_t* scores, size_t cols, size_t begin, size_t end,
                          const int16_t* limits) noexcept;
void scalar_scores_to_bytes(const int16_t* scores, size_t rows, size_t cols, const int16_t* offsets,
                            const uint16_t* factors, uint8_t* out) noexcept;
uint32_t scalar_maxsim_centroids(const uint8_t* table, size_t cols, const uint16_t* ids,
                                 size_t count) noexcept;
void scalar_maxsim_residual(const PackedResidualQuery& query, const PackedBucketWeights& weights,
                            const ResidualRows& rows, void* scratch, int32_t* best) noexcept;
void scalar_mark_residual(const PackedResidualQuery& query, const PackedBucketWeights& weights,
                          const ResidualRows& rows, const int32_t* limits, void* scratch,
                          uint8_t* marks) noexcept;

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
