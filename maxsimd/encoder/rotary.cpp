#include "maxsimd/encoder/rotary.h"

#include <cmath>

namespace maxsimd {

RotaryTable::RotaryTable(float theta, size_t head_dim, size_t positions) {
  const size_t half = head_dim / 2;
  std::vector<float> frequencies(half);
  for (size_t i = 0; i < half; ++i) {
    const float exponent = static_cast<float>(2 * i) / static_cast<float>(head_dim);
    // In double, rounded once: what a good powf gives.
    const auto power =
        static_cast<float>(std::pow(static_cast<double>(theta), static_cast<double>(exponent)));
    frequencies[i] = 1.0F / power;
  }
  cosines_.reserve(positions * half);
  sines_.reserve(positions * half);
  for (size_t position = 0; position < positions; ++position) {
    for (const float frequency : frequencies) {
      const float angle = frequency * static_cast<float>(position);
      cosines_.push_back(static_cast<float>(std::cos(static_cast<double>(angle))));
      sines_.push_back(static_cast<float>(std::sin(static_cast<double>(angle))));
    }
  }
}

}  // namespace maxsimd
