#include "maxsimd/codebook/nearest_centroid.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "maxsimd/codebook/kmeans.h"
#include "maxsimd/codebook/random.h"

namespace maxsimd {
namespace {

using kernels::kPanelColumns;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
// Of the groups a row meets one in so many.
constexpr size_t kGroupsPerProbe = 8;
constexpr size_t kGroupIterations = 6;
constexpr uint64_t kGroupSeed = 1;
// Candidates whose int8 score is at most this many standard errors below the best are measured.
constexpr double kStandardErrors = 3.0;
// Rows whose scores with all groups are held at a time: 128 x 256 floats at most.
constexpr size_t kScoreRows = 128;
// Panels that all rows of a block meet in turn: 24 KiB at 96 dimensions.
constexpr size_t kScanPanels = 8;

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

const kernels::CodedRow& header_of(const uint8_t* coded) {
  return *reinterpret_cast<const kernels::CodedRow*>(coded);
}

template <class T>
void grow(std::vector<T>& values, size_t size) {
  if (values.size() < size) values.resize(size);
}

}  // namespace

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
  const auto num_groups =
      static_cast<size_t>(std::lround(std::sqrt(static_cast<double>(centroids_.rows))));
  std::vector<uint32_t> all(centroids_.rows);
  std::iota(all.begin(), all.end(), 0U);
  std::vector<uint32_t> first = Random(kGroupSeed).permutation(centroids_.rows);
  first.resize(num_groups);
  const std::vector<float> means =
      kmeans({centroids_, all}, first, kGroupIterations, kernels_, pool);
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
    if (is_padding[c]) columns_.bias[c] = -kInfinity;
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

void NearestCentroid::find(MatrixView<const float> rows, Scratch& scratch,
                           std::span<uint16_t> centroid_ids,
                           std::span<float> squared_distances) const {
  code(rows, scratch);
  kernels::PanelBest none;
  std::fill(std::begin(none.score), std::end(none.score), -kInfinity);
  std::fill(std::begin(none.panel), std::end(none.panel), 0);
  scratch.best.ensure(kBlockRows);
  std::fill_n(scratch.best.data(), rows.rows, none);
  if (num_groups() == 1) {
    scan_all(rows.rows, scratch);
  } else {
    choose_groups(rows.rows, scratch);
    scan_groups(rows.rows, scratch);
  }
  const size_t row_bytes = kernels_.i8_row_bytes(rows.cols);
  for (size_t r = 0; r < rows.rows; ++r) {
    const float scale = header_of(scratch.coded.data() + r * row_bytes).scale;
    const Nearest nearest = measure(rows.row(r), scale, scratch.best[r]);
    centroid_ids[r] = static_cast<uint16_t>(nearest.centroid_id);
    squared_distances[r] = nearest.squared_distance;
  }
}

/// Measures in float32 the candidate of the best score and those that may be nearer all the same.
NearestCentroid::Nearest NearestCentroid::measure(std::span<const float> row, float scale,
                                                  const kernels::PanelBest& best) const {
  const auto id_of = [&](size_t j) -> uint32_t {
    return ids_[static_cast<size_t>(best.panel[j]) * kPanelColumns + j];
  };
  const auto top = static_cast<size_t>(
      std::max_element(std::begin(best.score), std::end(best.score)) - std::begin(best.score));
  uint32_t candidates[kPanelColumns] = {id_of(top)};
  float distances[kPanelColumns];
  kernels_.squared_distances(row.data(), centroids_.data, row.size(), candidates, 1, distances);
  const float enough = best.score[top] - std::sqrt(tolerance_of_scale_ * scale * scale +
                                                   tolerance_of_distance_ * distances[0]);
  size_t count = 1;
  for (size_t j = 0; j < kPanelColumns; ++j) {
    if (best.score[j] >= enough && j != top) candidates[count++] = id_of(j);
  }
  kernels_.squared_distances(row.data(), centroids_.data, row.size(), candidates + 1, count - 1,
                             distances + 1);
  Nearest nearest{candidates[0], distances[0]};
  for (size_t i = 1; i < count; ++i) {
    const bool is_tie = distances[i] == nearest.squared_distance;
    if (distances[i] < nearest.squared_distance ||
        (is_tie && candidates[i] < nearest.centroid_id)) {
      nearest = {candidates[i], distances[i]};
    }
  }
  return nearest;
}

void NearestCentroid::code(MatrixView<const float> rows, Scratch& scratch) const {
  const size_t row_bytes = kernels_.i8_row_bytes(rows.cols);
  scratch.centered.ensure(kBlockRows * rows.cols);
  scratch.coded.ensure(kBlockRows * row_bytes);
  for (size_t r = 0; r < rows.rows; ++r) {
    subtract_mean(rows.row(r), scratch.centered.data() + r * rows.cols);
  }
  kernels_.code_rows_i8(scratch.centered.data(), rows.cols, rows.rows, rows.cols,
                        scratch.coded.data());
  for (size_t r = 0; r < rows.rows; ++r) {
    // 255 steps of the scale span the row; NaN where a value was not finite.
    if (!(header_of(scratch.coded.data() + r * row_bytes).scale <= kLargestDeviation / 255.0F)) {
      throw std::invalid_argument(
          "codebook: a vector has a value that is not finite or beyond +-1e15");
    }
  }
}

void NearestCentroid::scan_all(size_t num_rows, Scratch& scratch) const {
  grow(scratch.members, kBlockRows);
  std::iota(scratch.members.begin(), scratch.members.begin() + static_cast<ptrdiff_t>(num_rows),
            0U);
  kernels::NearestArgs args = {
      scratch.coded.data(),   num_rows,           0, 0, columns_.bias.data(),
      scratch.members.data(), scratch.best.data()};
  const size_t num_panels = columns_.packed.num_panels();
  for (size_t p = 0; p < num_panels; p += kScanPanels) {
    args.panel_begin = p;
    args.panel_end = std::min(p + kScanPanels, num_panels);
    kernels_.nearest_i8(columns_.packed, args);
  }
}

/// Fills probes and probe_ends.
void NearestCentroid::choose_groups(size_t num_rows, Scratch& scratch) const {
  const size_t stride = groups_.packed.num_panels() * kPanelColumns;
  scratch.group_scores.ensure(kScoreRows * stride);
  grow(scratch.probes, kBlockRows * num_groups());
  grow(scratch.probe_ends, kBlockRows);
  const size_t row_bytes = kernels_.i8_row_bytes(centroids_.cols);
  uint16_t* probe = scratch.probes.data();
  for (size_t begin = 0; begin < num_rows; begin += kScoreRows) {
    const size_t count = std::min(kScoreRows, num_rows - begin);
    float* scores = scratch.group_scores.data();
    kernels_.gemm_i8(scratch.coded.data() + begin * row_bytes, count, groups_.packed, 0,
                     groups_.packed.num_panels(), {.bias = groups_.bias.data()}, scores, stride);
    for (size_t r = 0; r < count; ++r, scores += stride) {
      std::fill(scores + num_groups(), scores + stride, -kInfinity);
      probe += kernels_.select_largest(scores, num_groups(), num_probes_, probe);
      scratch.probe_ends[begin + r] = static_cast<uint32_t>(probe - scratch.probes.data());
    }
  }
}

/// Turns probes, groups row by row, into members, rows group by group.
void NearestCentroid::list_members(size_t num_rows, Scratch& scratch) const {
  const size_t num_probes = scratch.probe_ends[num_rows - 1];
  scratch.group_ends.assign(num_groups() + 1, 0);
  for (size_t i = 0; i < num_probes; ++i) ++scratch.group_ends[scratch.probes[i] + 1U];
  std::partial_sum(scratch.group_ends.begin(), scratch.group_ends.end(),
                   scratch.group_ends.begin());
  grow(scratch.members, num_probes);
  size_t i = 0;
  for (size_t r = 0; r < num_rows; ++r) {
    for (; i < scratch.probe_ends[r]; ++i) {
      scratch.members[scratch.group_ends[scratch.probes[i]]++] = static_cast<uint32_t>(r);
    }
  }
}

void NearestCentroid::scan_groups(size_t num_rows, Scratch& scratch) const {
  if (num_rows == 0) return;
  list_members(num_rows, scratch);
  const size_t row_bytes = kernels_.i8_row_bytes(centroids_.cols);
  scratch.gathered.ensure(kBlockRows * row_bytes);
  uint32_t begin = 0;
  for (size_t g = 0; g < num_groups(); ++g) {
    const uint32_t end = scratch.group_ends[g];
    for (uint32_t i = begin; i < end; ++i) {
      std::memcpy(scratch.gathered.data() + (i - begin) * row_bytes,
                  scratch.coded.data() + scratch.members[i] * row_bytes, row_bytes);
    }
    kernels_.nearest_i8(columns_.packed, {scratch.gathered.data(), end - begin, group_panels_[g],
                                          group_panels_[g + 1], columns_.bias.data(),
                                          scratch.members.data() + begin, scratch.best.data()});
    begin = end;
  }
}

}  // namespace maxsimd
