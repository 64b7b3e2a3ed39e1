#include "maxsimd/kernels/packed_residual.h"

#include <algorithm>
#include <cmath>

#include "maxsimd/kernels/tables.h"

namespace maxsimd::kernels {
namespace {

constexpr double kLargestCode = 127.0;
// Rows whose similarities are all smaller count as zeros: units must not leave the range of floats.
constexpr double kSmallestSimilarity = 1e-25;
// Scores of centroids, shifted, stay below 2^26 or a little more: an int32 holds them, and a float
// with an error far below that of the int16.
constexpr double kLargestScore = 0x1p26;
constexpr double kMaxScale = double{kMaxResidualScale};
constexpr double kLargestInt16 = 32767.0;
constexpr float kLargestSlack = 0x1p60F;  // more than any sum

double squared(double x) {
  return x * x;
}

double norm_of(std::span<const float> row) {
  double squares = 0.0;
  for (const float value : row) squares += squared(value);
  return std::sqrt(squares);
}

int round_to_code(double value) {
  return static_cast<int>(std::lrint(std::clamp(value, -kLargestCode, kLargestCode)));
}

/// The smallest shift with which a score of `bound` fits an int16.
unsigned shift_for(double bound, double unit) {
  unsigned shift = 0;
  while (bound * 1.001 > kLargestInt16 * std::ldexp(unit, static_cast<int>(shift))) ++shift;
  return shift;
}

/// Three sums of `dim` products in float32, each rounded in every step, and some single roundings,
/// relative to |q| |x|.
double relative_rounding(size_t dim) {
  return 4.0 * (static_cast<double>(dim) + 16.0) * 0x1p-24;
}

}  // namespace

PackedBucketWeights::PackedBucketWeights(MatrixView<const float> weights)
    : nbits_(weights.rows == 16 ? 4 : weights.rows / 2),
      table_((weights.cols + 3) / 4 * 4 * kBucketTable),
      scales_(weights.cols),
      errors_(weights.cols),
      largest_(weights.cols) {
  double squares = 0.0;
  for (size_t d = 0; d < weights.cols; ++d) {
    const auto weight = [&](size_t b) { return double{weights.row(b)[d]}; };
    double largest = 0.0;
    for (size_t b = 0; b < weights.rows; ++b) largest = std::max(largest, std::abs(weight(b)));
    squares += squared(largest);
    const auto scale = static_cast<float>(largest / kLargestCode);
    scales_[d] = scale;
    for (size_t b = 0; b < weights.rows; ++b) {
      const int code = scale == 0.0F ? 0 : round_to_code(weight(b) / double{scale});
      table_[d * kBucketTable + b] = static_cast<int8_t>(code);
      largest_[d] = std::max(largest_[d], std::abs(code));
      errors_[d] = std::max(errors_[d], std::abs(weight(b) - double{scale} * code));
    }
  }
  norm_ = std::sqrt(squares);
}

void PackedResidualQuery::reserve(size_t num_rows, size_t padded_dim) {
  num_rows_ = num_rows;
  const size_t values = num_columns() * padded_dim;
  panels_.ensure(values);
  pairs_.ensure(values);
  bias_.ensure(num_columns());
  slack_.ensure(num_columns());
  scaled_errors_.ensure(num_columns());
  score_factors_.ensure(num_columns());
  std::fill_n(panels_.data(), values, int8_t{0});
  std::fill_n(pairs_.data(), values, int16_t{0});
  std::fill_n(bias_.data(), num_columns(), 0);
  std::fill_n(slack_.data(), num_columns(), 0.0F);
  std::fill_n(scaled_errors_.data(), num_columns(), 0.0F);
  std::fill_n(score_factors_.data(), num_columns(), 0.0F);
  units_.assign(num_rows, 0.0);
  fixed_errors_.assign(num_rows, 0.0);
  bounds_.assign(num_rows, 0.0);
}

void PackedResidualQuery::set_row(size_t r, size_t d, size_t padded_dim, int8_t value) {
  const size_t base = r / kPanelColumns * padded_dim * kPanelColumns;
  const size_t column = r % kPanelColumns;
  panels_[base + (d / 4 * kPanelColumns + column) * 4 + d % 4] = value;
  pairs_[base + (d / 2 * kPanelColumns + column) * 2 + d % 2] = value;
  bias_[r] -= 128 * value;
}

void PackedResidualQuery::pack(MatrixView<const float> query, const PackedBucketWeights& weights,
                               double longest_centroid) {
  reserve(query.rows, weights.padded_dim());
  shift_ = 0;
  for (size_t r = 0; r < query.rows; ++r) {
    const std::span<const float> row = query.row(r);
    const double norm = norm_of(row);
    bounds_[r] = norm * longest_centroid;
    const double largest_similarity = norm * (longest_centroid + kMaxScale * weights.norm());
    if (largest_similarity < kSmallestSimilarity) {  // all sums are 0, and no vector is ruled out
      fixed_errors_[r] = largest_similarity;
      slack_[r] = norm > 0.0 ? kLargestSlack : 0.0F;
      continue;
    }
    double largest = 0.0;
    for (size_t d = 0; d < row.size(); ++d) {
      largest = std::max(largest, std::abs(double{row[d]} * double{weights.scales()[d]}));
    }
    units_[r] = std::max(largest / kLargestCode, bounds_[r] / kLargestScore);
    shift_ = std::max(shift_, shift_for(bounds_[r], units_[r]));
    fixed_errors_[r] = bounds_[r] * relative_rounding(row.size());
  }
  for (size_t r = 0; r < query.rows; ++r) {
    if (units_[r] == 0.0) continue;
    const double score_unit = std::ldexp(units_[r], static_cast<int>(shift_));
    score_factors_[r] = static_cast<float>(1.0 / score_unit);
    fixed_errors_[r] += 0.501 * score_unit;
    const double slack = 2.0 * fixed_errors_[r] / units_[r] + 1.0;
    slack_[r] = std::min(static_cast<float>(std::ceil(slack)), kLargestSlack);
    pack_row(r, query.row(r), weights);
  }
}

// What is lost by coding is bounded dimension by dimension, or by Cauchy and Schwarz, |w| being at
// most the weights' norm.
void PackedResidualQuery::pack_row(size_t r, std::span<const float> row,
                                   const PackedBucketWeights& weights) {
  double of_codes = 0.0, squares = 0.0, of_weights = 0.0;
  for (size_t d = 0; d < row.size(); ++d) {
    const double scale{weights.scales()[d]};
    const double scaled = double{row[d]} * scale;
    const int code = round_to_code(scaled / units_[r]);
    set_row(r, d, weights.padded_dim(), static_cast<int8_t>(code));
    const double off = std::abs(scaled - units_[r] * code);
    of_codes += off * weights.largest()[d];
    if (scale > 0.0) squares += squared(off / scale);
    of_weights += std::abs(double{row[d]}) * weights.errors()[d];
  }
  const double rounding = norm_of(row) * weights.norm() * relative_rounding(row.size());
  const double error =
      std::min(of_codes, std::sqrt(squares) * weights.norm()) + of_weights + rounding;
  // Rounded up, with room for the product with a row's scale.
  scaled_errors_[r] = static_cast<float>(error / units_[r] * (1.0 + 0x1p-20));
}

size_t residual_scratch_bytes(const PackedBucketWeights& weights) noexcept {
  // A chunk of rows as int16, and a copy of its codes with room for whole blocks.
  return kResidualChunk * weights.padded_dim() * sizeof(int16_t) +
         round_up(kResidualChunk * weights.residual_bytes() + kBucketTable, kBufferAlignment);
}

}  // namespace maxsimd::kernels
