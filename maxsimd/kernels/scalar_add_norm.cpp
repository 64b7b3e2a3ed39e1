// The end of a sublayer and its gradients in plain C++, sums in double: the scalar table's part,
// the oracle of simd/add_norm.h.
#include <cmath>

#include "maxsimd/kernels/dropout.h"
#include "maxsimd/kernels/tables.h"

namespace maxsimd::kernels {
namespace {

/// What a value of a row counts: 0 or 1 / (1 - rate).
class Kept {
 public:
  Kept(const AttentionDropout& dropout, size_t row)
      : rate_(dropout.rate), key_(dropout_key(dropout, 0, row)) {}

  float operator()(size_t column) const {
    if (rate_ == 0.0F) return 1.0F;
    return dropout_bits(key_, column) >= dropout_limit(rate_) ? 1.0F / (1.0F - rate_) : 0.0F;
  }

 private:
  float rate_;
  DropoutKey key_;
};

RowMoments moments_of(const float* row, size_t cols, float eps) {
  double sum = 0.0;
  for (size_t i = 0; i < cols; ++i) sum += row[i];
  const double mean = sum / static_cast<double>(cols);
  double squares = 0.0;
  for (size_t i = 0; i < cols; ++i) squares += (row[i] - mean) * (row[i] - mean);
  const double inverse = 1.0 / std::sqrt(squares / static_cast<double>(cols) + eps);
  return {static_cast<float>(mean), static_cast<float>(inverse)};
}

}  // namespace

void scalar_add_norm_f32(const AddNormArgs& args) noexcept {
  for (size_t r = 0; r < args.rows; ++r) {
    const Kept kept(args.dropout, args.first_row + r);
    float* sum = args.sum + r * args.cols;
    for (size_t i = 0; i < args.cols; ++i) {
      const size_t at = r * args.cols + i;
      sum[i] = args.change[at] * kept(i) + args.residual[at];
    }
    args.moments[r] = moments_of(sum, args.cols, args.eps);
    for (size_t i = 0; i < args.cols; ++i) {
      const float normal = (sum[i] - args.moments[r].mean) * args.moments[r].inverse_deviation;
      args.y[r * args.cols + i] = normal * args.gamma[i] + args.beta[i];
    }
  }
}

void scalar_add_norm_backward_f32(const AddNormBackwardArgs& args) noexcept {
  const AddNormArgs& forward = args.forward;
  const size_t cols = forward.cols;
  for (size_t r = 0; r < forward.rows; ++r) {
    const Kept kept(forward.dropout, forward.first_row + r);
    const RowMoments& moments = forward.moments[r];
    const auto normal = [&](size_t i) {
      return (forward.sum[r * cols + i] - moments.mean) * moments.inverse_deviation;
    };
    const auto scaled = [&](size_t i) { return args.y_gradient[r * cols + i] * forward.gamma[i]; };
    double total = 0.0, along = 0.0;
    for (size_t i = 0; i < cols; ++i) {
      const float dy = args.y_gradient[r * cols + i];
      args.beta_gradient[i] += dy;
      args.gamma_gradient[i] += dy * normal(i);
      total += scaled(i);
      along += scaled(i) * normal(i);
    }
    const auto mean = static_cast<float>(total / static_cast<double>(cols));
    const auto slope = static_cast<float>(along / static_cast<double>(cols));
    for (size_t i = 0; i < cols; ++i) {
      const float gradient = moments.inverse_deviation * (scaled(i) - mean - normal(i) * slope);
      args.residual_gradient[r * cols + i] = gradient;
      args.change_gradient[r * cols + i] = gradient * kept(i);
    }
  }
}

}  // namespace maxsimd::kernels
