#include "maxsimd/graph/levels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace maxsimd {
namespace {

TEST(Levels, EachHoldsAnMthOfTheOneBelow) {
  constexpr size_t kRows = 100000;
  for (const size_t m : {2U, 8U, 64U}) {
    const Levels levels = draw_levels(kRows, m, 1);
    double expected = kRows;
    for (size_t l = 1; l < levels.rows.size(); ++l) {
      expected /= static_cast<double>(m);
      if (expected < 30) break;
      const auto size = static_cast<double>(levels.rows[l].size());
      EXPECT_NEAR(size, expected, 5 * std::sqrt(expected)) << "m " << m << ", level " << l;
    }
  }
}

TEST(Levels, AreNestedAndAscending) {
  const Levels levels = draw_levels(20000, 4, 9);
  ASSERT_GE(levels.rows.size(), 5U);
  EXPECT_TRUE(levels.rows[0].empty());
  for (size_t l = 1; l < levels.rows.size(); ++l) {
    EXPECT_TRUE(std::is_sorted(levels.rows[l].begin(), levels.rows[l].end()));
    if (l == 1) continue;
    EXPECT_TRUE(std::includes(levels.rows[l - 1].begin(), levels.rows[l - 1].end(),
                              levels.rows[l].begin(), levels.rows[l].end()));
  }
}

TEST(Levels, EveryRowIsInsertedOnceThoseOfTheHighestLevelsFirst) {
  const Levels levels = draw_levels(20000, 16, 3);
  std::vector<uint32_t> sorted = levels.insertion_order;
  std::sort(sorted.begin(), sorted.end());
  std::vector<uint32_t> all(20000);
  std::iota(all.begin(), all.end(), 0U);
  EXPECT_EQ(sorted, all);
  size_t begin = 0;
  for (size_t l = levels.rows.size(); l-- > 1;) {
    std::vector<uint32_t> first(
        levels.insertion_order.begin(),
        levels.insertion_order.begin() + static_cast<ptrdiff_t>(levels.rows[l].size()));
    std::sort(first.begin(), first.end());
    EXPECT_EQ(first, levels.rows[l]);
    begin = levels.rows[l].size();
  }
  // Those of level 0 alone come in random order: neighbours in a document do not follow each other.
  size_t follows = 0;
  for (size_t i = begin + 1; i < 20000; ++i) {
    if (levels.insertion_order[i] == levels.insertion_order[i - 1] + 1) ++follows;
  }
  EXPECT_LT(follows, 20U);
}

TEST(Levels, DependOnTheSeedAndNothingElse) {
  EXPECT_EQ(draw_levels(5000, 8, 1).rows, draw_levels(5000, 8, 1).rows);
  EXPECT_NE(draw_levels(5000, 8, 1).rows, draw_levels(5000, 8, 2).rows);
  EXPECT_TRUE(draw_levels(0, 8, 1).rows.empty());
  EXPECT_EQ(draw_levels(1, 8, 1).insertion_order, std::vector<uint32_t>{0});
}

}  // namespace
}  // namespace maxsimd
