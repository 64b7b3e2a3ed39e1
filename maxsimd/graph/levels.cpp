#include "maxsimd/graph/levels.h"

#include <algorithm>
#include <limits>
#include <tuple>

namespace maxsimd {
namespace {

// SplitMix64's finalizer (Steele, Lea and Flood 2014): a random number for each input.
uint64_t scramble(uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

// With integers only: a logarithm may differ from one C library to the next.
uint8_t level_of(uint64_t random, size_t m) {
  uint8_t level = 0;
  for (uint64_t bound = std::numeric_limits<uint64_t>::max() / m; random < bound; bound /= m) {
    ++level;
  }
  return level;
}

}  // namespace

Levels draw_levels(size_t num_rows, size_t m, uint64_t seed) {
  struct Draw {
    uint8_t level;
    uint64_t order;
    uint32_t row;
  };
  std::vector<Draw> draws(num_rows);
  const uint64_t stream = scramble(seed);
  Levels levels;
  for (size_t r = 0; r < num_rows; ++r) {
    const uint64_t random = scramble(stream + r);
    draws[r] = {level_of(random, m), scramble(random), static_cast<uint32_t>(r)};
    levels.rows.resize(std::max<size_t>(levels.rows.size(), draws[r].level + 1U));
    for (size_t level = 1; level <= draws[r].level; ++level) {
      levels.rows[level].push_back(draws[r].row);
    }
  }
  std::sort(draws.begin(), draws.end(), [](const Draw& a, const Draw& b) {
    return std::tuple(b.level, a.order, a.row) < std::tuple(a.level, b.order, b.row);
  });
  levels.insertion_order.reserve(num_rows);
  for (const Draw& draw : draws) levels.insertion_order.push_back(draw.row);
  return levels;
}

}  // namespace maxsimd
