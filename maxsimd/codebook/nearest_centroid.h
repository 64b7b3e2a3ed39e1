// Which of many centroids is nearest to a row, by squared L2 distance.
//
// Rows and centroids are compared in int8 (with the centroids' mean taken off both, which moves no
// distance), 32 candidates a row are kept, and those within the error of int8 of the best are
// measured again in float32. From kGroupedCentroids on, the centroids lie in about sqrt(K) groups,
// themselves found by k-means, and a row meets only those of the groups nearest to it: how many,
// can be measured on rows. A row's result does not depend on the other rows, the number of threads
// or the instruction set.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "maxsimd/base/aligned_buffer.h"
#include "maxsimd/base/thread_pool.h"
#include "maxsimd/base/types.h"
#include "maxsimd/kernels/kernels.h"

namespace maxsimd {

/// A centroid's number is a uint16_t.
inline constexpr size_t kMaxCentroids = 65536;
/// From this many on a row meets only some of the centroids.
inline constexpr size_t kGroupedCentroids = 8192;
/// Rows farther than this from the centroids' mean, in one dimension, are refused: squares could
/// leave float32.
inline constexpr float kLargestDeviation = 1e15F;

/// How many groups so many centroids lie in; fewer when some would be empty.
size_t most_groups(size_t num_centroids);

/// Const methods may be called from any thread, each with a Scratch of its own.
class NearestCentroid {
 public:
  /// Rows a call takes at most.
  static constexpr size_t kBlockRows = 1024;

  /// Memory of a call; kept between calls, it is allocated once. A thread's own.
  struct Scratch {
    AlignedBuffer<float> centered;           // [rows, dim]
    AlignedBuffer<uint8_t> coded;            // [rows] for the int8 kernels
    AlignedBuffer<uint8_t> gathered;         // of them those that meet one group
    AlignedBuffer<kernels::PanelBest> best;  // [rows]
    AlignedBuffer<float> group_scores;       // of some rows with each group
    std::vector<uint16_t> probes;            // groups, row by row
    std::vector<uint32_t> probe_ends;        // [rows]: where in probes a row's end
    std::vector<uint32_t> group_ends;        // [groups]: where in members a group's end
    std::vector<uint32_t> members;           // rows, group by group
  };

  /// centroids [1 .. kMaxCentroids, dim >= 1] must outlive this. Throws std::invalid_argument when
  /// a value is not finite or deviates by more than kLargestDeviation from their mean.
  NearestCentroid(MatrixView<const float> centroids, const kernels::KernelTable& kernels,
                  ThreadPool& pool);

  /// The nearest centroid found for each of rows [<= kBlockRows, dim], and the squared distance.
  /// Throws as the constructor does.
  void find(MatrixView<const float> rows, Scratch& scratch, std::span<uint16_t> centroid_ids,
            std::span<float> squared_distances) const;

  size_t num_groups() const { return group_panels_.size() - 1; }

  /// Groups that a row meets: at first one in eight. More find the nearest centroid more often and
  /// take time in proportion.
  size_t num_probes() const { return num_probes_; }
  /// From 1 on; all groups when there are not so many.
  void set_num_probes(size_t num_probes) { num_probes_ = std::min(num_probes, num_groups()); }

  /// The fewest groups with which this share of rows [n >= 1, dim] meets its nearest centroid;
  /// takes the time to find it among all. The same for any number of threads and any instruction
  /// set. Throws as find().
  size_t probes_for_recall(MatrixView<const float> rows, double recall, ThreadPool& pool) const;

 private:
  struct Nearest {
    uint32_t centroid_id;
    float squared_distance;
  };
  /// Centroids less the mean, as columns for the int8 kernels.
  struct Columns {
    kernels::PackedI8 packed;
    AlignedBuffer<float> bias;  // -|c|^2 / 2, of c as packed
  };

  Columns columns_of(MatrixView<const float> centered) const;
  void pack(std::span<const uint32_t> order, std::span<const uint32_t> group_sizes);
  void set_tolerances(double mean_square_norm);
  void make_groups(ThreadPool& pool);
  void subtract_mean(std::span<const float> row, float* out) const;
  void code(MatrixView<const float> rows, Scratch& scratch) const;
  void scan_all(size_t num_rows, Scratch& scratch) const;
  void find_in(size_t num_probes, MatrixView<const float> rows, Scratch& scratch,
               std::span<uint16_t> centroid_ids, std::span<float> squared_distances) const;
  template <class F>
  void for_group_scores(size_t num_rows, Scratch& scratch, F f) const;
  void choose_groups(size_t num_probes, size_t num_rows, Scratch& scratch) const;
  std::vector<uint16_t> groups_of_centroids() const;
  void list_members(size_t num_rows, Scratch& scratch) const;
  void scan_groups(size_t num_rows, Scratch& scratch) const;
  Nearest measure(std::span<const float> row, float scale, const kernels::PanelBest& best) const;

  MatrixView<const float> centroids_;
  const kernels::KernelTable& kernels_;
  std::vector<float> mean_;             // of the centroids
  Columns columns_;                     // group by group, each padded to whole panels
  std::vector<uint16_t> ids_;           // of the columns; the padding is never chosen
  std::vector<uint32_t> group_panels_;  // [groups + 1]
  Columns groups_;                      // the groups' own centroids; empty when there is one
  size_t num_probes_ = 1;
  // What a difference of scores may be wrong by, squared: of a row by its scale^2, and by its
  // squared distance.
  float tolerance_of_scale_ = 0.0F;
  float tolerance_of_distance_ = 0.0F;
};

}  // namespace maxsimd
