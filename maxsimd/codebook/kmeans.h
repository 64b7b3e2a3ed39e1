// k-means (Lloyd 1982) over chosen rows of a matrix.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "maxsimd/base/thread_pool.h"
#include "maxsimd/base/types.h"
#include "maxsimd/codebook/nearest_centroid.h"

namespace maxsimd {

/// Some rows of a matrix, in ascending order.
struct ChosenRows {
  MatrixView<const float> matrix;
  std::span<const uint32_t> rows;

  size_t size() const { return rows.size(); }
  std::span<const float> operator[](size_t i) const { return matrix.row(rows[i]); }
};

/// For each chosen row the nearest centroid and the squared distance to it.
struct Assignment {
  std::vector<uint16_t> centroid_ids;
  std::vector<float> squared_distances;
};

/// `check`: as in CodebookOptions. The same for any number of threads. Throws as
/// NearestCentroid::find().
Assignment assign(const ChosenRows& rows, const NearestCentroid& nearest, ThreadPool& pool,
                  const std::function<void()>& check = {});

struct KmeansOptions {
  size_t iterations = 0;  // rounds; time grows in proportion
  std::function<void()> check = {};
};

/// Centroids [first.size(), dim] after the rounds of assignment and update, the first round
/// from the matrix's rows `first`. A centroid that is left without rows takes, for the next round,
/// a row of one of the clusters with the largest errors, of each cluster distinct rows that are far
/// from its centroid and from each other; a cluster of equal rows has none to give. The same for
/// any number of threads and any instruction set. Throws as NearestCentroid. REQUIRES: first is not
/// empty.
std::vector<float> kmeans(const ChosenRows& rows, std::span<const uint32_t> first,
                          const KmeansOptions& options, const kernels::KernelTable& kernels,
                          ThreadPool& pool);

}  // namespace maxsimd
