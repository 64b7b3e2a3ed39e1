// Seeded random choices that are the same on every platform (std:: distributions are not).
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace maxsimd {

class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}

  /// Uniform in [0, bound). REQUIRES: bound > 0.
  uint64_t below(uint64_t bound);
  /// A permutation of [0, count), each as likely as any other.
  std::vector<uint32_t> permutation(size_t count);

 private:
  std::mt19937_64 engine_;  // its sequence is fixed by the C++ standard
};

}  // namespace maxsimd
