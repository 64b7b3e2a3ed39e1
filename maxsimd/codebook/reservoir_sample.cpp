#include "maxsimd/codebook/reservoir_sample.h"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace maxsimd {

ReservoirSample::ReservoirSample(size_t capacity, size_t dim, uint64_t seed)
    : capacity_(capacity), dim_(dim), random_(seed) {
  if (capacity == 0 || dim == 0) {
    throw std::invalid_argument("a reservoir sample needs a capacity and a dim of 1 at least");
  }
}

void ReservoirSample::add(MatrixView<const float> rows) {
  if (rows.cols != dim_) {
    throw std::invalid_argument("reservoir sample of dim " + std::to_string(dim_) +
                                ": got rows of dim " + std::to_string(rows.cols));
  }
  for (size_t r = 0; r < rows.rows; ++r) {
    const auto row = rows.row(r);
    if (num_seen_++ < capacity_) {
      values_.insert(values_.end(), row.begin(), row.end());
      continue;
    }
    const uint64_t slot = random_.below(num_seen_);
    if (slot < capacity_) {
      std::copy(row.begin(), row.end(), values_.begin() + static_cast<ptrdiff_t>(slot * dim_));
    }
  }
}

MatrixView<const float> ReservoirSample::rows() const {
  return {values_.data(), values_.size() / dim_, dim_};
}

}  // namespace maxsimd
