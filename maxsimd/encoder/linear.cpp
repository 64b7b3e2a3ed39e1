#include "maxsimd/encoder/linear.h"

#include <algorithm>

namespace maxsimd {
namespace {

// Rows of one task. A multiple of every table's tile height; 96 x 1536 floats still fit in L2.
constexpr size_t kTaskRows = 96;
// Panels of one task when there are too few rows to go round (a single query).
constexpr size_t kTaskPanels = 2;
// Panels that meet one slice of int8 inputs before the next does: 96 rows of their sums are 48 KiB.
constexpr size_t kSlicePanels = 4;
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
      pack_i8_slices(weight);
      break;
  }
}

void Linear::pack_i8_slices(MatrixView<const float> weight) {
  std::vector<float> part;
  for (size_t slice = 0; slice * kI8Slice < weight.cols; ++slice) {
    const size_t width = slice_width(slice);
    part.clear();
    for (size_t r = 0; r < weight.rows; ++r) {
      const float* begin = weight.data + r * weight.cols + slice * kI8Slice;
      part.insert(part.end(), begin, begin + width);
    }
    i8_.emplace_back(MatrixView<const float>{part.data(), weight.rows, width}, table_->i8_layout);
  }
}

size_t Linear::slice_width(size_t slice) const {
  if (precision_ != Precision::int8) return in_features_;
  return std::min(kI8Slice, in_features_ - slice * kI8Slice);
}

size_t Linear::coded_row_bytes(size_t slice) const {
  return precision_ == Precision::int8 ? table_->i8_row_bytes(slice_width(slice))
                                       : table_->bf16_row_bytes(in_features_);
}

void Linear::code(MatrixView<const float> x, AlignedBuffer<uint8_t>& coded,
                  ThreadPool& pool) const {
  if (precision_ == Precision::f32) return;
  const bool is_i8 = precision_ == Precision::int8;
  const auto code_rows = is_i8 ? table_->code_rows_i8 : table_->code_rows_bf16;
  const size_t num_slices = is_i8 ? i8_.size() : 1;
  coded.ensure(x.rows * num_slices * coded_row_bytes(0));
  pool.parallel_for((x.rows + kCodeRows - 1) / kCodeRows, [&](size_t task, size_t) {
    const size_t row = task * kCodeRows;
    const size_t rows = std::min(kCodeRows, x.rows - row);
    for (size_t slice = 0; slice < num_slices; ++slice) {
      code_rows(x.data + row * x.cols + slice * kI8Slice, x.cols, rows, slice_width(slice),
                coded.data() + slice * x.rows * coded_row_bytes(0) + row * coded_row_bytes(slice));
    }
  });
}

void Linear::multiply(MatrixView<const float> x, const uint8_t* coded, const Part& part,
                      const kernels::Epilogue& epilogue, float* out) const {
  const size_t n = out_features_;
  switch (precision_) {
    case Precision::f32:
      table_->gemm_f32(x.data + part.row * x.cols, x.cols, part.rows, f32_, part.panel_begin,
                       part.panel_end, epilogue, out, n);
      break;
    case Precision::bf16:
      table_->gemm_bf16(coded + part.row * coded_row_bytes(0), part.rows, bf16_, part.panel_begin,
                        part.panel_end, epilogue, out, n);
      break;
    case Precision::int8:
      multiply_slices(coded, x.rows, part, epilogue, out);
      break;
  }
}

// All slices of a few panels after each other: their sums stay in the cache meanwhile.
void Linear::multiply_slices(const uint8_t* coded, size_t all_rows, const Part& part,
                             const kernels::Epilogue& epilogue, float* out) const {
  for (size_t panel = part.panel_begin; panel < part.panel_end; panel += kSlicePanels) {
    const size_t panel_end = std::min(panel + kSlicePanels, part.panel_end);
    for (size_t slice = 0; slice < i8_.size(); ++slice) {
      const uint8_t* rows =
          coded + slice * all_rows * coded_row_bytes(0) + part.row * coded_row_bytes(slice);
      const bool is_last = slice + 1 == i8_.size();
      kernels::Epilogue to_sums = is_last ? epilogue : kernels::Epilogue{};
      to_sums.accumulate = slice > 0;
      table_->gemm_i8(rows, part.rows, i8_[slice], panel, panel_end, to_sums, out, out_features_);
    }
  }
}

template <class Run>
void Linear::for_parts(size_t rows, ThreadPool& pool, const Run& run) const {
  const size_t panels = kernels::num_panels_of(out_features_);
  const size_t row_tasks = (rows + kTaskRows - 1) / kTaskRows;
  if (row_tasks >= 2 * pool.num_threads()) {
    pool.parallel_for(row_tasks, [&](size_t task, size_t) {
      const size_t row = task * kTaskRows;
      run(Part{row, std::min(kTaskRows, rows - row), 0, panels});
    });
    return;
  }
  pool.parallel_for((panels + kTaskPanels - 1) / kTaskPanels, [&](size_t task, size_t) {
    const size_t panel = task * kTaskPanels;
    run(Part{0, rows, panel, std::min(panel + kTaskPanels, panels)});
  });
}

void Linear::apply(MatrixView<const float> x, float* out, kernels::Activation activation,
                   const float* residual, AlignedBuffer<uint8_t>& coded, ThreadPool& pool) const {
  const size_t n = out_features_;
  code(x, coded, pool);
  for_parts(x.rows, pool, [&](const Part& part) {
    const size_t first = part.row * n;
    const kernels::Epilogue epilogue{.bias = bias_or_null(),
                                     .activation = activation,
                                     .residual = residual == nullptr ? nullptr : residual + first,
                                     .residual_stride = n};
    multiply(x, coded.data(), part, epilogue, out + first);
  });
}

// A part's gates are in the cache when they are needed.
void Linear::apply_gated(const Linear& gate, MatrixView<const float> x, float* gates, float* out,
                         AlignedBuffer<uint8_t>& coded, ThreadPool& pool) const {
  const size_t n = out_features_;
  code(x, coded, pool);
  for_parts(x.rows, pool, [&](const Part& part) {
    const size_t first = part.row * n;
    gate.multiply(x, coded.data(), part, {.bias = gate.bias_or_null()}, gates + first);
    const kernels::Epilogue epilogue{.bias = bias_or_null(),
                                     .activation = kernels::Activation::gelu,
                                     .factor = gates + first,
                                     .factor_stride = n};
    multiply(x, coded.data(), part, epilogue, out + first);
  });
}

}  // namespace maxsimd
