#include "maxsimd/search/top_k.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

namespace maxsimd {
namespace {

std::vector<ScoredDocument> entries_with_ties(size_t count) {
  std::mt19937 random(11);
  std::vector<ScoredDocument> entries;
  for (DocId document = 0; document < count; ++document) {
    entries.push_back({document, static_cast<float>(random() % 7)});
  }
  entries[3].score = -std::numeric_limits<float>::infinity();
  return entries;
}

TEST(TopK, EqualsAFullSortForEveryKAndArrivalOrder) {
  const std::vector<ScoredDocument> entries = entries_with_ties(60);
  std::vector<ScoredDocument> sorted = entries;
  std::sort(sorted.begin(), sorted.end(), ranks_before);
  std::mt19937 random(12);
  for (size_t k = 0; k <= 70; ++k) {
    std::vector<ScoredDocument> arriving = entries;
    std::shuffle(arriving.begin(), arriving.end(), random);
    TopK best(k);
    for (const ScoredDocument& entry : arriving) best.push(entry);
    const std::vector<ScoredDocument> expected(
        sorted.begin(), sorted.begin() + static_cast<long>(std::min<size_t>(k, 60)));
    EXPECT_EQ(best.take_sorted(), expected) << k;
  }
}

TEST(TopK, MergeEqualsOneHeap) {
  const std::vector<ScoredDocument> entries = entries_with_ties(60);
  TopK all(9), even(9), odd(9);
  for (const ScoredDocument& entry : entries) {
    all.push(entry);
    (entry.document % 2 == 0 ? even : odd).push(entry);
  }
  odd.merge(even);
  EXPECT_EQ(odd.take_sorted(), all.take_sorted());
}

TEST(TopK, TiesGoToTheDocumentAddedFirst) {
  TopK best(2);
  for (const DocId document : {5U, 1U, 9U, 0U, 3U}) best.push({document, 1.0F});
  EXPECT_EQ(best.take_sorted(), (std::vector<ScoredDocument>{{0, 1.0F}, {1, 1.0F}}));
}

}  // namespace
}  // namespace maxsimd
