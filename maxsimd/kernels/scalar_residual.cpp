// The oracle of the residual codec's kernels, plain and obvious.
#include <algorithm>

#include "maxsimd/kernels/tables.h"

namespace maxsimd::kernels::scalar_residual {
namespace {

int32_t dot_of_column(const uint8_t* row, const PackedI8& columns, size_t panel, size_t j) {
  int32_t sum = 0;
  for (size_t i = 0; i < columns.k(); ++i) {
    sum += row[i] * columns.panel(panel)[(i / 4 * kPanelColumns + j) * 4 + i % 4];
  }
  return sum;
}

/// As the vector kernels sum: sixteen chains, term i in chain i mod 16, halves added to one another
/// until one is left.
class ChainedSum {
 public:
  void add(size_t i, float term) { chains_[i % kChains] += term; }
  float total() const {
    float sum[kChains];
    std::copy(chains_, chains_ + kChains, sum);
    for (size_t half = kChains / 2; half > 0; half /= 2) {
      for (size_t j = 0; j < half; ++j) sum[j] += sum[j + half];
    }
    return sum[0];
  }

 private:
  static constexpr size_t kChains = 16;
  float chains_[kChains] = {};
};

uint8_t bucket_of(const ResidualTables& tables, size_t dimension, float residual) {
  const size_t num_cutoffs = (size_t{1} << tables.nbits) - 1;
  uint8_t bucket = 0;
  for (size_t c = 0; c < num_cutoffs; ++c) {
    if (residual > tables.cutoffs[c * tables.dim + dimension]) ++bucket;
  }
  return bucket;
}

}  // namespace

void nearest_i8(const PackedI8& columns, const NearestArgs& args) noexcept {
  const size_t row_bytes = kScalarTable.i8_row_bytes(columns.k());
  for (size_t r = 0; r < args.num_rows; ++r) {
    const auto* coded = static_cast<const uint8_t*>(args.rows) + r * row_bytes;
    const auto* header = reinterpret_cast<const CodedRow*>(coded);
    PanelBest& best = args.best[args.targets[r]];
    for (size_t p = args.panel_begin; p < args.panel_end; ++p) {
      for (size_t j = 0; j < kPanelColumns; ++j) {
        const size_t column = p * kPanelColumns + j;
        const int32_t exact = dot_of_column(coded + kCodedHeader, columns, p, j) +
                              columns.bias()[column] / 128 * header->zero;
        const float score = static_cast<float>(exact) * columns.scales()[column] * header->scale +
                            args.bias[column];
        if (!(score > best.score[j])) continue;
        best.score[j] = score;
        best.panel[j] = static_cast<int32_t>(p);
      }
    }
  }
}

void squared_distances(const float* x, const float* rows, size_t dim, const uint32_t* ids,
                       size_t count, float* out) noexcept {
  for (size_t r = 0; r < count; ++r) {
    ChainedSum sum;
    for (size_t i = 0; i < dim; ++i) {
      const float difference = x[i] - rows[ids[r] * dim + i];
      sum.add(i, difference * difference);
    }
    out[r] = sum.total();
  }
}

size_t select_largest(const float* values, size_t count, size_t wanted,
                      uint16_t* selected) noexcept {
  size_t num_selected = 0;
  for (size_t i = 0; i < count; ++i) {
    const auto larger =
        std::count_if(values, values + count, [&](float value) { return value > values[i]; });
    if (static_cast<size_t>(larger) < wanted) selected[num_selected++] = static_cast<uint16_t>(i);
  }
  return num_selected;
}

namespace {

float weight_at(const ResidualTables& tables, size_t dimension, float stretched) {
  return tables.weights[bucket_of(tables, dimension, stretched) * tables.dim + dimension];
}

RowSums row_sums_of(const float* row, const float* centroid, size_t dim) {
  ChainedSum residual_by_row, row_squared;
  for (size_t i = 0; i < dim; ++i) {
    residual_by_row.add(i, (row[i] - centroid[i]) * row[i]);
    row_squared.add(i, row[i] * row[i]);
  }
  return {residual_by_row.total(), row_squared.total()};
}

/// Of the buckets that a stretch gives.
ResidualSums sums_of(const ResidualTables& tables, const float* row, const float* centroid,
                     float stretch) {
  ChainedSum weights_by_residual, weights_squared, weights_by_row;
  for (size_t i = 0; i < tables.dim; ++i) {
    const float residual = row[i] - centroid[i];
    const float weight = weight_at(tables, i, residual * stretch);
    weights_by_residual.add(i, weight * residual);
    weights_squared.add(i, weight * weight);
    weights_by_row.add(i, weight * row[i]);
  }
  return {weights_by_residual.total(), weights_squared.total(), weights_by_row.total()};
}

/// Writes over zeros.
void write_row(const ResidualTables& tables, const float* row, const float* centroid, float stretch,
               uint16_t scale, uint8_t* codes) {
  codes[0] = static_cast<uint8_t>(scale & 0xff);
  codes[1] = static_cast<uint8_t>(scale >> 8);
  for (size_t i = 0; i < tables.dim; ++i) {
    const uint8_t bucket = bucket_of(tables, i, (row[i] - centroid[i]) * stretch);
    uint8_t& byte = codes[kResidualScaleBytes + i * tables.nbits / 8];
    byte = static_cast<uint8_t>(byte | bucket << i * tables.nbits % 8);
  }
}

void code_row(const ResidualTables& tables, const float* row, uint16_t id, uint8_t* codes) {
  const float* centroid = tables.centroids + id * tables.dim;
  const uint32_t only = 0;
  float length = 0.0F;
  squared_distances(row, centroid, tables.dim, &only, 1, &length);
  const float whole = residual_stretch(tables.norm, length);
  const RowSums row_sums = row_sums_of(row, centroid, tables.dim);
  float best_stretch = 0.0F, most = -1.0F;
  uint16_t scale = 0;
  for (const float multiple : ResidualStretches{tables.nbits}) {
    const ResidualSums sums = sums_of(tables, row, centroid, multiple * whole);
    const float gain = sums.gain(row_sums);
    if (!(gain > most)) continue;
    most = gain;
    best_stretch = multiple * whole;
    scale = sums.scale(row_sums);
  }
  write_row(tables, row, centroid, best_stretch, scale, codes);
}

}  // namespace

void code_residuals(const ResidualTables& tables, const float* rows, const uint16_t* centroid_ids,
                    size_t num_rows, uint8_t* codes) noexcept {
  const size_t row_bytes = residual_row_bytes(tables.dim, tables.nbits);
  std::fill(codes, codes + num_rows * row_bytes, uint8_t{0});
  for (size_t r = 0; r < num_rows; ++r) {
    code_row(tables, rows + r * tables.dim, centroid_ids[r], codes + r * row_bytes);
  }
}

void decode_residuals(const ResidualTables& tables, const uint8_t* codes,
                      const uint16_t* centroid_ids, size_t num_rows, float* out) noexcept {
  const size_t row_bytes = residual_row_bytes(tables.dim, tables.nbits);
  for (size_t r = 0; r < num_rows; ++r) {
    const float* centroid = tables.centroids + centroid_ids[r] * tables.dim;
    const uint8_t* row = codes + r * row_bytes;
    const float scale = residual_scale_of(row);
    for (size_t i = 0; i < tables.dim; ++i) {
      const int byte = row[kResidualScaleBytes + i * tables.nbits / 8];
      const int bucket = byte >> i * tables.nbits % 8 & ((1 << tables.nbits) - 1);
      out[r * tables.dim + i] =
          centroid[i] + scale * tables.weights[static_cast<size_t>(bucket) * tables.dim + i];
    }
  }
}

}  // namespace maxsimd::kernels::scalar_residual
