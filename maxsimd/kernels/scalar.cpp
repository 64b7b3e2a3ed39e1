// The oracle: the plain, obvious form of every kernel. Other tables are tested against this one.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "maxsimd/base/half.h"
#include "maxsimd/kernels/scalar_rows.h"
#include "maxsimd/kernels/tables.h"

namespace maxsimd::kernels {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

float gelu(float x) {
  return 0.5F * x * std::erfc(x * -0.70710678118654752F);
}

template <class Number>
using PanelSums = std::array<Number, kPanelColumns>;

/// Stores epilogue(sums) for each row and panel; multiply(row, panel) gives the 32 sums.
template <class Multiply>
void gemm(size_t rows, size_t n, size_t panel_begin, size_t panel_end, const Epilogue& epilogue,
          float* c, size_t c_stride, Multiply multiply) {
  for (size_t r = 0; r < rows; ++r) {
    for (size_t p = panel_begin; p < panel_end; ++p) {
      const PanelSums<float> sums = multiply(r, p);
      const size_t begin = p * kPanelColumns;
      const size_t end = std::min(begin + kPanelColumns, n);
      for (size_t j = begin; j < end; ++j) {
        float value = sums[j - begin];
        if (epilogue.accumulate) value += c[r * c_stride + j];
        if (epilogue.bias != nullptr) value += epilogue.bias[j];
        if (epilogue.activation == Activation::gelu) value = gelu(value);
        if (epilogue.factor != nullptr) value *= epilogue.factor[r * epilogue.factor_stride + j];
        if (epilogue.residual != nullptr)
          value += epilogue.residual[r * epilogue.residual_stride + j];
        c[r * c_stride + j] = value;
      }
    }
  }
}

void gemm_f32(const float* a, size_t a_stride, size_t rows, const PackedF32& weights,
              size_t panel_begin, size_t panel_end, const Epilogue& epilogue, float* c,
              size_t c_stride) noexcept {
  gemm(rows, weights.n(), panel_begin, panel_end, epilogue, c, c_stride, [&](size_t r, size_t p) {
    PanelSums<float> sums{};
    const float* step = weights.panel(p);
    for (size_t i = 0; i < weights.k(); ++i, step += kPanelColumns) {
      const float value = a[r * a_stride + i];
      for (size_t j = 0; j < kPanelColumns; ++j) sums[j] += value * step[j];
    }
    return sums;
  });
}

void code_rows_bf16(const float* x, size_t stride, size_t rows, size_t cols, void* out) noexcept {
  const size_t row_bytes = kScalarTable.bf16_row_bytes(cols);
  for (size_t r = 0; r < rows; ++r) {
    auto* values =
        reinterpret_cast<uint16_t*>(static_cast<char*>(out) + r * row_bytes + kCodedHeader);
    for (size_t i = 0; i < cols; ++i) values[i] = float_to_bf16(x[r * stride + i]);
  }
}

void gemm_bf16(const void* a, size_t rows, const PackedBf16& weights, size_t panel_begin,
               size_t panel_end, const Epilogue& epilogue, float* c, size_t c_stride) noexcept {
  const size_t row_bytes = kScalarTable.bf16_row_bytes(weights.k());
  gemm(rows, weights.n(), panel_begin, panel_end, epilogue, c, c_stride, [&](size_t r, size_t p) {
    const auto* row = reinterpret_cast<const uint16_t*>(static_cast<const char*>(a) +
                                                        r * row_bytes + kCodedHeader);
    PanelSums<float> sums{};
    for (size_t i = 0; i < weights.k(); ++i) {
      const uint16_t* step = weights.panel(p) + i / 2 * 2 * kPanelColumns + i % 2;
      const float value = bf16_to_float(row[i]);
      for (size_t j = 0; j < kPanelColumns; ++j) sums[j] += value * bf16_to_float(step[2 * j]);
    }
    return sums;
  });
}

void code_rows_i8(const float* x, size_t stride, size_t rows, size_t cols, void* out) noexcept {
  const size_t row_bytes = kScalarTable.i8_row_bytes(cols);
  for (size_t r = 0; r < rows; ++r) {
    const float* row = x + r * stride;
    auto* coded = static_cast<uint8_t*>(out) + r * row_bytes;
    auto* header = reinterpret_cast<CodedRow*>(coded);
    uint8_t* values = coded + kCodedHeader;
    std::fill(values, coded + row_bytes, uint8_t{0});
    float highest = 0.0F;
    float lowest = 0.0F;  // of -x
    bool finite = true;
    for (size_t i = 0; i < cols; ++i) {
      highest = std::max(highest, row[i]);
      lowest = std::max(lowest, -row[i]);
      finite = finite && std::isfinite(row[i]);
    }
    const float width = highest + lowest;
    *header = {finite ? width / 255.0F : std::numeric_limits<float>::quiet_NaN(), 0};
    if (!finite || width < kSmallestRange) {
      if (finite) header->scale = 0.0F;
      continue;
    }
    const float inverse = 255.0F / width;
    header->zero = static_cast<int32_t>(std::lrint(lowest * inverse));
    for (size_t i = 0; i < cols; ++i) {
      const auto u = static_cast<int32_t>(std::lrint(row[i] * inverse)) + header->zero;
      values[i] = static_cast<uint8_t>(std::clamp(u, 0, 255));
    }
  }
}

void gemm_i8(const void* a, size_t rows, const PackedI8& weights, size_t panel_begin,
             size_t panel_end, const Epilogue& epilogue, float* c, size_t c_stride) noexcept {
  const size_t row_bytes = kScalarTable.i8_row_bytes(weights.k());
  gemm(rows, weights.n(), panel_begin, panel_end, epilogue, c, c_stride, [&](size_t r, size_t p) {
    const auto* coded = static_cast<const uint8_t*>(a) + r * row_bytes;
    const auto* header = reinterpret_cast<const CodedRow*>(coded);
    PanelSums<int32_t> exact{};
    for (size_t i = 0; i < weights.k(); ++i) {
      const int8_t* step = weights.panel(p) + i / 4 * 4 * kPanelColumns + i % 4;
      const int32_t value = coded[kCodedHeader + i];
      for (size_t j = 0; j < kPanelColumns; ++j) exact[j] += value * step[4 * j];
    }
    PanelSums<float> sums{};
    for (size_t j = 0; j < kPanelColumns; ++j) {
      const size_t column = p * kPanelColumns + j;
      exact[j] += weights.bias()[column] / 128 * header->zero;
      sums[j] = static_cast<float>(exact[j]) * weights.scales()[column] * header->scale;
    }
    return sums;
  });
}

void pack_columns_f32(const float* x, size_t stride, size_t k, size_t cols,
                      float* panels) noexcept {
  for (size_t column = 0; column < num_panels_of(cols) * kPanelColumns; ++column) {
    float* out = panels + column / kPanelColumns * k * kPanelColumns + column % kPanelColumns;
    for (size_t i = 0; i < k; ++i) {
      out[i * kPanelColumns] = column < cols ? x[i * stride + column] : 0.0F;
    }
  }
}

void pack_columns_bf16(const float* x, size_t stride, size_t k, size_t cols,
                       uint16_t* panels) noexcept {
  const size_t padded_k = round_up(k, 2);
  for (size_t column = 0; column < num_panels_of(cols) * kPanelColumns; ++column) {
    uint16_t* out =
        panels + column / kPanelColumns * padded_k * kPanelColumns + column % kPanelColumns * 2;
    for (size_t i = 0; i < padded_k; ++i) {
      const bool inside = column < cols && i < k;
      out[i / 2 * 2 * kPanelColumns + i % 2] =
          inside ? float_to_bf16(x[i * stride + column]) : uint16_t{0};
    }
  }
}

void transpose_f32(const float* x, size_t stride, size_t rows, size_t cols, float* out,
                   size_t out_stride) noexcept {
  for (size_t r = 0; r < rows; ++r) {
    for (size_t c = 0; c < cols; ++c) out[c * out_stride + r] = x[r * stride + c];
  }
}

void layer_norm(const LayerNormArgs& args) noexcept {
  for (size_t r = 0; r < args.rows; ++r) {
    const float* row = args.x + r * args.stride;
    float* out = args.out + r * args.out_stride;
    const ExactMoments moments = exact_moments(row, args.cols, args.eps);
    for (size_t i = 0; i < args.cols; ++i) {
      const double normal = (row[i] - moments.mean) * moments.inverse_deviation;
      out[i] = static_cast<float>(normal) * args.gamma[i] + args.beta[i];
    }
  }
}

void rotate_f32(const RotateArgs& args) noexcept {
  const size_t half = args.head_dim / 2;
  for (size_t r = 0; r < args.rows; ++r) {
    for (size_t h = 0; h < args.num_heads; ++h) {
      float* first = args.x + r * args.stride + h * args.head_dim;
      for (size_t i = 0; i < half; ++i) {
        const float x1 = first[i], x2 = first[half + i];
        const float cosine = args.cosines[r * half + i], sine = args.sines[r * half + i];
        first[i] = x1 * cosine - x2 * sine;
        first[half + i] = x2 * cosine + x1 * sine;
      }
    }
  }
}

void normalize_rows(float* x, size_t stride, size_t rows, size_t cols) noexcept {
  for (size_t r = 0; r < rows; ++r) {
    float* row = x + r * stride;
    float squares = 0.0F;
    for (size_t i = 0; i < cols; ++i) squares += row[i] * row[i];
    const float norm = std::max(std::sqrt(squares), 1e-12F);
    for (size_t i = 0; i < cols; ++i) row[i] /= norm;
  }
}

/// load(t, i) is value i of document row t.
template <class Load>
void maxsim_float(const PackedF32& query, size_t num_rows, Load load, float* best) {
  std::fill(best, best + query.num_panels() * kPanelColumns, -kInfinity);
  for (size_t p = 0; p < query.num_panels(); ++p) {
    const float* panel = query.panel(p);
    for (size_t t = 0; t < num_rows; ++t) {
      for (size_t j = 0; j < kPanelColumns; ++j) {
        float dot = 0.0F;
        for (size_t i = 0; i < query.k(); ++i) dot += load(t, i) * panel[i * kPanelColumns + j];
        best[p * kPanelColumns + j] = std::max(best[p * kPanelColumns + j], dot);
      }
    }
  }
}

void maxsim_f32(const PackedF32& query, const float* rows, size_t num_rows, float* best) noexcept {
  maxsim_float(
      query, num_rows, [&](size_t t, size_t i) { return rows[t * query.k() + i]; }, best);
}

void maxsim_f16(const PackedF32& query, const uint16_t* rows, size_t num_rows,
                float* best) noexcept {
  maxsim_float(
      query, num_rows, [&](size_t t, size_t i) { return f16_to_float(rows[t * query.k() + i]); },
      best);
}

void maxsim_i8(const PackedI8& query, const int8_t* rows, size_t row_stride, const float* scales,
               size_t num_rows, float* best) noexcept {
  std::fill(best, best + query.num_panels() * kPanelColumns, -kInfinity);
  if (num_rows == 0) return;
  for (size_t r = 0; r < query.num_panels() * kPanelColumns; ++r) {
    const int8_t* panel = query.panel(r / kPanelColumns);
    for (size_t t = 0; t < num_rows; ++t) {
      int32_t dot = 0;
      for (size_t i = 0; i < query.padded_k(); ++i) {
        dot += panel[((i / 4) * kPanelColumns + r % kPanelColumns) * 4 + i % 4] *
               rows[t * row_stride + i];
      }
      best[r] = std::max(best[r], static_cast<float>(dot) * scales[t]);
    }
    best[r] *= query.scales()[r];  // not negative, so it may follow the maximum
  }
}

void similarities_i8(const int8_t* query, const RowsI8& rows, const uint32_t* ids, size_t count,
                     float* out) noexcept {
  for (size_t i = 0; i < count; ++i) {
    const int8_t* row = rows.codes + ids[i] * rows.stride;
    int32_t dot = 0;
    for (size_t j = 0; j < rows.stride; ++j) dot += query[j] * row[j];
    out[i] = static_cast<float>(dot) * rows.scales[ids[i]];
  }
}

void quantize_rows_i8(const float* x, size_t stride, size_t rows, size_t cols, int8_t* out,
                      size_t out_stride, float* scales) noexcept {
  for (size_t r = 0; r < rows; ++r) {
    const float* row = x + r * stride;
    int8_t* bytes = out + r * out_stride;
    float highest = 0.0F;
    for (size_t i = 0; i < cols; ++i) highest = std::max(highest, std::abs(row[i]));
    scales[r] = highest / 127.0F;
    std::fill(bytes, bytes + out_stride, static_cast<int8_t>(0));
    if (scales[r] == 0.0F) continue;
    for (size_t i = 0; i < cols; ++i) {
      // The clamp matters for subnormal scales only, whose rounding error is large.
      const float value = std::clamp(row[i] / scales[r], -127.0F, 127.0F);
      bytes[i] = static_cast<int8_t>(std::lrint(value));  // the default mode: to nearest even
    }
  }
}

void f32_to_f16(const float* in, size_t count, uint16_t* out) noexcept {
  for (size_t i = 0; i < count; ++i) out[i] = float_to_f16(in[i]);
}

void f16_to_f32(const uint16_t* in, size_t count, float* out) noexcept {
  for (size_t i = 0; i < count; ++i) out[i] = f16_to_float(in[i]);
}

}  // namespace

const KernelTable kScalarTable = {.isa = Isa::scalar,
                                  .i8_layout = I8Layout::bytes,
                                  .bf16_element_bytes = sizeof(uint16_t),
                                  .i8_element_bytes = sizeof(uint8_t),
                                  .gemm_f32 = gemm_f32,
                                  .code_rows_bf16 = code_rows_bf16,
                                  .gemm_bf16 = gemm_bf16,
                                  .code_rows_i8 = code_rows_i8,
                                  .gemm_i8 = gemm_i8,
                                  .pack_columns_f32 = pack_columns_f32,
                                  .pack_columns_bf16 = pack_columns_bf16,
                                  .transpose_f32 = transpose_f32,
                                  .layer_norm = layer_norm,
                                  .rotate_f32 = rotate_f32,
                                  .attention_f32 = scalar_attention_f32,
                                  .attention_bf16 = scalar_attention_f32,
                                  .attention_train_f32 = scalar_attention_train_f32,
                                  .attention_backward_f32 = scalar_attention_backward_f32,
                                  .add_norm_f32 = scalar_add_norm_f32,
                                  .add_norm_backward_f32 = scalar_add_norm_backward_f32,
                                  .normalize_rows = normalize_rows,
                                  .maxsim_f32 = maxsim_f32,
                                  .maxsim_f16 = maxsim_f16,
                                  .maxsim_i8 = maxsim_i8,
                                  .similarities_i8 = similarities_i8,
                                  .quantize_rows_i8 = quantize_rows_i8,
                                  .round_scores = scalar_round_scores,
                                  .first_above = scalar_first_above,
                                  .scores_to_bytes = scalar_scores_to_bytes,
                                  .maxsim_centroids = scalar_maxsim_centroids,
                                  .select_above = scalar_select_above,
                                  .maxsim_residual = scalar_maxsim_residual,
                                  .maxsim_selected = scalar_maxsim_selected,
                                  .f32_to_f16 = f32_to_f16,
                                  .f16_to_f32 = f16_to_f32,
                                  .nearest_i8 = scalar_residual::nearest_i8,
                                  .squared_distances = scalar_residual::squared_distances,
                                  .select_largest = scalar_residual::select_largest,
                                  .code_residuals = scalar_residual::code_residuals,
                                  .decode_residuals = scalar_residual::decode_residuals};

}  // namespace maxsimd::kernels
