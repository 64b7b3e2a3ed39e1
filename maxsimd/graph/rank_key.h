// A similarity and where it was found as one number, so that heaps and sorts compare integers: the
// larger key is the more similar one, and of equal ones that of the lower place. The order is total
// whatever the float, NaN included: that makes searches deterministic, and safe on damaged vectors.
#pragma once

#include <bit>
#include <cstdint>

namespace maxsimd {

using RankKey = uint64_t;

inline RankKey rank_key(float similarity, uint32_t place) {
  const auto bits = std::bit_cast<uint32_t>(similarity + 0.0F);  // -0 counts as 0
  const uint32_t ascending = bits ^ ((bits >> 31) != 0 ? 0xffffffffU : 0x80000000U);
  return (uint64_t{ascending} << 32) | ~place;
}

inline uint32_t place_of(RankKey key) {
  return ~static_cast<uint32_t>(key);
}

inline float similarity_of(RankKey key) {
  const auto ascending = static_cast<uint32_t>(key >> 32);
  return std::bit_cast<float>(ascending ^ ((ascending >> 31) != 0 ? 0x80000000U : 0xffffffffU));
}

}  // namespace maxsimd
