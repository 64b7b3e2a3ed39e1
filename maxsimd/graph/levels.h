// Which vectors of a graph lie on which levels, and when each is inserted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace maxsimd {

/// More than can be drawn: level l has about m^-l of the vectors, m >= 2.
inline constexpr size_t kMaxGraphLevels = 65;

/// The rows of each level, ascending. Level 0 holds all rows and is not listed: rows[0] is empty,
/// there a row is its own place.
struct Levels {
  std::vector<std::vector<uint32_t>> rows;  // [number of levels]
  std::vector<uint32_t> insertion_order;    // all rows, those of the highest levels first
};

/// A level l is reached with probability m^-l (Malkov & Yashunin's level multiplier 1 / ln m). Rows
/// of one highest level are inserted in random order, so that what is inserted together is a random
/// sample and not one document. A function of its arguments, the same on every machine.
Levels draw_levels(size_t num_rows, size_t m, uint64_t seed);

}  // namespace maxsimd
