#include "maxsimd/codebook/reservoir_sample.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <stdexcept>

namespace maxsimd {
namespace {

/// Rows (r, -r) for r in [begin, end), in calls of at most `step` rows.
void add_numbers(ReservoirSample& sample, size_t begin, size_t end, size_t step) {
  for (size_t at = begin; at < end; at += step) {
    std::vector<float> rows;
    for (size_t r = at; r < std::min(at + step, end); ++r) {
      rows.push_back(static_cast<float>(r));
      rows.push_back(-static_cast<float>(r));
    }
    sample.add({rows.data(), rows.size() / 2, 2});
  }
}

std::vector<float> values_of(const ReservoirSample& sample) {
  const MatrixView<const float> rows = sample.rows();
  return {rows.data, rows.data + rows.size()};
}

TEST(ReservoirSample, KeepsAllWhileThereIsRoomThenDistinctRowsOfTheStream) {
  ReservoirSample sample(50, 2, 1);
  EXPECT_EQ(sample.rows().rows, 0U);
  add_numbers(sample, 0, 50, 7);
  const MatrixView<const float> all = sample.rows();
  ASSERT_EQ(all.rows, 50U);
  for (size_t r = 0; r < 50; ++r) ASSERT_EQ(all.row(r)[0], static_cast<float>(r));

  add_numbers(sample, 50, 5000, 64);
  EXPECT_EQ(sample.num_seen(), 5000U);
  const MatrixView<const float> rows = sample.rows();
  ASSERT_EQ(rows.rows, 50U);
  std::set<float> distinct;
  for (size_t r = 0; r < rows.rows; ++r) {
    ASSERT_EQ(rows.row(r)[1], -rows.row(r)[0]) << "a row in pieces";
    ASSERT_LT(rows.row(r)[0], 5000.0F);
    distinct.insert(rows.row(r)[0]);
  }
  EXPECT_EQ(distinct.size(), 50U);
}

TEST(ReservoirSample, IsTheSameForAnySplitOfTheStreamAndDependsOnTheSeed) {
  std::vector<std::vector<float>> samples;
  for (const size_t step : std::vector<size_t>{1, 3, 100, 4000}) {
    ReservoirSample sample(64, 2, 9);
    add_numbers(sample, 0, 4000, step);
    sample.add({nullptr, 0, 2});
    samples.push_back(values_of(sample));
    ASSERT_EQ(samples.back(), samples.front()) << step;
  }
  ReservoirSample other(64, 2, 10);
  add_numbers(other, 0, 4000, 100);
  EXPECT_NE(values_of(other), samples.front());
}

TEST(ReservoirSample, EveryPlaceOfTheStreamIsAsLikely) {
  constexpr size_t kRows = 1000, kCapacity = 50, kRuns = 2000, kCells = 20;
  std::vector<double> counts(kCells);
  for (uint64_t seed = 0; seed < kRuns; ++seed) {
    ReservoirSample sample(kCapacity, 2, seed);
    add_numbers(sample, 0, kRows, 100);
    for (size_t r = 0; r < kCapacity; ++r) {
      counts[static_cast<size_t>(sample.rows().row(r)[0]) * kCells / kRows] += 1.0;
    }
  }
  const double expected = double{kRuns * kCapacity} / kCells;
  double chi_square = 0.0;
  for (const double count : counts)
    chi_square += (count - expected) * (count - expected) / expected;
  // 19 degrees of freedom: 43.8 is exceeded once in a thousand times. Draws without replacement
  // vary less, and the seeds are fixed.
  EXPECT_LT(chi_square, 43.8);
  EXPECT_GT(chi_square, 4.0) << "too even to be drawn";
}

TEST(ReservoirSample, RefusesRowsOfAnotherDimAndNothingToHold) {
  EXPECT_THROW(ReservoirSample(0, 2, 1), std::invalid_argument);
  EXPECT_THROW(ReservoirSample(2, 0, 1), std::invalid_argument);
  ReservoirSample sample(2, 3, 1);
  const std::vector<float> rows(4);
  EXPECT_THROW(sample.add({rows.data(), 1, 4}), std::invalid_argument);
}

}  // namespace
}  // namespace maxsimd
