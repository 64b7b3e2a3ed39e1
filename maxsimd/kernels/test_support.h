// What the tests of kernels/ share: seeded random matrices, and a loop over the instruction sets
// this machine can run.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "maxsimd/kernels/kernels.h"

namespace maxsimd::kernels {

/// Uniform floats in [-1, 1), the same on every standard library.
class RandomFloats {
 public:
  explicit RandomFloats(uint32_t seed) : engine_(seed) {}

  float next() { return static_cast<float>(engine_() >> 8) * 0x1p-23F - 1.0F; }
  std::vector<float> many(size_t count, float scale = 1.0F) {
    std::vector<float> values(count);
    for (float& value : values) value = scale * next();
    return values;
  }

 private:
  std::mt19937 engine_;
};

/// Odd sizes around the widths of registers, tiles and panels.
inline const std::vector<size_t> kOddSizes = {1, 7, 8, 9, 33, 95, 96, 97};

/// Calls f(table) for each instruction set of this machine, scalar included, with a trace.
template <class F>
void for_each_table(F f) {
  for (const Isa isa : supported_isas()) {
    SCOPED_TRACE(std::string(isa_name(isa)));
    f(kernel_table(isa));
  }
}

inline const KernelTable& scalar() {
  return kernel_table(Isa::scalar);
}

}  // namespace maxsimd::kernels
