#include "maxsimd/training/token_rows.h"

#include <ATen/ATen.h>

namespace maxsimd::training {

TokenRows slice_texts(const TokenRows& rows, int64_t begin, int64_t end) {
  const int64_t first_row = rows.offsets[static_cast<size_t>(begin)];
  TokenRows part{rows.values.slice(0, first_row, rows.offsets[static_cast<size_t>(end)]), {}};
  for (int64_t i = begin; i <= end; ++i) {
    part.offsets.push_back(rows.offsets[static_cast<size_t>(i)] - first_row);
  }
  return part;
}

TokenRows concatenate_texts(std::span<const TokenRows> parts) {
  TokenRows all;
  std::vector<at::Tensor> values;
  for (const TokenRows& part : parts) {
    values.push_back(part.values);
    const int64_t first_row = all.offsets.back();
    for (size_t i = 1; i < part.offsets.size(); ++i) {
      all.offsets.push_back(first_row + part.offsets[i]);
    }
  }
  all.values = at::cat(values);
  return all;
}

}  // namespace maxsimd::training
