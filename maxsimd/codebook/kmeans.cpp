#include "maxsimd/codebook/kmeans.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <queue>
#include <utility>

namespace maxsimd {
namespace {

constexpr size_t kCentroidsPerTask = 64;
// A round makes at most so many new centroids of one cluster's rows: each measures them all.
constexpr size_t kMostSeeds = 15;

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
/// Returns the sum of their squared distances to where it was.
double update_centroid(const ChosenRows& rows, std::span<const uint32_t> places,
                       std::span<const float> squared_distances, std::span<float> centroid) {
  if (places.empty()) return 0.0;
  double error = 0.0;
  std::vector<double> sums(centroid.size());
  for (const uint32_t place : places) {
    const std::span<const float> row = rows[place];
    for (size_t d = 0; d < sums.size(); ++d) sums[d] += double{row[d]};
    error += double{squared_distances[place]};
  }
  for (size_t d = 0; d < sums.size(); ++d) {
    centroid[d] = static_cast<float>(sums[d] / static_cast<double>(places.size()));
  }
  return error;
}

/// How many of `wanted` new centroids each cluster's rows shall give: one after the other goes
/// where the error is largest, taken to be that of the cluster in equal parts.
std::vector<uint32_t> seeds_of_clusters(const Members& members, std::span<const double> errors,
                                        size_t wanted) {
  using Part = std::pair<double, size_t>;  // its error; minus the cluster's number: the first wins
  std::priority_queue<Part> largest;
  for (size_t c = 0; c < errors.size(); ++c) {
    if (members.of(c).size() > 1 && errors[c] > 0.0) largest.emplace(errors[c], errors.size() - c);
  }
  std::vector<uint32_t> num_seeds(errors.size());
  for (; wanted > 0 && !largest.empty(); --wanted) {
    const size_t c = errors.size() - largest.top().second;
    largest.pop();
    const size_t parts = ++num_seeds[c] + size_t{1};
    if (parts <= kMostSeeds && parts < members.of(c).size()) {
      largest.emplace(errors[c] / static_cast<double>(parts), errors.size() - c);
    }
  }
  return num_seeds;
}

/// Up to `count` of a cluster's rows, as numbers of the matrix: each the farthest from the centroid
/// and the ones before (Gonzalez 1985), the first of several, and equal to none of them.
std::vector<uint32_t> farthest_rows(const ChosenRows& rows, std::span<const uint32_t> places,
                                    const float* centroid, size_t count,
                                    const kernels::KernelTable& kernels) {
  std::vector<uint32_t> numbers, farthest;
  for (const uint32_t place : places) numbers.push_back(rows.rows[place]);
  std::vector<float> nearest(places.size(), std::numeric_limits<float>::infinity());
  std::vector<float> distances(places.size());
  const float* seed = centroid;
  while (farthest.size() < count) {
    kernels.squared_distances(seed, rows.matrix.data, rows.matrix.cols, numbers.data(),
                              numbers.size(), distances.data());
    for (size_t i = 0; i < nearest.size(); ++i) nearest[i] = std::min(nearest[i], distances[i]);
    const auto next = std::max_element(nearest.begin(), nearest.end());
    if (*next == 0.0F) break;
    farthest.push_back(numbers[static_cast<size_t>(next - nearest.begin())]);
    seed = rows.matrix.row(farthest.back()).data();
  }
  return farthest;
}

/// Centroids without rows take rows of the clusters with the largest errors.
void fill_empty_clusters(const ChosenRows& rows, const Members& members,
                         std::span<const double> errors, const kernels::KernelTable& kernels,
                         std::vector<float>& centroids) {
  const size_t dim = rows.matrix.cols;
  std::vector<size_t> empty;
  for (size_t c = 0; c < errors.size(); ++c) {
    if (members.of(c).empty()) empty.push_back(c);
  }
  if (empty.empty()) return;
  const std::vector<uint32_t> num_seeds = seeds_of_clusters(members, errors, empty.size());
  auto next = empty.begin();
  for (size_t c = 0; c < errors.size(); ++c) {
    if (num_seeds[c] == 0) continue;
    for (const uint32_t number :
         farthest_rows(rows, members.of(c), centroids.data() + c * dim, num_seeds[c], kernels)) {
      const std::span<const float> row = rows.matrix.row(number);
      std::copy(row.begin(), row.end(), centroids.begin() + static_cast<ptrdiff_t>(*next++ * dim));
    }
  }
}

void update(const ChosenRows& rows, const Assignment& assigned, const kernels::KernelTable& kernels,
            ThreadPool& pool, std::vector<float>& centroids) {
  const size_t dim = rows.matrix.cols;
  const size_t num_centroids = centroids.size() / dim;
  const Members members(assigned.centroid_ids, num_centroids);
  std::vector<double> errors(num_centroids);
  const size_t tasks = (num_centroids + kCentroidsPerTask - 1) / kCentroidsPerTask;
  pool.parallel_for(tasks, [&](size_t task, size_t) {
    const size_t end = std::min((task + 1) * kCentroidsPerTask, num_centroids);
    for (size_t c = task * kCentroidsPerTask; c < end; ++c) {
      errors[c] = update_centroid(rows, members.of(c), assigned.squared_distances,
                                  std::span(centroids).subspan(c * dim, dim));
    }
  });
  fill_empty_clusters(rows, members, errors, kernels, centroids);
}

}  // namespace

Assignment assign(const ChosenRows& rows, const NearestCentroid& nearest, ThreadPool& pool,
                  const std::function<void()>& check) {
  constexpr size_t kBlock = NearestCentroid::kBlockRows;
  Assignment assigned{std::vector<uint16_t>(rows.size()), std::vector<float>(rows.size())};
  struct Memory {
    NearestCentroid::Scratch scratch;
    std::vector<float> gathered;
  };
  std::vector<Memory> memory(pool.num_threads());
  pool.parallel_for((rows.size() + kBlock - 1) / kBlock, [&](size_t block, size_t worker) {
    if (check) check();
    const size_t begin = block * kBlock;
    const size_t count = std::min(kBlock, rows.size() - begin);
    nearest.find(gather(rows, begin, count, memory[worker].gathered), memory[worker].scratch,
                 std::span(assigned.centroid_ids).subspan(begin, count),
                 std::span(assigned.squared_distances).subspan(begin, count));
  });
  return assigned;
}

std::vector<float> kmeans(const ChosenRows& rows, std::span<const uint32_t> first,
                          const KmeansOptions& options, const kernels::KernelTable& kernels,
                          ThreadPool& pool) {
  const size_t dim = rows.matrix.cols;
  std::vector<float> centroids;
  centroids.reserve(first.size() * dim);
  for (const uint32_t r : first) {
    const std::span<const float> row = rows.matrix.row(r);
    centroids.insert(centroids.end(), row.begin(), row.end());
  }
  for (size_t i = 0; i < options.iterations; ++i) {
    const NearestCentroid nearest({centroids.data(), first.size(), dim}, kernels, pool);
    update(rows, assign(rows, nearest, pool, options.check), kernels, pool, centroids);
  }
  return centroids;
}

}  // namespace maxsimd
