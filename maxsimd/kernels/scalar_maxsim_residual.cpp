// The oracle of the kernels over residual codes.
#include <algorithm>
#include <cmath>
#include <limits>

#include "maxsimd/kernels/tables.h"

namespace maxsimd::kernels {
namespace {

/// The sum of row t and query column r.
float residual_sum(const PackedResidualQuery& query, const PackedBucketWeights& weights,
                   const ResidualRows& rows, size_t t, size_t r) {
  const size_t nbits = weights.nbits();
  const uint8_t* row = rows.residuals + t * weights.residual_bytes();
  const uint8_t* codes = row + kResidualScaleBytes;
  const int8_t* panel = query.panels() + r / kPanelColumns * weights.padded_dim() * kPanelColumns;
  int32_t sum = 0;
  for (size_t d = 0; d < weights.dim(); ++d) {
    const int bucket = codes[d * nbits / 8] >> (d * nbits % 8) & ((1 << nbits) - 1);
    const int weight = weights.table()[d * kBucketTable + static_cast<size_t>(bucket)];
    sum += weight * panel[(d / 4 * kPanelColumns + r % kPanelColumns) * 4 + d % 4];
  }
  const int32_t score = rows.scores[rows.centroids[t] * query.num_columns() + r];
  return static_cast<float>(sum) * residual_scale_of(row) +
         static_cast<float>(score * (1 << query.shift()));
}

}  // namespace

void scalar_round_scores(const float* scores, size_t rows, size_t cols, const float* factors,
                         int16_t* out, int32_t* lowest, int32_t* highest) noexcept {
  for (size_t i = 0; i < rows * cols; ++i) {
    const size_t column = i % cols;
    const float scaled = std::clamp(scores[i] * factors[column], -32767.0F, 32767.0F);
    const auto rounded = static_cast<int32_t>(std::lrint(scaled));
    out[i] = static_cast<int16_t>(rounded);
    lowest[column] = std::min(lowest[column], rounded);
    highest[column] = std::max(highest[column], rounded);
  }
}

size_t scalar_first_above(const int16_t* scores, size_t cols, size_t begin, size_t end,
                          const int16_t* limits) noexcept {
  for (size_t row = begin; row < end; ++row) {
    for (size_t column = 0; column < cols; ++column) {
      if (scores[row * cols + column] > limits[column]) return row;
    }
  }
  return end;
}

void scalar_scores_to_bytes(const int16_t* scores, size_t rows, size_t cols, const int16_t* offsets,
                            const uint16_t* factors, uint8_t* out) noexcept {
  for (size_t i = 0; i < rows * cols; ++i) {
    const auto above = static_cast<uint32_t>(scores[i] - offsets[i % cols]);
    out[i] = static_cast<uint8_t>(std::min(above * factors[i % cols] >> 16, 255U));
  }
}

void scalar_mark_best(const uint8_t* table, size_t cols, const uint16_t* ids, size_t count,
                      uint8_t* marks) noexcept {
  std::fill_n(marks, count, uint8_t{0});
  for (size_t column = 0; column < cols; ++column) {
    int best = 0;
    for (size_t t = 0; t < count; ++t) best = std::max<int>(best, table[ids[t] * cols + column]);
    for (size_t t = 0; t < count; ++t) {
      if (best > 0 && table[ids[t] * cols + column] == best) marks[t] = 1;
    }
  }
}

uint32_t scalar_maxsim_centroids(const uint8_t* table, size_t cols, const uint16_t* ids,
                                 size_t count) noexcept {
  uint32_t total = 0;
  for (size_t column = 0; column < cols; ++column) {
    uint8_t best = 0;
    for (size_t t = 0; t < count; ++t) best = std::max(best, table[ids[t] * cols + column]);
    total += best;
  }
  return total;
}

void scalar_maxsim_residual(const PackedResidualQuery& query, const PackedBucketWeights& weights,
                            const ResidualRows& rows, void*, float* lowest, float* highest,
                            uint8_t* marks) noexcept {
  constexpr float kNone = -std::numeric_limits<float>::infinity();
  std::fill_n(lowest, query.num_columns(), kNone);
  std::fill_n(highest, query.num_columns(), kNone);
  for (size_t i = 0; i < rows.num_rows; ++i) {
    const size_t t = rows.selected != nullptr ? rows.selected[i] : i;
    const float scale = residual_scale_of(rows.residuals + t * weights.residual_bytes());
    marks[i] = 0;
    for (size_t r = 0; r < query.num_columns(); ++r) {
      const float sum = residual_sum(query, weights, rows, t, r);
      const float error = query.scaled_errors()[r] * scale;
      lowest[r] = std::max(lowest[r], sum - error);
      highest[r] = std::max(highest[r], sum + error);
      if (sum + error > lowest[r] - query.slack()[r]) marks[i] = 1;
    }
  }
}

}  // namespace maxsimd::kernels
