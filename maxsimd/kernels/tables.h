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
