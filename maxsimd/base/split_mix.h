// SplitMix64 (Steele, Lea and Flood 2014): a random number for each input, the same on every
// machine.
#pragma once

#include <cstdint>

namespace maxsimd {

/// Added to the state of a SplitMix64 generator between two numbers.
inline constexpr uint64_t kSplitMixStep = 0x9e3779b97f4a7c15;

/// What a generator in state x gives next.
constexpr uint64_t split_mix(uint64_t x) {
  x += kSplitMixStep;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

}  // namespace maxsimd
