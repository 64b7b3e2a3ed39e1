#include "maxsimd/kernels/dropout.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <vector>

namespace maxsimd::kernels {
namespace {

// The known answers of Random123 (kat_vectors, philox4x32 10).
TEST(Dropout, PhiloxGivesTheKnownAnswers) {
  const auto expect = [](PhiloxBlock got, std::array<uint32_t, 4> expected) {
    for (size_t i = 0; i < 4; ++i) EXPECT_EQ(got.words[i], expected[i]) << i;
  };
  expect(philox({{0, 0, 0, 0}}, 0), {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  const uint32_t ones = 0xffffffff;
  expect(philox({{ones, ones, ones, ones}}, ~uint64_t{0}),
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  expect(philox({{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}}, 0x299f31d0a4093822),
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST(Dropout, LimitsDivideAllBitsAsTheRateSays) {
  EXPECT_EQ(dropout_limit(0.0F), INT32_MIN);
  EXPECT_EQ(dropout_limit(0.5F), 0);
  EXPECT_EQ(dropout_limit(0.25F), -(1 << 30));
  EXPECT_EQ(dropout_limit(1.0F - 0x1p-24F), INT32_MAX - 255);
}

/// How far a count is from what is expected of independent draws, in standard deviations.
double deviations(size_t count, size_t draws, double probability) {
  const auto n = static_cast<double>(draws);
  return std::abs(static_cast<double>(count) - n * probability) /
         std::sqrt(n * probability * (1 - probability));
}

class Mask {
 public:
  Mask(float rate, uint64_t seed) : dropout_{rate, seed, 3}, limit_(dropout_limit(rate)) {}
  std::vector<bool> dropped(size_t head, size_t row, size_t columns) const {
    std::vector<bool> result(columns);
    const DropoutKey key = dropout_key(dropout_, head, row);
    for (size_t t = 0; t < columns; ++t) result[t] = dropout_bits(key, t) < limit_;
    return result;
  }

 private:
  AttentionDropout dropout_;
  int32_t limit_;
};

// Ten million draws; six deviations are one in 500 million.
TEST(Dropout, DropsAtItsRateInEveryColumnWhateverTheNeighboursDo) {
  constexpr size_t kRows = 40'000;
  constexpr size_t kColumns = 256;
  for (const float rate : {0.02F, 0.1F, 0.5F}) {
    const Mask mask(rate, 12345);
    const double p = rate;
    size_t total = 0;
    std::vector<size_t> of_column(kColumns);
    std::vector<size_t> pairs(65);      // both of two columns so far apart
    std::vector<size_t> below(1);       // both of a column of two rows
    std::vector<size_t> patterns(256);  // of eight neighbours
    std::vector<bool> last(kColumns);
    for (size_t r = 0; r < kRows; ++r) {
      const std::vector<bool> row = mask.dropped(r % 12, r / 12, kColumns);
      for (size_t t = 0; t < kColumns; ++t) {
        total += row[t] ? 1 : 0;
        of_column[t] += row[t] ? 1 : 0;
        below[0] += row[t] && last[t] ? 1 : 0;
        for (size_t d = 1; d < pairs.size() && t + d < kColumns; ++d) {
          pairs[d] += row[t] && row[t + d] ? 1 : 0;
        }
      }
      for (size_t t = 0; t < kColumns; t += 8) {
        size_t pattern = 0;
        for (size_t i = 0; i < 8; ++i) pattern |= (row[t + i] ? size_t{1} : 0) << i;
        ++patterns[pattern];
      }
      last = row;
    }
    EXPECT_LT(deviations(total, kRows * kColumns, p), 5.0) << rate;
    EXPECT_LT(deviations(below[0], kRows * kColumns, p * p), 5.0) << rate;
    for (size_t t = 0; t < kColumns; ++t) {
      EXPECT_LT(deviations(of_column[t], kRows, p), 5.0) << rate << " column " << t;
    }
    for (size_t d = 1; d < pairs.size(); ++d) {
      EXPECT_LT(deviations(pairs[d], kRows * (kColumns - d), p * p), 6.0) << rate << " " << d;
    }
    for (size_t pattern = 0; pattern < 256; ++pattern) {
      const int set = __builtin_popcountll(pattern);
      const double probability = std::pow(p, set) * std::pow(1 - p, 8 - set);
      if (probability * kRows * kColumns / 8 < 25) continue;
      EXPECT_LT(deviations(patterns[pattern], kRows * kColumns / 8, probability), 6.0)
          << rate << " pattern " << pattern;
    }
  }
}

TEST(Dropout, SeedSequenceHeadAndRowAllMatter) {
  const auto key = [](AttentionDropout dropout, size_t head, size_t row) {
    const DropoutKey result = dropout_key(dropout, head, row);
    return std::array<uint32_t, 2>{result.start, result.middle};
  };
  const auto base = key({0.1F, 7, 1}, 2, 3);
  EXPECT_NE(key({0.1F, 8, 1}, 2, 3), base);
  EXPECT_NE(key({0.1F, 7 + (uint64_t{1} << 32), 1}, 2, 3), base);
  EXPECT_NE(key({0.1F, 7, 2}, 2, 3), base);
  EXPECT_NE(key({0.1F, 7, 1}, 3, 2), base);
  EXPECT_EQ(key({0.5F, 7, 1}, 2, 3), base);
}

}  // namespace
}  // namespace maxsimd::kernels
