// How a graph is built. The names and meanings are those of PyLate's Voyager index (hnswlib's).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "maxsimd/kernels/kernels.h"

namespace maxsimd {

inline constexpr size_t kMaxGraphM = 1024;
inline constexpr size_t kMaxEfConstruction = 65536;

struct GraphOptions {
  /// Links of a vector, 2 to kMaxGraphM: up to m on the upper levels, up to 2 m on level 0, and one
  /// more where a vector could not be reached otherwise. More: better recall, larger files.
  size_t m = 64;
  /// Vectors looked at for the links of each, 1 to kMaxEfConstruction. Building takes time
  /// in proportion.
  size_t ef_construction = 200;
  /// Levels and the order of insertion are drawn from it.
  uint64_t seed = 42;
  /// The graph is the same for all of them.
  kernels::Isa isa = kernels::best_isa();
  /// Called with the vectors inserted so far, up to 1,024 more each time.
  std::function<void(size_t inserted)> progress;
};

}  // namespace maxsimd
