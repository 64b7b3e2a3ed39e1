// Coding rows whose centroids are known, and what it loses.
#pragma once

#include <cstdint>
#include <span>

#include "maxsimd/base/types.h"
#include "maxsimd/kernels/kernels.h"

namespace maxsimd {

/// Codes rows [n, D] to codes [n, residual_row_bytes] and decodes them to decoded [n, D or more
/// room]. Returns the sum of |x - decoded x|^2.
double code_rows(const kernels::KernelTable& kernels, const kernels::ResidualTables& tables,
                 MatrixView<const float> rows, std::span<const uint16_t> centroid_ids,
                 uint8_t* codes, std::span<float> decoded);

}  // namespace maxsimd
