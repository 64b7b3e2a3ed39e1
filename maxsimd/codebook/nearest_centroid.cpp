#include "maxsimd/codebook/nearest_centroid.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <stdexcept>

namespace maxsimd {
namespace {

using kernels::kPanelColumns;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
// Rows whose scores with all groups are held at a time: 128 x 256 floats at most.
constexpr size_t kScoreRows = 128;
// Panels that all rows of a block meet in turn: 24 KiB at 96 dimensions.
constexpr size_t kScanPanels = 8;

const kernels::CodedRow& header_of(const uint8_t* coded) {
  return *reinterpret_cast<const kernels::CodedRow*>(coded);
}

template <class T>
void grow(std::vector<T>& values, size_t size) {
  if (values.size() < size) values.resize(size);
}

}  // namespace

void NearestCentroid::find(MatrixView<const float> rows, Scratch& scratch,
                           std::span<uint16_t> centroid_ids,
                           std::span<float> squared_distances) const {
  find_in(num_probes_, rows, scratch, centroid_ids, squared_distances);
}

void NearestCentroid::find_in(size_t num_probes, MatrixView<const float> rows, Scratch& scratch,
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
    choose_groups(num_probes, rows.rows, scratch);
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

/// Calls f(row, scores) for each row, in order; scores has num_groups() values and, up to whole
/// panels, -infinity.
template <class F>
void NearestCentroid::for_group_scores(size_t num_rows, Scratch& scratch, F f) const {
  const size_t stride = groups_.packed.num_panels() * kPanelColumns;
  scratch.group_scores.ensure(kScoreRows * stride);
  const size_t row_bytes = kernels_.i8_row_bytes(centroids_.cols);
  for (size_t begin = 0; begin < num_rows; begin += kScoreRows) {
    const size_t count = std::min(kScoreRows, num_rows - begin);
    float* scores = scratch.group_scores.data();
    kernels_.gemm_i8(scratch.coded.data() + begin * row_bytes, count, groups_.packed, 0,
                     groups_.packed.num_panels(), {.bias = groups_.bias.data()}, scores, stride);
    for (size_t r = 0; r < count; ++r, scores += stride) {
      std::fill(scores + num_groups(), scores + stride, -kInfinity);
      f(begin + r, scores);
    }
  }
}

/// Fills probes and probe_ends.
void NearestCentroid::choose_groups(size_t num_probes, size_t num_rows, Scratch& scratch) const {
  grow(scratch.probes, kBlockRows * num_groups());
  grow(scratch.probe_ends, kBlockRows);
  uint16_t* probe = scratch.probes.data();
  for_group_scores(num_rows, scratch, [&](size_t r, const float* scores) {
    probe += kernels_.select_largest(scores, num_groups(), num_probes, probe);
    scratch.probe_ends[r] = static_cast<uint32_t>(probe - scratch.probes.data());
  });
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

std::vector<uint16_t> NearestCentroid::groups_of_centroids() const {
  std::vector<uint16_t> groups(centroids_.rows);
  for (size_t g = 0; g < num_groups(); ++g) {
    for (size_t c = group_panels_[g] * kPanelColumns; c < group_panels_[g + 1] * kPanelColumns;
         ++c) {
      if (columns_.bias[c] != -kInfinity) groups[ids_[c]] = static_cast<uint16_t>(g);
    }
  }
  return groups;
}

size_t NearestCentroid::probes_for_recall(MatrixView<const float> rows, double recall,
                                          ThreadPool& pool) const {
  if (num_groups() == 1) return 1;
  const std::vector<uint16_t> groups = groups_of_centroids();
  // How many groups must be met until that of the nearest centroid is.
  std::vector<size_t> needed(rows.rows);
  pool.parallel_for((rows.rows + kBlockRows - 1) / kBlockRows, [&](size_t block, size_t) {
    const size_t begin = block * kBlockRows;
    const size_t count = std::min(kBlockRows, rows.rows - begin);
    Scratch scratch;
    std::vector<uint16_t> ids(count);
    std::vector<float> distances(count);
    find_in(num_groups(), {rows.data + begin * rows.cols, count, rows.cols}, scratch, ids,
            distances);
    for_group_scores(count, scratch, [&](size_t r, const float* scores) {
      const float score = scores[groups[ids[r]]];
      needed[begin + r] =
          1 + static_cast<size_t>(std::count_if(scores, scores + num_groups(),
                                                [&](float other) { return other > score; }));
    });
  });
  std::sort(needed.begin(), needed.end());
  const auto met = static_cast<size_t>(std::ceil(recall * static_cast<double>(rows.rows)));
  return needed[std::clamp<size_t>(met, 1, rows.rows) - 1];
}

}  // namespace maxsimd
