// What the scalar kernels share: which values dropout keeps, and the moments of a row. For files of
// plain C++ only.
#pragma once

#include <cmath>

#include "maxsimd/kernels/dropout.h"

namespace maxsimd::kernels {

/// Of one row of a head: what a value counts, 0 or 1 / (1 - rate).
class Kept {
 public:
  Kept(const AttentionDropout& dropout, size_t head, size_t row)
      : rate_(dropout.rate), key_(dropout_key(dropout, head, row)) {}

  float operator()(size_t column) const {
    if (rate_ == 0.0F) return 1.0F;
    return dropout_bits(key_, column) >= dropout_limit(rate_) ? 1.0F / (1.0F - rate_) : 0.0F;
  }

 private:
  float rate_;
  DropoutKey key_;
};

/// RowMoments before they are rounded.
struct ExactMoments {
  double mean;
  double inverse_deviation;
};

inline ExactMoments exact_moments(const float* row, size_t cols, float eps) {
  double sum = 0.0;
  for (size_t i = 0; i < cols; ++i) sum += row[i];
  const double mean = sum / static_cast<double>(cols);
  double squares = 0.0;
  for (size_t i = 0; i < cols; ++i) squares += (row[i] - mean) * (row[i] - mean);
  return {mean, 1.0 / std::sqrt(squares / static_cast<double>(cols) + eps)};
}

}  // namespace maxsimd::kernels
