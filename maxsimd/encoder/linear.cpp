#include "maxsimd/encoder/linear.h"

#include <algorithm>

namespace maxsimd {
namespace {

// Rows of one task. A multiple of every table's tile height; 96 x 1536 floats still fit in L2.
constexpr size_t kTaskRows = 96;
// Panels of one task when there are too few rows to go round (a single query).
constexpr size_t kTaskPanels = 2;

}  // namespace

void Linear::apply(const kernels::KernelTable& table, MatrixView<const float> x, float* out,
                   kernels::Activation activation, const float* residual, ThreadPool& pool) const {
  const size_t n = out_features();
  const auto run = [&](size_t row, size_t rows, size_t panel, size_t panel_end) {
    const kernels::Epilogue epilogue{.bias = bias_.empty() ? nullptr : bias_.data(),
                                     .activation = activation,
                                     .residual = residual == nullptr ? nullptr : residual + row * n,
                                     .residual_stride = n};
    table.gemm_f32(x.data + row * x.cols, x.cols, rows, weight_, panel, panel_end, epilogue,
                   out + row * n, n);
  };
  const size_t row_tasks = (x.rows + kTaskRows - 1) / kTaskRows;
  if (row_tasks >= 2 * pool.num_threads()) {
    pool.parallel_for(row_tasks, [&](size_t task, size_t) {
      const size_t row = task * kTaskRows;
      run(row, std::min(kTaskRows, x.rows - row), 0, weight_.num_panels());
    });
    return;
  }
  const size_t panels = weight_.num_panels();
  pool.parallel_for((panels + kTaskPanels - 1) / kTaskPanels, [&](size_t task, size_t) {
    const size_t panel = task * kTaskPanels;
    run(0, x.rows, panel, std::min(panel + kTaskPanels, panels));
  });
}

}  // namespace maxsimd
