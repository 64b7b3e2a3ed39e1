// Seconds that have gone by.
#pragma once

#include <chrono>

namespace maxsimd {

inline double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace maxsimd
