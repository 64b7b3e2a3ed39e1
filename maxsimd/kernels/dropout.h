// Which attention probabilities dropout keeps: a pure function of seed, sequence, head, row and
// column, so that the backward pass works the same mask out again and threads do not matter. A
// row's key comes from Philox, its columns from a cheap hash that vectors can compute.
//
// Functions are always inlined: no file of one instruction set may emit them for everybody.
#pragma once

#include "maxsimd/kernels/arguments.h"

namespace maxsimd::kernels {

struct PhiloxBlock {
  uint32_t words[4];
};

/// Philox4x32-10 (Salmon et al. 2011, Parallel Random Numbers: As Easy as 1, 2, 3).
__attribute__((always_inline)) inline PhiloxBlock philox(PhiloxBlock counter, uint64_t key) {
  uint32_t* w = counter.words;
  auto k0 = static_cast<uint32_t>(key);
  auto k1 = static_cast<uint32_t>(key >> 32);
  for (int round = 0; round < 10; ++round, k0 += 0x9E3779B9U, k1 += 0xBB67AE85U) {
    const uint64_t product0 = uint64_t{0xD2511F53U} * w[0];
    const uint64_t product1 = uint64_t{0xCD9E8D57U} * w[2];
    const uint32_t next0 = static_cast<uint32_t>(product1 >> 32) ^ w[1] ^ k0;
    const uint32_t next2 = static_cast<uint32_t>(product0 >> 32) ^ w[3] ^ k1;
    w[1] = static_cast<uint32_t>(product1);
    w[3] = static_cast<uint32_t>(product0);
    w[0] = next0;
    w[2] = next2;
  }
  return counter;
}

/// Of one row of one head.
struct DropoutKey {
  uint32_t start;   // added to the column
  uint32_t middle;  // mixed in halfway
};

__attribute__((always_inline)) inline DropoutKey dropout_key(const AttentionDropout& dropout,
                                                             size_t head, size_t row) {
  const PhiloxBlock block =
      philox({{static_cast<uint32_t>(row), static_cast<uint32_t>(head), dropout.sequence, 0}},
             dropout.seed);
  return {block.words[0], block.words[1]};
}

// The two rounds of multiplication of Wellons' lowbias32 (hash-prospector); the key of 64 bits
// makes up for their being so few.
inline constexpr uint32_t kDropoutMultiplier0 = 0x21F0AAADU;
inline constexpr uint32_t kDropoutMultiplier1 = 0x735A2D97U;
inline constexpr int kDropoutShift0 = 16;
inline constexpr int kDropoutShift1 = 15;

/// Uniform over all int32: the high bits, which comparisons go by, are the well mixed ones.
__attribute__((always_inline)) inline int32_t dropout_bits(const DropoutKey& key, size_t column) {
  uint32_t x = static_cast<uint32_t>(column) + key.start;
  x ^= x >> kDropoutShift0;
  x *= kDropoutMultiplier0;
  x ^= x >> kDropoutShift1;
  x ^= key.middle;
  x *= kDropoutMultiplier1;
  return static_cast<int32_t>(x);
}

/// A probability is kept if its bits are not less.
__attribute__((always_inline)) inline int32_t dropout_limit(float rate) {
  return static_cast<int32_t>(static_cast<int64_t>(static_cast<double>(rate) * 0x1p32) -
                              (int64_t{1} << 31));
}

}  // namespace maxsimd::kernels
