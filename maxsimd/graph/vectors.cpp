#include "maxsimd/graph/vectors.h"

#include <limits>
#include <stdexcept>
#include <string>

namespace maxsimd {

void check_vectors(const VectorsI8& vectors) {
  if (vectors.stride == 0 || vectors.stride % 4 != 0 || vectors.stride > kernels::kMaxI8Inputs) {
    throw std::invalid_argument("graph: expected a stride that is a multiple of 4 from 4 to " +
                                std::to_string(kernels::kMaxI8Inputs) + ", got " +
                                std::to_string(vectors.stride));
  }
  if (vectors.size() >= std::numeric_limits<uint32_t>::max()) {
    throw std::invalid_argument("graph: expected fewer than 2^32 - 1 vectors, got " +
                                std::to_string(vectors.size()));
  }
  if (vectors.codes.size() != vectors.size() * vectors.stride) {
    throw std::invalid_argument("graph: expected " +
                                std::to_string(vectors.size() * vectors.stride) +
                                " bytes of codes, stride bytes for each scale, got " +
                                std::to_string(vectors.codes.size()));
  }
}

}  // namespace maxsimd
