#include "maxsimd/codebook/random.h"

#include <numeric>
#include <utility>

namespace maxsimd {

uint64_t Random::below(uint64_t bound) {
  // 2^64 mod bound: draws below it would make the small remainders likelier than the others.
  const uint64_t unfair = (0 - bound) % bound;
  uint64_t draw = engine_();
  while (draw < unfair) draw = engine_();
  return draw % bound;
}

std::vector<uint32_t> Random::permutation(size_t count) {
  std::vector<uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0U);
  for (size_t i = count; i > 1; --i) std::swap(order[i - 1], order[below(i)]);
  return order;
}

}  // namespace maxsimd
