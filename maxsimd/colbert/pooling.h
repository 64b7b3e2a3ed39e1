// Token pooling: a document's rows clustered hierarchically, each cluster replaced by its mean
// (Clavie et al. 2024, "Reducing the Footprint of Multi-Vector Retrieval with Minimal Performance
// Impact via Token Pooling"), exactly as PyLate 1.6 does through scipy's linkage(method="ward") and
// fcluster(criterion="maxclust").
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "maxsimd/base/types.h"

namespace maxsimd {

/// The labels (1 .. at most max_clusters) that scipy gives the n observations of a condensed
/// distance matrix [n * (n - 1) / 2]: Ward linkage, cut to at most max_clusters. n >= 2.
/// Time O(n^2) (nearest-neighbour chain, Muellner 2011), memory O(n^2).
std::vector<uint32_t> ward_clusters(std::span<const double> condensed, size_t n,
                                    size_t max_clusters);

/// The rows after pooling, [*, D]: the first protected_tokens rows as they are, then the means of
/// the clusters of the rest in label order; max(rest / pool_factor, 1) clusters. The rows come back
/// unchanged when there is nothing to merge. Throws std::invalid_argument: pool_factor is 0.
std::vector<float> pool_rows(MatrixView<const float> rows, size_t pool_factor,
                             size_t protected_tokens);

}  // namespace maxsimd
