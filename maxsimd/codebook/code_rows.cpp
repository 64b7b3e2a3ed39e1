#include "maxsimd/codebook/code_rows.h"

namespace maxsimd {

double code_rows(const kernels::KernelTable& kernels, const kernels::ResidualTables& tables,
                 MatrixView<const float> rows, std::span<const uint16_t> centroid_ids,
                 uint8_t* codes, std::span<float> decoded) {
  kernels.code_residuals(tables, rows.data, centroid_ids.data(), rows.rows, codes);
  kernels.decode_residuals(tables, codes, centroid_ids.data(), rows.rows, decoded.data());
  double sum = 0.0;
  for (uint32_t r = 0; r < rows.rows; ++r) {
    float error = 0.0F;
    kernels.squared_distances(rows.row(r).data(), decoded.data(), tables.dim, &r, 1, &error);
    sum += double{error};
  }
  return sum;
}

}  // namespace maxsimd
