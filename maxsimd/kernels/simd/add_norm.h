// How a transformer's sublayer ends, in training: dropout, the residual added, layer norm; and its
// gradients. The row at hand stays in the L1 cache between the passes over it.
#pragma once

#include "maxsimd/kernels/simd/dropout.h"
#include "maxsimd/kernels/simd/rows.h"

namespace maxsimd::kernels::simd {
namespace {

/// sum = dropped(change) * scale + residual; returns its total.
template <class S, class Dropped>
MAXSIMD_INLINE float add_dropped(const float* change, const float* residual, size_t cols,
                                 const Dropped& dropped, typename S::Float scale, float* sum) {
  auto total = S::zero();
  for_vectors<S>(cols, [&](size_t i, auto lanes) {
    const auto kept = dropped.keep(lanes.load(change + i), dropped.bits(i));
    const auto value = S::fma(kept, scale, lanes.load(residual + i));
    lanes.store(sum + i, value);
    total = S::add(total, lanes.keep(value));
  });
  return S::sum(total);
}

template <class S, class D>
MAXSIMD_INLINE void add_norm_rows(const AddNormArgs& args, const D& dropout) {
  using Float = typename S::Float;
  const size_t cols = args.cols;
  const float inverse_cols = 1.0F / static_cast<float>(cols);
  const Float scale = S::set1(dropout.scale());
  for (size_t r = 0; r < args.rows; ++r) {
    float* sum = args.sum + r * cols;
    float* y = args.y + r * cols;
    const float mean =
        inverse_cols * add_dropped<S>(args.change + r * cols, args.residual + r * cols, cols,
                                      dropout.row(args.first_row + r), scale, sum);
    const Float middle = S::set1(mean);
    const float squares = sum_row<S>(sum, cols, [&](Float v, auto lanes) {
      const Float d = lanes.keep(S::sub(v, middle));
      return S::mul(d, d);
    });
    const float inverse = 1.0F / S::square_root(squares * inverse_cols + args.eps);
    const Float stretch = S::set1(inverse);
    for_vectors<S>(cols, [&](size_t i, auto lanes) {
      const Float normal = S::mul(S::sub(lanes.load(sum + i), middle), stretch);
      lanes.store(y + i, S::fma(normal, lanes.load(args.gamma + i), lanes.load(args.beta + i)));
    });
    args.moments[r] = {mean, inverse};
  }
}

template <class S>
void add_norm_f32(const AddNormArgs& args) noexcept {
  if (args.dropout.rate > 0.0F) {
    add_norm_rows<S>(args, Dropout<S>{args.dropout, 0});
  } else {
    add_norm_rows<S>(args, NoDropout<S>{});
  }
}

template <class S, class D>
MAXSIMD_INLINE void add_norm_gradient_rows(const AddNormBackwardArgs& args, const D& dropout) {
  using Float = typename S::Float;
  const AddNormArgs& forward = args.forward;
  const size_t cols = forward.cols;
  const Float inverse_cols = S::set1(1.0F / static_cast<float>(cols));
  const Float scale = S::set1(dropout.scale());
  for (size_t r = 0; r < forward.rows; ++r) {
    const float* sum = forward.sum + r * cols;
    const float* dy = args.y_gradient + r * cols;
    const auto dropped = dropout.row(forward.first_row + r);
    const Float middle = S::set1(forward.moments[r].mean);
    const Float stretch = S::set1(forward.moments[r].inverse_deviation);
    auto total = S::zero();  // of dy * gamma
    auto along = S::zero();  // of dy * gamma * normal
    for_vectors<S>(cols, [&](size_t i, auto lanes) {
      const Float d = lanes.load(dy + i);
      const Float normal = S::mul(S::sub(lanes.load(sum + i), middle), stretch);
      lanes.store(args.beta_gradient + i, S::add(lanes.load(args.beta_gradient + i), d));
      lanes.store(args.gamma_gradient + i, S::fma(d, normal, lanes.load(args.gamma_gradient + i)));
      const Float scaled = S::mul(d, lanes.load(forward.gamma + i));
      total = S::add(total, scaled);
      along = S::fma(scaled, normal, along);  // beyond the row `scaled` is 0
    });
    const Float mean = S::mul(S::set1(S::sum(total)), inverse_cols);
    const Float slope = S::mul(S::set1(S::sum(along)), inverse_cols);
    float* residual_gradient = args.residual_gradient + r * cols;
    float* change_gradient = args.change_gradient + r * cols;
    for_vectors<S>(cols, [&](size_t i, auto lanes) {
      const Float normal = S::mul(S::sub(lanes.load(sum + i), middle), stretch);
      const Float scaled = S::mul(lanes.load(dy + i), lanes.load(forward.gamma + i));
      const Float gradient = S::mul(stretch, S::fnma(normal, slope, S::sub(scaled, mean)));
      lanes.store(residual_gradient + i, gradient);
      lanes.store(change_gradient + i, S::mul(dropped.keep(gradient, dropped.bits(i)), scale));
    });
  }
}

template <class S>
void add_norm_backward_f32(const AddNormBackwardArgs& args) noexcept {
  if (args.forward.dropout.rate > 0.0F) {
    add_norm_gradient_rows<S>(args, Dropout<S>{args.forward.dropout, 0});
  } else {
    add_norm_gradient_rows<S>(args, NoDropout<S>{});
  }
}

}  // namespace
}  // namespace maxsimd::kernels::simd
