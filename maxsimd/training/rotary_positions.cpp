#include "maxsimd/training/rotary_positions.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include "maxsimd/kernels/kernels.h"
#include "maxsimd/training/parameters.h"

namespace maxsimd::training {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

constexpr int64_t kRowsPerTask = 32;

/// A copy of qkv with its queries and keys turned; `positions` [T] on the CPU.
at::Tensor turned(const at::Tensor& qkv, const at::Tensor& positions, int64_t num_heads,
                  const at::Tensor& cosines, const at::Tensor& sines) {
  const kernels::KernelTable& table = kernels::kernel_table(kernels::best_isa());
  const auto heads = static_cast<size_t>(num_heads);
  const auto stride = static_cast<size_t>(qkv.size(1));
  const size_t head_dim = stride / (3 * heads);
  const int64_t half = cosines.size(1);
  at::Tensor out = qkv.clone();
  float* rows = out.mutable_data_ptr<float>();
  const int64_t* places = positions.const_data_ptr<int64_t>();
  at::parallel_for(0, qkv.size(0), kRowsPerTask, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      table.rotate_f32({.x = rows + static_cast<size_t>(row) * stride,
                        .stride = stride,
                        .rows = 1,
                        .num_heads = 2 * heads,  // the keys' come right after the queries'
                        .head_dim = head_dim,
                        .cosines = cosines.const_data_ptr<float>() + places[row] * half,
                        .sines = sines.const_data_ptr<float>() + places[row] * half});
    }
  });
  return out;
}

struct RotateFunction : torch::autograd::Function<RotateFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& qkv,
                            const at::Tensor& positions, int64_t num_heads,
                            const at::Tensor& cosines, const at::Tensor& sines) {
    context->save_for_backward({positions, cosines, sines});
    context->saved_data["num_heads"] = num_heads;
    return turned(qkv, positions, num_heads, cosines, sines);
  }

  static tensor_list backward(AutogradContext* context, tensor_list gradients) {
    const auto saved = context->get_saved_variables();
    const int64_t num_heads = context->saved_data["num_heads"].toInt();
    // The transpose of a rotation is the one back.
    return {turned(gradients[0].contiguous(), saved[0], num_heads, saved[1], -saved[2]),
            at::Tensor(), at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

at::Tensor copied(const float* values, size_t rows, size_t cols) {
  const auto shape = {static_cast<int64_t>(rows), static_cast<int64_t>(cols)};
  return tensor_of(std::vector<float>(values, values + rows * cols), shape);
}

}  // namespace

RotaryTensors::RotaryTensors(const RotaryTable& table, size_t head_dim, size_t positions,
                             at::Device device)
    : cosines(copied(table.cosines(), positions, head_dim / 2).to(device)),
      sines(copied(table.sines(), positions, head_dim / 2).to(device)) {}

at::Tensor rotate(const at::Tensor& qkv, const PackedBatch& batch, int64_t num_heads,
                  const RotaryTensors& rotary) {
  return RotateFunction::apply(qkv.contiguous(), batch.positions, num_heads, rotary.cosines,
                               rotary.sines);
}

at::Tensor plain_rotate(const at::Tensor& qkv, const PackedBatch& batch, int64_t num_heads,
                        const RotaryTensors& rotary) {
  const int64_t half = qkv.size(1) / (6 * num_heads);
  const auto rows_of = [&](const at::Tensor& table) {
    // [T, 1, half]
    return table.index_select(0, batch.positions).unsqueeze(1).to(qkv.scalar_type());
  };
  const at::Tensor cosines = rows_of(rotary.cosines);
  const at::Tensor sines = rows_of(rotary.sines);
  const at::Tensor heads = qkv.view({qkv.size(0), 3 * num_heads, 2 * half});
  const at::Tensor turning = heads.narrow(1, 0, 2 * num_heads);
  const at::Tensor x1 = turning.narrow(2, 0, half);
  const at::Tensor x2 = turning.narrow(2, half, half);
  const at::Tensor turned_heads =
      at::cat({x1 * cosines - x2 * sines, x2 * cosines + x1 * sines}, 2);
  return at::cat({turned_heads, heads.narrow(1, 2 * num_heads, num_heads)}, 1)
      .view({qkv.size(0), qkv.size(1)});
}

}  // namespace maxsimd::training
