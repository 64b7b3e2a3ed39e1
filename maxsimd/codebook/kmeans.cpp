#include "maxsimd/codebook/kmeans.h"

#include <algorithm>
#include <numeric>

namespace maxsimd {
namespace {

constexpr size_t kCentroidsPerTask = 64;

/// Rows [begin, begin + count) in one piece: the matrix's own memory, or a copy in `buffer`.
MatrixView<const float> gather(const ChosenRows& rows, size_t begin, size_t count,
                               std::vector<float>& buffer) {
  const size_t dim = rows.matrix.cols;
  if (rows.rows[begin + count - 1] - rows.rows[begin] == count - 1) {
    return {rows[begin].data(), count, dim};
  }
  buffer.resize(count * dim);
  for (size_t i = 0; i < count; ++i) {
    std::copy_n(rows[begin + i].data(), dim, buffer.data() + i * dim);
  }
  return {buffer.data(), count, dim};
}

/// What became of a centroid in an update.
struct Cluster {
  size_t size = 0;
  double error = 0.0;     // sum of the squared distances of its rows
  uint32_t farthest = 0;  // of its rows, the first if several; a number of the matrix
};

/// The places in `rows` of each centroid's rows, ascending; those of centroid c are at
/// [ends[c - 1], ends[c]).
struct Members {
  std::vector<uint32_t> places;
  std::vector<uint32_t> ends;

  Members(std::span<const uint16_t> ids, size_t num_centroids)
      : places(ids.size()), ends(num_centroids + 1) {
    for (const uint16_t id : ids) ++ends[id + 1U];
    std::partial_sum(ends.begin(), ends.end(), ends.begin());
    for (size_t i = 0; i < ids.size(); ++i) places[ends[ids[i]]++] = static_cast<uint32_t>(i);
  }

  std::span<const uint32_t> of(size_t centroid) const {
    const size_t begin = centroid == 0 ? 0 : ends[centroid - 1];
    return std::span(places).subspan(begin, ends[centroid] - begin);
  }
};

/// Moves a centroid to the mean of its rows, summed in their order; it stays when it has none.
Cluster update_centroid(const ChosenRows& rows, std::span<const uint32_t> places,
                        std::span<const float> squared_distances, std::span<float> centroid) {
  Cluster cluster{.size = places.size()};
  if (places.empty()) return cluster;
  std::vector<double> sums(centroid.size());
  size_t farthest = places.front();
  for (const uint32_t place : places) {
    const std::span<const float> row = rows[place];
    for (size_t d = 0; d < sums.size(); ++d) sums[d] += double{row[d]};
    cluster.error += double{squared_distances[place]};
    if (squared_distances[place] > squared_distances[farthest]) farthest = place;
  }
  cluster.farthest = rows.rows[farthest];
  for (size_t d = 0; d < sums.size(); ++d) {
    centroid[d] = static_cast<float>(sums[d] / static_cast<double>(places.size()));
  }
  return cluster;
}

/// Centroids without rows each split a cluster of those with the largest error.
void fill_empty_clusters(MatrixView<const float> matrix, std::span<const Cluster> clusters,
                         std::vector<float>& centroids) {
  std::vector<uint32_t> empty, splittable;
  for (uint32_t c = 0; c < clusters.size(); ++c) {
    if (clusters[c].size == 0) empty.push_back(c);
    if (clusters[c].size > 1 && clusters[c].error > 0.0) splittable.push_back(c);
  }
  if (empty.empty()) return;
  std::stable_sort(splittable.begin(), splittable.end(),
                   [&](uint32_t a, uint32_t b) { return clusters[a].error > clusters[b].error; });
  for (size_t i = 0; i < std::min(empty.size(), splittable.size()); ++i) {
    const std::span<const float> row = matrix.row(clusters[splittable[i]].farthest);
    std::copy(row.begin(), row.end(),
              centroids.begin() + static_cast<ptrdiff_t>(empty[i] * matrix.cols));
  }
}

void update(const ChosenRows& rows, const Assignment& assigned, ThreadPool& pool,
            std::vector<float>& centroids) {
  const size_t dim = rows.matrix.cols;
  const size_t num_centroids = centroids.size() / dim;
  const Members members(assigned.centroid_ids, num_centroids);
  std::vector<Cluster> clusters(num_centroids);
  const size_t tasks = (num_centroids + kCentroidsPerTask - 1) / kCentroidsPerTask;
  pool.parallel_for(tasks, [&](size_t task, size_t) {
    const size_t end = std::min((task + 1) * kCentroidsPerTask, num_centroids);
    for (size_t c = task * kCentroidsPerTask; c < end; ++c) {
      clusters[c] = update_centroid(rows, members.of(c), assigned.squared_distances,
                                    std::span(centroids).subspan(c * dim, dim));
    }
  });
  fill_empty_clusters(rows.matrix, clusters, centroids);
}

}  // namespace

Assignment assign(const ChosenRows& rows, const NearestCentroid& nearest, ThreadPool& pool) {
  constexpr size_t kBlock = NearestCentroid::kBlockRows;
  Assignment assigned{std::vector<uint16_t>(rows.size()), std::vector<float>(rows.size())};
  struct Memory {
    NearestCentroid::Scratch scratch;
    std::vector<float> gathered;
  };
  std::vector<Memory> memory(pool.num_threads());
  pool.parallel_for((rows.size() + kBlock - 1) / kBlock, [&](size_t block, size_t worker) {
    const size_t begin = block * kBlock;
    const size_t count = std::min(kBlock, rows.size() - begin);
    nearest.find(gather(rows, begin, count, memory[worker].gathered), memory[worker].scratch,
                 std::span(assigned.centroid_ids).subspan(begin, count),
                 std::span(assigned.squared_distances).subspan(begin, count));
  });
  return assigned;
}

std::vector<float> kmeans(const ChosenRows& rows, std::span<const uint32_t> first,
                          size_t iterations, const kernels::KernelTable& kernels,
                          ThreadPool& pool) {
  const size_t dim = rows.matrix.cols;
  std::vector<float> centroids;
  centroids.reserve(first.size() * dim);
  for (const uint32_t r : first) {
    const std::span<const float> row = rows.matrix.row(r);
    centroids.insert(centroids.end(), row.begin(), row.end());
  }
  for (size_t i = 0; i < iterations; ++i) {
    const NearestCentroid nearest({centroids.data(), first.size(), dim}, kernels, pool);
    update(rows, assign(rows, nearest, pool), pool, centroids);
  }
  return centroids;
}

}  // namespace maxsimd
