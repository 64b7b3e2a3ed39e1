#include "maxsimd/encoder/linear.h"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace maxsimd {
namespace {

// Rows of one task. A multiple of every table's tile height; 96 x 1536 floats still fit in L2.
constexpr size_t kTaskRows = 96;
// Panels of one task when there are too few rows to go round (a single query).
constexpr size_t kTaskPanels = 2;
// Rows that are coded by one task.
constexpr size_t kCodeRows = 16;

}  // namespace

Linear::Linear(MatrixView<const float> weight, std::vector<float> bias, Precision precision,
               const kernels::KernelTable& table)
    : table_(&table),
      precision_(precision),
      in_features_(weight.cols),
      out_features_(weight.rows),
      bias_(std::move(bias)) {
  switch (precision) {
    case Precision::f32:
      f32_ = kernels::PackedF32(weight);
      break;
    case Precision::bf16:
      bf16_ = kernels::PackedBf16(weight);
      break;
    case Precision::int8:
      if (weight.cols > kernels::kMaxI8Inputs) {
        throw std::invalid_argument(
            "int8 takes layers of " + std::to_string(kernels::kMaxI8Inputs) +
            " inputs at most, this one has " + std::to_string(weight.cols) + "; use bf16 or f32");
      }
      i8_ = kernels::PackedI8(weight, table.i8_layout);
      break;
  }
}

size_t Linear::coded_row_bytes() const {
  return precision_ == Precision::int8 ? table_->i8_row_bytes(in_features_)
                                       : table_->bf16_row_bytes(in_features_);
}

const uint8_t* Linear::code(MatrixView<const float> x, AlignedBuffer<uint8_t>& coded,
                            ThreadPool& pool) const {
  if (precision_ == Precision::f32) return nullptr;
  const size_t row_bytes = coded_row_bytes();
  const auto code_rows =
      precision_ == Precision::int8 ? table_->code_rows_i8 : table_->code_rows_bf16;
  coded.ensure(x.rows * row_bytes);
  pool.parallel_for((x.rows + kCodeRows - 1) / kCodeRows, [&](size_t task, size_t) {
    const size_t row = task * kCodeRows;
    code_rows(x.data + row * x.cols, x.cols, std::min(kCodeRows, x.rows - row), x.cols,
              coded.data() + row * row_bytes);
  });
  return coded.data();
}

void Linear::multiply(MatrixView<const float> x, const uint8_t* coded, size_t panel_begin,
                      size_t panel_end, const kernels::Epilogue& epilogue, float* out) const {
  const size_t n = out_features_;
  switch (precision_) {
    case Precision::f32:
      table_->gemm_f32(x.data, x.cols, x.rows, f32_, panel_begin, panel_end, epilogue, out, n);
      break;
    case Precision::bf16:
      table_->gemm_bf16(coded, x.rows, bf16_, panel_begin, panel_end, epilogue, out, n);
      break;
    case Precision::int8:
      table_->gemm_i8(coded, x.rows, i8_, panel_begin, panel_end, epilogue, out, n);
      break;
  }
}

void Linear::apply(MatrixView<const float> x, float* out, kernels::Activation activation,
                   const float* residual, AlignedBuffer<uint8_t>& coded, ThreadPool& pool) const {
  const size_t n = out_features_;
  const uint8_t* coded_rows = code(x, coded, pool);
  const auto run = [&](size_t row, size_t rows, size_t panel, size_t panel_end) {
    const kernels::Epilogue epilogue{.bias = bias_.empty() ? nullptr : bias_.data(),
                                     .activation = activation,
                                     .residual = residual == nullptr ? nullptr : residual + row * n,
                                     .residual_stride = n};
    const uint8_t* from = coded_rows == nullptr ? nullptr : coded_rows + row * coded_row_bytes();
    multiply({x.data + row * x.cols, rows, x.cols}, from, panel, panel_end, epilogue,
             out + row * n);
  };
  const size_t panels = kernels::num_panels_of(n);
  const size_t row_tasks = (x.rows + kTaskRows - 1) / kTaskRows;
  if (row_tasks >= 2 * pool.num_threads()) {
    pool.parallel_for(row_tasks, [&](size_t task, size_t) {
      const size_t row = task * kTaskRows;
      run(row, std::min(kTaskRows, x.rows - row), 0, panels);
    });
    return;
  }
  pool.parallel_for((panels + kTaskPanels - 1) / kTaskPanels, [&](size_t task, size_t) {
    const size_t panel = task * kTaskPanels;
    run(0, x.rows, panel, std::min(panel + kTaskPanels, panels));
  });
}

}  // namespace maxsimd
