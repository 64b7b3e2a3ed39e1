#include "maxsimd/graph/levels.h"

#include <algorithm>
#include <limits>
#include <tuple>

#include "maxsimd/base/split_mix.h"

namespace maxsimd {
namespace {

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
  const uint64_t stream = split_mix(seed);
  Levels levels;
  for (size_t r = 0; r < num_rows; ++r) {
    const uint64_t random = split_mix(stream + r);
    draws[r] = {level_of(random, m), split_mix(random), static_cast<uint32_t>(r)};
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
