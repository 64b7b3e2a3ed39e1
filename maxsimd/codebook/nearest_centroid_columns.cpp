// How NearestCentroid lays out the centroids: groups of them, as columns for the int8 kernels.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "maxsimd/codebook/kmeans.h"
#include "maxsimd/codebook/nearest_centroid.h"
#include "maxsimd/codebook/random.h"

namespace maxsimd {
namespace {

using kernels::kPanelColumns;

// Until it is told otherwise, of the groups a row meets one in so many.
constexpr size_t kGroupsPerProbe = 8;
constexpr size_t kGroupIterations = 6;
constexpr uint64_t kGroupSeed = 1;
// Candidates whose int8 score is at most this many standard errors below the best are measured.
constexpr double kStandardErrors = 3.0;

std::vector<float> mean_of(MatrixView<const float> rows) {
  std::vector<double> sums(rows.cols);
  for (size_t r = 0; r < rows.rows; ++r) {
    for (size_t d = 0; d < rows.cols; ++d) sums[d] += double{rows.data[r * rows.cols + d]};
  }
  std::vector<float> mean(rows.cols);
  for (size_t d = 0; d < rows.cols; ++d) {
    mean[d] = static_cast<float>(sums[d] / static_cast<double>(rows.rows));
  }
  return mean;
}

}  // namespace

size_t most_groups(size_t num_centroids) {
  if (num_centroids < kGroupedCentroids) return 1;
  return static_cast<size_t>(std::lround(std::sqrt(static_cast<double>(num_centroids))));
}

NearestCentroid::NearestCentroid(MatrixView<const float> centroids,
                                 const kernels::KernelTable& kernels, ThreadPool& pool)
    : centroids_(centroids), kernels_(kernels), mean_(mean_of(centroids)) {
  if (centroids.rows >= kGroupedCentroids) {
    make_groups(pool);
  } else {
    std::vector<uint32_t> order(centroids.rows);
    std::iota(order.begin(), order.end(), 0U);
    pack(order, std::vector<uint32_t>{static_cast<uint32_t>(centroids.rows)});
  }
}

/// Clusters the centroids; the columns then lie group by group, in a group by id.
void NearestCentroid::make_groups(ThreadPool& pool) {
  const size_t num_groups = most_groups(centroids_.rows);
  std::vector<uint32_t> all(centroids_.rows);
  std::iota(all.begin(), all.end(), 0U);
  std::vector<uint32_t> first = Random(kGroupSeed).permutation(centroids_.rows);
  first.resize(num_groups);
  const std::vector<float> means =
      kmeans({centroids_, all}, first, {.iterations = kGroupIterations}, kernels_, pool);
  const MatrixView<const float> groups{means.data(), num_groups, centroids_.cols};
  const Assignment assigned =
      assign({centroids_, all}, NearestCentroid(groups, kernels_, pool), pool);

  std::vector<uint32_t> sizes(num_groups);
  for (const uint16_t group : assigned.centroid_ids) ++sizes[group];
  std::stable_sort(all.begin(), all.end(), [&](uint32_t a, uint32_t b) {
    return assigned.centroid_ids[a] < assigned.centroid_ids[b];
  });
  std::vector<float> centered;
  for (size_t g = 0; g < num_groups; ++g) {
    if (sizes[g] == 0) continue;
    centered.resize(centered.size() + groups.cols);
    subtract_mean(groups.row(g), centered.data() + centered.size() - groups.cols);
  }
  std::erase(sizes, 0U);
  groups_ = columns_of({centered.data(), sizes.size(), groups.cols});
  num_probes_ = (sizes.size() + kGroupsPerProbe - 1) / kGroupsPerProbe;
  pack(all, sizes);
}

void NearestCentroid::subtract_mean(std::span<const float> row, float* out) const {
  for (size_t d = 0; d < row.size(); ++d) out[d] = row[d] - mean_[d];
}

/// The norms are those of the rounded columns: scores are then exact distances to these, and of
/// rounding only what is between the row and the column remains.
NearestCentroid::Columns NearestCentroid::columns_of(MatrixView<const float> centered) const {
  Columns columns{kernels::PackedI8(centered, kernels_.i8_layout), {}};
  columns.bias.resize(columns.packed.num_panels() * kPanelColumns);
  std::vector<int8_t> row(columns.packed.padded_k());
  for (size_t c = 0; c < centered.rows; ++c) {
    float scale = 0.0F;
    kernels_.quantize_rows_i8(centered.row(c).data(), centered.cols, 1, centered.cols, row.data(),
                              row.size(), &scale);
    int32_t squares = 0;
    for (const int8_t value : row) squares += value * value;
    columns.bias[c] = static_cast<float>(-0.5 * double{scale} * double{scale} * squares);
  }
  return columns;
}

void NearestCentroid::pack(std::span<const uint32_t> order, std::span<const uint32_t> group_sizes) {
  const size_t dim = centroids_.cols;
  group_panels_ = {0};
  for (const uint32_t size : group_sizes) {
    group_panels_.push_back(group_panels_.back() +
                            static_cast<uint32_t>(kernels::num_panels_of(size)));
  }
  const size_t num_columns = group_panels_.back() * kPanelColumns;
  std::vector<float> centered(num_columns * dim);
  ids_.assign(num_columns, 0);
  std::vector<bool> is_padding(num_columns, true);
  double squares = 0.0;
  size_t next = 0;
  for (size_t g = 0; g < group_sizes.size(); ++g) {
    size_t column = group_panels_[g] * kPanelColumns;
    for (size_t i = 0; i < group_sizes[g]; ++i, ++next, ++column) {
      ids_[column] = static_cast<uint16_t>(order[next]);
      is_padding[column] = false;
      float* out = centered.data() + column * dim;
      subtract_mean(centroids_.row(order[next]), out);
      for (size_t d = 0; d < dim; ++d) squares += double{out[d]} * double{out[d]};
    }
  }
  columns_ = columns_of({centered.data(), num_columns, dim});
  for (size_t c = 0; c < num_columns; ++c) {
    if (is_padding[c]) columns_.bias[c] = -std::numeric_limits<float>::infinity();
  }
  set_tolerances(squares / static_cast<double>(order.size()));
}

/// Rounding to steps of s moves a value by s / sqrt(12) on average. With a centroid c, the rounding
/// of a row moves the score by that times |c|, the centroid's own by that times |row - c|; and two
/// scores are compared.
void NearestCentroid::set_tolerances(double mean_square_norm) {
  double squared_scales = 0.0;
  for (size_t c = 0; c < columns_.packed.n(); ++c) {
    const double scale = columns_.packed.scales()[c];
    squared_scales += scale * scale;
  }
  const double factor = 2.0 * kStandardErrors * kStandardErrors / 12.0;
  tolerance_of_scale_ = static_cast<float>(factor * mean_square_norm);
  tolerance_of_distance_ =
      static_cast<float>(factor * squared_scales / static_cast<double>(centroids_.rows));
}

}  // namespace maxsimd
