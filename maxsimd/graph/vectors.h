// What a graph is over and what it answers with. Views of somebody else's memory; plain data, safe
// to read from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "maxsimd/kernels/kernels.h"

namespace maxsimd {

/// Token vectors as the store's int8 codec keeps them, x ~ scales[r] * codes: a mapped segment's,
/// say. The similarity of two is their dot product, the cosine when they are normalised. The values
/// may be anything (a damaged file's): no similarity is trusted to be a number.
struct VectorsI8 {
  std::span<const int8_t> codes;  // [size, stride]
  size_t stride = 0;              // a multiple of 4, at most kernels::kMaxI8Inputs
  std::span<const float> scales;  // [size]

  size_t size() const { return scales.size(); }
  const int8_t* row(uint32_t r) const { return codes.data() + r * stride; }
  void fetch(uint32_t r) const {
    for (size_t j = 0; j < stride; j += 64) __builtin_prefetch(row(r) + j);
    __builtin_prefetch(scales.data() + r);
  }
  kernels::RowsI8 raw() const { return {codes.data(), stride, scales.data()}; }
};

/// Throws std::invalid_argument when a size does not fit the others or is beyond the limits above
/// (fewer than 2^32 - 1 vectors).
void check_vectors(const VectorsI8& vectors);

/// A set of rows: bit r % 64 of word r / 64; bits past the end are 0.
struct RowSet {
  std::span<const uint64_t> words;  // [(size + 63) / 64]
  size_t count = 0;                 // rows in the set

  bool contains(uint32_t row) const { return (words[row / 64] >> (row % 64) & 1) != 0; }
};

/// A row that was found.
struct Neighbour {
  uint32_t row = 0;
  float similarity = 0.0F;

  bool operator==(const Neighbour&) const = default;
};

}  // namespace maxsimd
