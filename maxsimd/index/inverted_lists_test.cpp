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

TEST(InvertedLists, TakeAByteForEachNearSlotAndAsManyAsNeededForOthers) {
  std::vector<uint64_t> offsets(300'001);  // one vector each in documents 0, 1, 129, 300'000 - 1
  std::vector<uint16_t> centroids;
  for (size_t slot = 0; slot < 300'000; ++slot) {
    if (slot <= 1 || slot == 129 || slot == 299'999) centroids.push_back(0);
    offsets[slot + 1] = centroids.size();
  }
  const InvertedListTables lists = make_inverted_lists(centroids, offsets, 1);
  EXPECT_EQ(lists.gaps, (std::vector<uint8_t>{0, 0, 127, 0xdd, 0xa6, 0x12}));  // 299'869
  EXPECT_EQ(lists.view().list(0), (std::vector<uint32_t>{0, 1, 129, 299'999}));
}

TEST(InvertedLists, OfVersionOneAreTheSameLists) {
  const std::vector<uint64_t> offsets = {0, 3, 3, 4};
  const auto slots_of = [&](std::vector<uint32_t> slots) {
    return lists_of_slots(offsets, slots, 1000);
  };
  const auto lists = slots_of({0, 5, 999, 200});
  ASSERT_TRUE(lists.has_value());
  EXPECT_TRUE(is_well_formed(lists->view(), 1000));
  EXPECT_EQ(lists->view().list(0), (std::vector<uint32_t>{0, 5, 999}));
  EXPECT_EQ(lists->view().list(1), std::vector<uint32_t>());
  EXPECT_EQ(lists->view().list(2), std::vector<uint32_t>{200});
  EXPECT_FALSE(slots_of({0, 0, 999, 200}));   // twice
  EXPECT_FALSE(slots_of({5, 0, 999, 200}));   // descending
  EXPECT_FALSE(slots_of({0, 5, 1000, 200}));  // no such document
  EXPECT_FALSE(slots_of({0, 5, ~uint32_t{0}, 200}));
  EXPECT_FALSE(slots_of({0, 5, 999}));  // fewer than the offsets say
  for (const std::vector<uint64_t>& wrong : std::vector<std::vector<uint64_t>>{
           {}, {1, 3, 3, 4}, {0, 4, 3, 4}, {0, 3, 3, 5}, {0, ~uint64_t{0}, 3, 4}}) {
    EXPECT_FALSE(lists_of_slots(wrong, std::vector<uint32_t>{0, 5, 999, 200}, 1000));
  }
}

TEST(InvertedLists, ThatLeaveTheirBoundsAreNotWellFormed) {
  const InvertedListTables good{{0, 3, 3, 4}, {0, 0x81, 0x01, 1}};  // slots 0 and 130; none; 1
  EXPECT_TRUE(is_well_formed(good.view(), 131));
  EXPECT_FALSE(is_well_formed(good.view(), 130));
  const auto with_offset = [&](size_t at, uint64_t value) {
    InvertedListTables lists = good;
    lists.offsets[at] = value;
    return is_well_formed(lists.view(), 131);
  };
  EXPECT_FALSE(with_offset(0, 1));
  EXPECT_FALSE(with_offset(1, 4));
  EXPECT_FALSE(with_offset(1, 2));  // within a number
  EXPECT_FALSE(with_offset(2, 1));
  EXPECT_FALSE(with_offset(2, ~uint64_t{0}));
  EXPECT_FALSE(with_offset(3, 3));
  EXPECT_FALSE(with_offset(3, 5));
  const auto with_gap = [&](size_t at, uint8_t value) {
    InvertedListTables lists = good;
    lists.gaps[at] = value;
    return is_well_formed(lists.view(), 131);
  };
  EXPECT_FALSE(with_gap(0, 1));
  EXPECT_FALSE(with_gap(2, 0x02));
  EXPECT_FALSE(with_gap(2, 0x81));  // more follow, but the list ends
  EXPECT_FALSE(with_gap(3, 0x80));
  EXPECT_TRUE(with_gap(3, 127));
  EXPECT_FALSE(is_well_formed({}, 0));
}

TEST(InvertedLists, NumbersBeyondThirtyTwoBitsAreNotWellFormed) {
  const std::vector<uint64_t> offsets = {0, 5};
  const auto of = [&](std::vector<uint8_t> gaps) {
    return is_well_formed({offsets, gaps}, ~uint32_t{0});
  };
  EXPECT_TRUE(of({0xfe, 0xff, 0xff, 0xff, 0x0e}));   // 2^32 - 1 - 2^28 - 1
  EXPECT_FALSE(of({0xff, 0xff, 0xff, 0xff, 0x0f}));  // 2^32 - 1
  EXPECT_FALSE(of({0xff, 0xff, 0xff, 0xff, 0x7f}));
  const std::vector<uint64_t> six = {0, 6};
  const std::vector<uint8_t> gaps = {0x80, 0x80, 0x80, 0x80, 0x80, 0x00};
  EXPECT_FALSE(is_well_formed({six, gaps}, 100));
}

}  // namespace
}  // namespace maxsimd
