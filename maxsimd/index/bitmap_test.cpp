#include "maxsimd/index/bitmap.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <utility>
#include <vector>

namespace maxsimd {
namespace {

std::set<size_t> numbers_of(const Bitmap& bitmap) {
  std::set<size_t> numbers;
  for (size_t n = 0; n < bitmap.size(); ++n) {
    if (bitmap.contains(n)) numbers.insert(n);
  }
  return numbers;
}

TEST(Bitmap, HoldsWhatASetHoldsAfterRandomChanges) {
  std::mt19937 random(7);
  for (const size_t size : {1U, 63U, 64U, 65U, 200U}) {
    Bitmap bitmap(size);
    std::set<size_t> expected;
    for (int step = 0; step < 500; ++step) {
      const size_t number = random() % size;
      if (random() % 2 == 0) {
        bitmap.add(number);
        expected.insert(number);
      } else {
        bitmap.remove(number);
        expected.erase(number);
      }
      ASSERT_EQ(bitmap.count(), expected.size());
    }
    EXPECT_EQ(numbers_of(bitmap), expected);
  }
}

TEST(Bitmap, RangesAreWhatAddingOneByOneGivesAndForEachReadsThemBack) {
  for (const auto& [begin, end] : {std::pair<size_t, size_t>{0, 0},
                                   {0, 1},
                                   {3, 64},
                                   {64, 128},
                                   {60, 70},
                                   {1, 200},
                                   {130, 199},
                                   {0, 200}}) {
    Bitmap whole, single(200);
    whole.clear(300);
    whole.add(299);
    whole.clear(200);
    whole.add_range(begin, end);
    for (size_t n = begin; n < end; ++n) single.add(n);
    EXPECT_EQ(whole, single);
    std::vector<size_t> read;
    whole.for_each([&](size_t n) { read.push_back(n); });
    EXPECT_TRUE(std::is_sorted(read.begin(), read.end()));
    EXPECT_EQ(std::set<size_t>(read.begin(), read.end()), numbers_of(single));
    EXPECT_EQ(read.size(), end - begin);
  }
}

TEST(Bitmap, FullOneHoldsEveryNumberAndNothingPastTheEnd) {
  for (const size_t size : {0U, 1U, 63U, 64U, 65U, 128U}) {
    const Bitmap full(size, true);
    EXPECT_EQ(full.count(), size);
    EXPECT_EQ(full.words().size(), (size + 63) / 64);
    Bitmap one_by_one(size);
    for (size_t n = 0; n < size; ++n) one_by_one.add(n);
    EXPECT_EQ(full, one_by_one);
  }
}

TEST(Bitmap, WordsThatAreStoredLoseTheirBitsPastTheEnd) {
  const Bitmap bitmap(66, std::vector<uint64_t>{~uint64_t{0}, ~uint64_t{0}});
  EXPECT_EQ(bitmap.count(), 66U);
  EXPECT_EQ(bitmap.words()[1], 3U);
  EXPECT_EQ(bitmap, Bitmap(66, true));
}

TEST(Bitmap, ResizeKeepsWhatFitsAndAddsNothing) {
  Bitmap bitmap(100, true);
  bitmap.resize(70);
  EXPECT_EQ(bitmap.count(), 70U);
  bitmap.resize(200);
  EXPECT_EQ(bitmap.count(), 70U);
  EXPECT_FALSE(bitmap.contains(70));
  EXPECT_FALSE(bitmap.contains(199));
  bitmap.resize(0);
  EXPECT_EQ(bitmap, Bitmap());
}

TEST(Bitmap, IntersectKeepsWhatBothHold) {
  Bitmap threes(130);
  Bitmap fives(130);
  for (size_t n = 0; n < 130; n += 3) threes.add(n);
  for (size_t n = 0; n < 130; n += 5) fives.add(n);
  threes.intersect(fives);
  EXPECT_EQ(numbers_of(threes), (std::set<size_t>{0, 15, 30, 45, 60, 75, 90, 105, 120}));
}

}  // namespace
}  // namespace maxsimd
