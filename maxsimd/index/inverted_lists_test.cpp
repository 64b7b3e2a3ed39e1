#include "maxsimd/index/inverted_lists.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

namespace maxsimd {
namespace {

TEST(InvertedLists, NameEachDocumentOnceAtEveryCentroidItHasAVectorAt) {
  std::mt19937 random(1);
  for (const size_t num_centroids : {1U, 7U, 300U}) {
    for (const size_t num_documents : {0U, 1U, 40U, 500U}) {
      std::vector<uint16_t> centroids;
      std::vector<uint64_t> offsets = {0};
      std::vector<std::set<uint32_t>> expected(num_centroids);
      for (uint32_t slot = 0; slot < num_documents; ++slot) {
        for (size_t left = random() % 12; left > 0; --left) {
          centroids.push_back(static_cast<uint16_t>(random() % num_centroids));
          expected[centroids.back()].insert(slot);
        }
        offsets.push_back(centroids.size());
      }
      const InvertedListTables tables = make_inverted_lists(centroids, offsets, num_centroids);
      const InvertedLists lists = tables.view();
      ASSERT_EQ(lists.num_centroids(), num_centroids);
      for (size_t c = 0; c < num_centroids; ++c) {
        EXPECT_TRUE(std::ranges::equal(lists.list(c), expected[c])) << c;
      }
      EXPECT_TRUE(is_well_formed(lists, num_documents));
    }
  }
}

TEST(InvertedLists, ThatLeaveTheirBoundsAreNotWellFormed) {
  const InvertedListTables good{{0, 2, 2, 3}, {0, 2, 1}};
  EXPECT_TRUE(is_well_formed(good.view(), 3));
  EXPECT_FALSE(is_well_formed(good.view(), 2));  // slot 2
  const auto with_offset = [&](size_t at, uint64_t value) {
    InvertedListTables lists = good;
    lists.offsets[at] = value;
    return is_well_formed(lists.view(), 3);
  };
  EXPECT_FALSE(with_offset(0, 1));
  EXPECT_FALSE(with_offset(1, 3));
  EXPECT_FALSE(with_offset(2, 1));
  EXPECT_FALSE(with_offset(2, ~uint64_t{0}));
  EXPECT_FALSE(with_offset(3, 2));
  EXPECT_FALSE(with_offset(3, 4));
  const auto with_slot = [&](size_t at, uint32_t value) {
    InvertedListTables lists = good;
    lists.slots[at] = value;
    return is_well_formed(lists.view(), 3);
  };
  EXPECT_FALSE(with_slot(0, 2));  // twice
  EXPECT_FALSE(with_slot(1, 0));
  EXPECT_FALSE(with_slot(1, 3));
  EXPECT_FALSE(with_slot(2, ~uint32_t{0}));
  EXPECT_TRUE(with_slot(2, 2));
  EXPECT_FALSE(is_well_formed({}, 0));
}

}  // namespace
}  // namespace maxsimd
