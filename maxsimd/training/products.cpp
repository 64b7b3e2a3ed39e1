#include "maxsimd/training/products.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>

namespace maxsimd::training {
namespace {

using kernels::kPanelColumns;

// Rows of a task, as in the encoder's linear layers: 96 x 1536 floats fit into the L2 cache.
constexpr int64_t kTaskRows = 96;
// Rows of x and dy whose products are added to a weight's gradient at a time: a task's 96 columns
// of them, transposed, fit into the L2 cache.
constexpr int64_t kChunkRows = 1024;

template <class F>
void for_tasks(int64_t count, const F& f) {
  at::parallel_for(0, count, 1, [&](int64_t begin, int64_t end) {
    for (int64_t task = begin; task < end; ++task) f(task);
  });
}

int64_t tasks_of(int64_t rows, int64_t size) {
  return (rows + size - 1) / size;
}

}  // namespace

Products::Products(Precision precision, kernels::Isa isa)
    : table_(kernels::kernel_table(isa)), precision_(precision) {}

void Products::pack_rows(const at::Tensor& weight, Packed& packed) const {
  const MatrixView<const float> view = {weight.const_data_ptr<float>(),
                                        static_cast<size_t>(weight.size(0)),
                                        static_cast<size_t>(weight.size(1))};
  precision_ == Precision::bf16 ? packed.bf16.pack(view) : packed.f32.pack(view);
}

void Products::pack_columns(const Rows& x, Packed& packed) const {
  const bool narrow = precision_ == Precision::bf16;
  narrow ? packed.bf16.reshape(x.cols, x.rows) : packed.f32.reshape(x.cols, x.rows);
  for_tasks(static_cast<int64_t>(kernels::num_panels_of(x.cols)), [&](int64_t task) {
    const auto panel = static_cast<size_t>(task);
    const size_t column = panel * kPanelColumns;
    const size_t cols = std::min(kPanelColumns, x.cols - column);
    if (narrow) {
      table_.pack_columns_bf16(x.data + column, x.stride, x.rows, cols, packed.bf16.panel(panel));
    } else {
      table_.pack_columns_f32(x.data + column, x.stride, x.rows, cols, packed.f32.panel(panel));
    }
  });
}

// On one thread.
void Products::multiply(const Rows& a, const Packed& b, const kernels::Epilogue& epilogue, float* c,
                        size_t c_stride) const {
  if (precision_ == Precision::f32) {
    table_.gemm_f32(a.data, a.stride, a.rows, b.f32, 0, b.f32.num_panels(), epilogue, c, c_stride);
    return;
  }
  AlignedBuffer<uint8_t> coded(a.rows * table_.bf16_row_bytes(a.cols));
  table_.code_rows_bf16(a.data, a.stride, a.rows, a.cols, coded.data());
  table_.gemm_bf16(coded.data(), a.rows, b.bf16, 0, b.bf16.num_panels(), epilogue, c, c_stride);
}

at::Tensor Products::multiply_all(const at::Tensor& x, const Packed& weight, size_t n,
                                  const at::Tensor& bias) const {
  const auto k = static_cast<size_t>(x.size(1));
  at::Tensor y = at::empty({x.size(0), static_cast<int64_t>(n)}, x.options());
  const float* from = x.const_data_ptr<float>();
  float* to = y.mutable_data_ptr<float>();
  const float* offset = bias.defined() ? bias.const_data_ptr<float>() : nullptr;
  for_tasks(tasks_of(x.size(0), kTaskRows), [&](int64_t task) {
    const auto row = static_cast<size_t>(task * kTaskRows);
    const auto rows = static_cast<size_t>(std::min(kTaskRows, x.size(0) - task * kTaskRows));
    multiply({from + row * k, k, rows, k}, weight, {.bias = offset}, to + row * n, n);
  });
  return y;
}

at::Tensor Products::forward(const at::Tensor& x, const at::Tensor& weight,
                             const at::Tensor& bias) const {
  Packed packed;
  pack_rows(weight, packed);
  return multiply_all(x, packed, static_cast<size_t>(weight.size(0)), bias);
}

at::Tensor Products::input_gradient(const at::Tensor& dy, const at::Tensor& weight) const {
  const auto n = static_cast<size_t>(weight.size(0));
  const auto k = static_cast<size_t>(weight.size(1));
  Packed packed;
  pack_columns({weight.const_data_ptr<float>(), k, n, k}, packed);
  return multiply_all(dy, packed, k, {});
}

at::Tensor Products::weight_gradient(const at::Tensor& dy, const at::Tensor& x) const {
  const auto n = static_cast<size_t>(dy.size(1));
  const auto k = static_cast<size_t>(x.size(1));
  at::Tensor out = at::empty({dy.size(1), x.size(1)}, x.options());
  float* to = out.mutable_data_ptr<float>();
  Packed packed;
  for (int64_t begin = 0; begin < x.size(0); begin += kChunkRows) {
    const auto first = static_cast<size_t>(begin);
    const auto rows = static_cast<size_t>(std::min(kChunkRows, x.size(0) - begin));
    pack_columns({x.const_data_ptr<float>() + first * k, k, rows, k}, packed);
    for_tasks(tasks_of(dy.size(1), kTaskRows), [&](int64_t task) {
      const auto column = static_cast<size_t>(task * kTaskRows);
      const auto cols = std::min(static_cast<size_t>(kTaskRows), n - column);
      AlignedBuffer<float> transposed(cols * rows);
      table_.transpose_f32(dy.const_data_ptr<float>() + first * n + column, n, rows, cols,
                           transposed.data(), rows);
      multiply({transposed.data(), rows, cols, rows}, packed, {.accumulate = begin > 0},
               to + column * k, k);
    });
  }
  if (x.size(0) == 0) out.zero_();
  return out;
}

}  // namespace maxsimd::training
