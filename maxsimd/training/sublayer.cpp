#include "maxsimd/training/sublayer.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

#include "maxsimd/kernels/kernels.h"
#include "maxsimd/training/random_state.h"

namespace maxsimd::training {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

// Rows of a task: their gradients of weight and bias are added up in this order, whoever does it.
constexpr int64_t kTaskRows = 128;

int64_t num_tasks(int64_t rows) {
  return (rows + kTaskRows - 1) / kTaskRows;
}

/// A function of the kernels room that takes its rows by tasks.
template <class F>
void for_tasks(int64_t rows, const F& f) {
  at::parallel_for(0, num_tasks(rows), 1, [&](int64_t begin, int64_t end) {
    for (int64_t task = begin; task < end; ++task) {
      const int64_t row = task * kTaskRows;
      f(task, row, std::min(kTaskRows, rows - row));
    }
  });
}

/// What the forward pass keeps, and what the kernels take of a range of its rows.
struct Sublayer {
  at::Tensor sum, moments, weight;
  kernels::AttentionDropout dropout;

  kernels::AddNormArgs args(int64_t row, int64_t rows) const {
    const int64_t cols = sum.size(1);
    auto* moments_of = reinterpret_cast<kernels::RowMoments*>(moments.mutable_data_ptr<float>());
    return {.rows = static_cast<size_t>(rows),
            .cols = static_cast<size_t>(cols),
            .first_row = static_cast<size_t>(row),
            .dropout = dropout,
            .gamma = weight.const_data_ptr<float>(),
            .sum = sum.mutable_data_ptr<float>() + row * cols,
            .moments = moments_of + row};
  }
};

const kernels::KernelTable& table() {
  return kernels::kernel_table(kernels::best_isa());
}

struct AddNormFunction : torch::autograd::Function<AddNormFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& change,
                            const at::Tensor& residual, const at::Tensor& weight,
                            const at::Tensor& bias, double eps, double dropout, int64_t seed) {
    const int64_t cols = change.size(1);
    const Sublayer layer{
        .sum = at::empty_like(change),
        .moments = at::empty({change.size(0), 2}, change.options()),
        .weight = weight,
        .dropout = {.rate = static_cast<float>(dropout), .seed = static_cast<uint64_t>(seed)}};
    at::Tensor y = at::empty_like(change);
    for_tasks(change.size(0), [&](int64_t, int64_t row, int64_t rows) {
      kernels::AddNormArgs args = layer.args(row, rows);
      args.change = change.const_data_ptr<float>() + row * cols;
      args.residual = residual.const_data_ptr<float>() + row * cols;
      args.beta = bias.const_data_ptr<float>();
      args.eps = static_cast<float>(eps);
      args.y = y.mutable_data_ptr<float>() + row * cols;
      table().add_norm_f32(args);
    });
    context->save_for_backward({layer.sum, layer.moments, weight});
    context->saved_data["dropout"] = dropout;
    context->saved_data["seed"] = seed;
    return y;
  }

  static tensor_list backward(AutogradContext* context, tensor_list gradients) {
    const auto saved = context->get_saved_variables();
    const Sublayer layer{
        .sum = saved[0],
        .moments = saved[1],
        .weight = saved[2],
        .dropout = {.rate = static_cast<float>(context->saved_data["dropout"].toDouble()),
                    .seed = static_cast<uint64_t>(context->saved_data["seed"].toInt())}};
    const at::Tensor dy = gradients[0].contiguous();
    const int64_t cols = dy.size(1);
    at::Tensor change_gradient = at::empty_like(dy), residual_gradient = at::empty_like(dy);
    const at::Tensor parts = at::zeros({num_tasks(dy.size(0)), 2, cols}, dy.options());
    for_tasks(dy.size(0), [&](int64_t task, int64_t row, int64_t rows) {
      float* part = parts.mutable_data_ptr<float>() + task * 2 * cols;
      table().add_norm_backward_f32(
          {.forward = layer.args(row, rows),
           .y_gradient = dy.const_data_ptr<float>() + row * cols,
           .residual_gradient = residual_gradient.mutable_data_ptr<float>() + row * cols,
           .change_gradient = change_gradient.mutable_data_ptr<float>() + row * cols,
           .gamma_gradient = part,
           .beta_gradient = part + cols});
    });
    const at::Tensor of_weights = parts.sum(0);
    return {change_gradient, residual_gradient, of_weights[0], of_weights[1],
            at::Tensor(),    at::Tensor(),      at::Tensor()};
  }
};

}  // namespace

at::Tensor add_norm(const at::Tensor& change, const at::Tensor& residual,
                    const LayerNormWeights& norm, double dropout) {
  if (change.scalar_type() != at::kFloat) {
    return plain_add_norm(change, residual, norm, dropout);
  }
  const uint64_t seed = dropout > 0 ? draw_seed() : 0;
  return AddNormFunction::apply(change.contiguous(), residual.contiguous(), norm.weight, norm.bias,
                                norm.eps, dropout, static_cast<int64_t>(seed));
}

at::Tensor plain_add_norm(const at::Tensor& change, const at::Tensor& residual,
                          const LayerNormWeights& norm, double dropout) {
  return at::layer_norm(at::dropout(change, dropout, dropout > 0) + residual, {change.size(1)},
                        norm.weight, norm.bias, norm.eps);
}

}  // namespace maxsimd::training
