// The end of a sublayer and its gradients in plain C++, sums in double: the scalar table's part,
// the oracle of simd/add_norm.h.
#include "maxsimd/kernels/scalar_rows.h"
#include "maxsimd/kernels/tables.h"

namespace maxsimd::kernels {

void scalar_add_norm_f32(const AddNormArgs& args) noexcept {
  for (size_t r = 0; r < args.rows; ++r) {
    const Kept kept(args.dropout, 0, args.first_row + r);
    float* sum = args.sum + r * args.cols;
    for (size_t i = 0; i < args.cols; ++i) {
      const size_t at = r * args.cols + i;
      sum[i] = args.change[at] * kept(i) + args.residual[at];
    }
    const ExactMoments exact = exact_moments(sum, args.cols, args.eps);
    args.moments[r] = {static_cast<float>(exact.mean), static_cast<float>(exact.inverse_deviation)};
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
    const Kept kept(forward.dropout, 0, forward.first_row + r);
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
