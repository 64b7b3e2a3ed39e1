// Seeded vectors for the tests of codebook/: clusters of anisotropic normals, like token
// embeddings.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "maxsimd/base/types.h"
#include "maxsimd/codebook/random.h"

namespace maxsimd {

/// Standard normal deviates that are the same on every platform up to the last bit of libm.
class Normals {
 public:
  explicit Normals(uint64_t seed) : random_(seed) {}

  float next() {
    const double radius = std::sqrt(-2.0 * std::log(uniform()));
    return static_cast<float>(radius * std::cos(6.283185307179586 * uniform()));
  }

 private:
  double uniform() { return (static_cast<double>(random_.below(1U << 30)) + 0.5) * 0x1p-30; }

  Random random_;
};

struct Vectors {
  size_t rows = 0;
  size_t dim = 0;
  std::vector<float> values;

  MatrixView<const float> view() const { return {values.data(), rows, dim}; }
  MatrixView<const float> view(size_t begin, size_t count) const {
    return {values.data() + begin * dim, count, dim};
  }
};

/// How the spread of clustered vectors falls with the dimension, and how wide their clusters are.
struct Spectrum {
  float offset = 1.0F;  // dimension d has a standard deviation in proportion to (d + offset)^-0.5
  float width = 0.5F;   // within a cluster, of what is between them
};

/// Unit vectors around `num_clusters` unit vectors, off from the origin.
inline Vectors clustered_vectors(size_t rows, size_t dim, size_t num_clusters, uint64_t seed,
                                 const Spectrum& spectrum = {}) {
  Normals normals(seed);
  Random random(seed + 1);
  const auto spread = [&](size_t d) {
    return 1.0F / std::sqrt(static_cast<float>(d) + spectrum.offset);
  };
  std::vector<float> centers(num_clusters * dim);
  for (size_t i = 0; i < centers.size(); ++i) centers[i] = normals.next() * spread(i % dim) + 0.2F;
  Vectors vectors{rows, dim, std::vector<float>(rows * dim)};
  for (size_t r = 0; r < rows; ++r) {
    const size_t cluster = random.below(num_clusters);
    float* row = vectors.values.data() + r * dim;
    double squares = 0.0;
    for (size_t d = 0; d < dim; ++d) {
      row[d] = centers[cluster * dim + d] + spectrum.width * spread(d) * normals.next();
      squares += double{row[d]} * double{row[d]};
    }
    for (size_t d = 0; d < dim; ++d) row[d] /= static_cast<float>(std::sqrt(squares));
  }
  return vectors;
}

/// Clusters that run into each other, nearly as wide in the last dimension as in the first: the
/// nearest of many centroids is hard to find.
inline Vectors flat_vectors(size_t rows, size_t dim, size_t num_clusters, uint64_t seed) {
  return clustered_vectors(rows, dim, num_clusters, seed, {100.0F, 0.8F});
}

inline double exact_squared_distance(std::span<const float> a, std::span<const float> b) {
  double sum = 0.0;
  for (size_t d = 0; d < a.size(); ++d) {
    const double difference = double{a[d]} - double{b[d]};
    sum += difference * difference;
  }
  return sum;
}

/// The nearest row of `centroids`, the first of several, by plain loops.
inline size_t exact_nearest(std::span<const float> row, MatrixView<const float> centroids) {
  size_t nearest = 0;
  for (size_t c = 1; c < centroids.rows; ++c) {
    if (exact_squared_distance(row, centroids.row(c)) <
        exact_squared_distance(row, centroids.row(nearest))) {
      nearest = c;
    }
  }
  return nearest;
}

}  // namespace maxsimd
