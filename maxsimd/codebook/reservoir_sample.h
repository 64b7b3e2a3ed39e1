// A uniform sample of a stream of rows whose length is not known (Vitter 1985, algorithm R).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "maxsimd/base/types.h"
#include "maxsimd/codebook/random.h"

namespace maxsimd {

/// Every row added so far is in the sample with the same probability. The sample depends on the
/// seed and the rows' order, not on how they were split into calls. Not thread-safe.
class ReservoirSample {
 public:
  /// At most `capacity` rows of `dim` floats. Throws std::invalid_argument when one of them is 0.
  ReservoirSample(size_t capacity, size_t dim, uint64_t seed);

  /// Throws std::invalid_argument unless rows.cols = dim.
  void add(MatrixView<const float> rows);

  /// [min(num_seen, capacity), dim]; valid until the next add(). The order is not random: shuffle
  /// it before taking a part.
  MatrixView<const float> rows() const;
  uint64_t num_seen() const { return num_seen_; }

 private:
  size_t capacity_;
  size_t dim_;
  Random random_;
  uint64_t num_seen_ = 0;
  std::vector<float> values_;
};

}  // namespace maxsimd
