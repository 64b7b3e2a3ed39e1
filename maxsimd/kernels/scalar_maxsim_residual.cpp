// The oracle of the kernels over residual codes.
#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "maxsimd/kernels/tables.h"

namespace maxsimd::kernels {
namespace {

/// The sum of a row, whose centroid has these scores, and query column r.
float residual_sum(const PackedResidualQuery& query, const PackedBucketWeights& weights,
                   const uint8_t* row, const int16_t* scores, size_t r) {
  const size_t nbits = weights.nbits();
  const uint8_t* codes = row + kResidualScaleBytes;
  const int8_t* panel = query.panels() + r / kPanelColumns * weights.padded_dim() * kPanelColumns;
  int32_t sum = 0;
  for (size_t d = 0; d < weights.dim(); ++d) {
    const int bucket = codes[d * nbits / 8] >> (d * nbits % 8) & ((1 << nbits) - 1);
    const int weight = weights.table()[d * kBucketTable + static_cast<size_t>(bucket)];
    sum += weight * panel[(d / 4 * kPanelColumns + r % kPanelColumns) * 4 + d % 4];
  }
  return static_cast<float>(sum) * residual_scale_of(row) +
         static_cast<float>(scores[r] * (1 << query.shift()));
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

uint32_t scalar_maxsim_centroids(const uint8_t* table, size_t cols, const uint16_t* ids,
                                 size_t count, uint8_t* best) noexcept {
  uint32_t total = 0;
  std::fill_n(best, cols, uint8_t{0});
  for (size_t column = 0; column < cols; ++column) {
    for (size_t t = 0; t < count; ++t) {
      best[column] = std::max(best[column], table[ids[t] * cols + column]);
    }
    total += best[column];
  }
  return total;
}

size_t scalar_select_above(const uint8_t* table, size_t cols, const uint16_t* ids, size_t count,
                           const uint8_t* limits, uint32_t* selected) noexcept {
  size_t num_selected = 0;
  for (uint32_t t = 0; t < count; ++t) {
    const uint8_t* row = table + ids[t] * cols;
    const bool is_above =
        std::mismatch(row, row + cols, limits, std::less_equal<>()).first != row + cols;
    if (is_above) selected[num_selected++] = t;
  }
  return num_selected;
}

void scalar_maxsim_residual(const PackedResidualQuery& query, const PackedBucketWeights& weights,
                            const ResidualRows& rows, void*, float* lowest, float* highest,
                            uint8_t* marks) noexcept {
  constexpr float kNone = -std::numeric_limits<float>::infinity();
  std::fill_n(lowest, query.num_columns(), kNone);
  std::fill_n(highest, query.num_columns(), kNone);
  for (size_t t = 0; t < rows.num_rows; ++t) {
    const uint8_t* row = rows.residuals + t * weights.residual_bytes();
    const int16_t* scores = rows.scores + rows.centroids[t] * query.num_columns();
    const float scale = residual_scale_of(row);
    marks[t] = 0;
    for (size_t r = 0; r < query.num_columns(); ++r) {
      const float sum = residual_sum(query, weights, row, scores, r);
      const float error = query.scaled_errors()[r] * scale;
      lowest[r] = std::max(lowest[r], sum - error);
      highest[r] = std::max(highest[r], sum + error);
      if (sum + error > lowest[r] - query.slack()[r]) marks[t] = 1;
    }
  }
}

void scalar_maxsim_selected(const PackedResidualQuery& query, const PackedBucketWeights& weights,
                            const SelectedRows& rows, void*, float* best) noexcept {
  const size_t columns = query.num_columns();
  std::fill_n(best, rows.num_documents * columns, -std::numeric_limits<float>::infinity());
  uint32_t row = 0;
  for (size_t document = 0; document < rows.num_documents; ++document, best += columns) {
    for (; row < rows.ends[document]; ++row) {
      for (size_t r = 0; r < columns; ++r) {
        best[r] = std::max(best[r],
                           residual_sum(query, weights, rows.residuals[row], rows.scores[row], r));
      }
    }
  }
}

}  // namespace maxsimd::kernels
