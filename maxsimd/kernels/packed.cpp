#include <algorithm>

#include "maxsimd/base/half.h"
#include "maxsimd/kernels/tables.h"

namespace maxsimd::kernels {

void PackedF32::pack(MatrixView<const float> weight) {
  reshape(weight.rows, weight.cols);
  std::fill_n(data_.data(), num_panels() * k_ * kPanelColumns, 0.0F);
  for (size_t r = 0; r < n_; ++r) {
    const float* row = weight.data + r * k_;
    float* column = data_.data() + r / kPanelColumns * k_ * kPanelColumns + r % kPanelColumns;
    for (size_t i = 0; i < k_; ++i) column[i * kPanelColumns] = row[i];
  }
}

void PackedBf16::pack(MatrixView<const float> weight) {
  reshape(weight.rows, weight.cols);
  std::fill_n(data_.data(), num_panels() * num_pairs() * 2 * kPanelColumns, uint16_t{0});
  for (size_t r = 0; r < n_; ++r) {
    const float* row = weight.data + r * k_;
    const size_t base = r / kPanelColumns * num_pairs() * 2 * kPanelColumns;
    uint16_t* column = data_.data() + base + r % kPanelColumns * 2;
    for (size_t i = 0; i < k_; ++i) {
      column[i / 2 * 2 * kPanelColumns + i % 2] = float_to_bf16(row[i]);
    }
  }
}

void PackedI8::pack(MatrixView<const float> rows, I8Layout layout) {
  n_ = rows.rows;
  k_ = rows.cols;
  const size_t columns = num_panels() * kPanelColumns;
  const bool has_bytes = layout != I8Layout::pairs;
  const bool has_pairs = layout != I8Layout::bytes;
  if (has_bytes) data_.ensure(columns * padded_k());
  if (has_pairs) pairs_.ensure(columns * padded_k());
  scales_.ensure(columns);
  bias_.ensure(columns);
  if (has_bytes) std::fill_n(data_.data(), columns * padded_k(), int8_t{0});
  if (has_pairs) std::fill_n(pairs_.data(), columns * padded_k(), int16_t{0});
  std::fill_n(scales_.data(), columns, 0.0F);
  std::fill_n(bias_.data(), columns, 0);
  row_.ensure(padded_k());
  for (size_t r = 0; r < n_; ++r) {
    kScalarTable.quantize_rows_i8(rows.data + r * k_, k_, 1, k_, row_.data(), padded_k(),
                                  scales_.data() + r);
    const size_t base = r / kPanelColumns * padded_k() * kPanelColumns;
    const size_t column = r % kPanelColumns;
    int32_t sum = 0;
    for (size_t i = 0; i < k_; ++i) {
      const int value = row_[i];  // NOLINT(bugprone-signed-char-misuse): a number
      if (has_bytes) data_[base + ((i / 4) * kPanelColumns + column) * 4 + i % 4] = row_[i];
      if (has_pairs) {
        pairs_[base + ((i / 2) * kPanelColumns + column) * 2 + i % 2] = static_cast<int16_t>(value);
      }
      sum += value;
    }
    bias_[r] = -128 * sum;
  }
}

size_t attention_scratch_floats(size_t length, size_t head_dim) noexcept {
  const size_t keys = round_up(length, kPanelColumns);
  // Packed keys, packed values (columns padded to a panel), one tile of scores. In bfloat16 the
  // queries and a copy of the keys take the other half, and weights lie beside the scores.
  return keys * (round_up(head_dim, 2) + round_up(head_dim, kPanelColumns) + 2 * kMaxTileRows);
}

size_t attention_backward_scratch_floats(size_t head_dim) noexcept {
  const size_t dim = round_up(head_dim, kPanelColumns);
  // Keys and values transposed, keys; queries and gradients of a block of rows; probabilities and
  // their gradients.
  return kBackwardKeys * 3 * dim + kBackwardRows * 2 * dim +
         2 * kBackwardRows * (kBackwardKeys + kBackwardPadding);
}

}  // namespace maxsimd::kernels
