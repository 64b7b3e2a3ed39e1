// The nearest token vectors, compared with the cosines of all of them.
#include "maxsimd/search/nearest_tokens.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "maxsimd/search/index_search_testing.h"

namespace maxsimd {
namespace {

using index_search_testing::Ids;
using index_search_testing::numbered;
using index_search_testing::TestFolder;
using index_testing::random_batch;
using index_testing::random_lengths;
using Lists = std::vector<std::vector<NearToken>>;

constexpr size_t kDim = 20;

// Two segments with graphs and one without; some documents removed, one without rows.
class NearestTokens : public testing::Test {
 protected:
  NearestTokens() {
    IndexWriter writer = IndexWriter::create(folder_.path(),
                                             {.dim = kDim,
                                              .kind = IndexKind::hnsw,
                                              .codec = Codec::int8,
                                              .m = 12,
                                              .ef_construction = 80},
                                             {.pool = &pool_, .fewest_listed_vectors = 300});
    for (const size_t count : {100U, 120U, 15U}) {
      const auto seed = static_cast<uint32_t>(num_ids_ + 1);
      add(writer, random_batch(kDim, random_lengths(count, 1, 12, 5), seed));
      writer.optimize();
    }
    add(writer, random_batch(kDim, {0}, 1));
    writer.remove(Ids{"d2", "d101", "d225"});
    writer.commit();
    index_.emplace(writer.snapshot());
  }

  void add(IndexWriter& writer, const Embeddings& rows) {
    Ids ids;
    for (size_t i = 0; i < rows.size(); ++i) ids.push_back(numbered("d", num_ids_++));
    writer.add({.ids = ids, .embeddings = &rows});
  }

  Lists search(const Embeddings& queries, size_t k, size_t ef_search = 200) {
    return nearest_tokens(queries, *index_, {.k = k, .ef_search = ef_search}, pool_);
  }

  /// All live vectors by their cosines with a query row.
  std::vector<NearToken> brute_force(std::span<const float> query) const {
    std::vector<NearToken> all;
    for (const DocId document : index_->documents()) {
      const std::vector<float> rows = decode(index_->rows(document), index_->kernels());
      for (size_t r = 0; r < rows.size() / kDim; ++r) {
        double product = 0, a = 0, b = 0;
        for (size_t d = 0; d < kDim; ++d) {
          product += double{query[d]} * double{rows[r * kDim + d]};
          a += double{query[d]} * double{query[d]};
          b += double{rows[r * kDim + d]} * double{rows[r * kDim + d]};
        }
        all.push_back({document, static_cast<float>(product / std::sqrt(a * b))});
      }
    }
    std::ranges::stable_sort(all, std::greater(), &NearToken::cosine);
    return all;
  }

  TestFolder folder_;
  ThreadPool pool_{2};
  size_t num_ids_ = 0;
  std::optional<Index> index_;
};

TEST_F(NearestTokens, AreAlmostAllFoundByGraphs) {
  const Embeddings queries = random_batch(kDim, {5, 8, 1}, 77);
  const Lists lists = search(queries, 12);
  ASSERT_EQ(lists.size(), 14U);
  size_t num_found = 0;
  for (size_t row = 0; row < lists.size(); ++row) {
    const auto expected = brute_force({queries.values.data() + row * kDim, kDim});
    ASSERT_EQ(lists[row].size(), 12U);
    EXPECT_TRUE(std::ranges::is_sorted(lists[row], std::greater(), &NearToken::cosine));
    for (const NearToken& near : lists[row]) {
      EXPECT_NE(std::ranges::find(expected, near), expected.end());  // of a live document
      num_found += near.cosine >= expected[11].cosine ? 1U : 0U;
    }
  }
  EXPECT_GE(num_found, 14U * 12U * 97 / 100);
}

TEST_F(NearestTokens, AllVectorsAreFoundWhenAsked) {
  const Embeddings queries = random_batch(kDim, {2}, 78);
  const size_t all = static_cast<size_t>(index_->num_tokens());
  for (const size_t k : {all, all + 1000}) {
    const Lists lists = search(queries, k, 4000);
    for (size_t row = 0; row < 2; ++row) {
      const auto expected = brute_force({queries.values.data() + row * kDim, kDim});
      ASSERT_EQ(lists[row].size(), all);
      for (size_t i = 0; i < all; ++i) {
        EXPECT_FLOAT_EQ(lists[row][i].cosine, expected[i].cosine);
      }
    }
  }
}

TEST_F(NearestTokens, DoNotDependOnThreadsOrOtherQueries) {
  const Embeddings queries = random_batch(kDim, {4, 6}, 79);
  const Lists together = search(queries, 7);
  ThreadPool alone(1);
  Lists apart;
  for (size_t q = 0; q < queries.size(); ++q) {
    for (auto& list : nearest_tokens(queries.item(q), *index_, {.k = 7}, alone)) {
      apart.push_back(std::move(list));
    }
  }
  EXPECT_EQ(apart, together);
}

TEST_F(NearestTokens, NullVectorsAreNearNothing) {
  const Embeddings zero{kDim, std::vector<float>(kDim), {0, 1}};
  const Lists lists = search(zero, 5);
  ASSERT_EQ(lists[0].size(), 5U);
  for (const NearToken& near : lists[0]) EXPECT_EQ(near.cosine, 0.0F);
}

TEST_F(NearestTokens, WhatCannotBeIsRefused) {
  EXPECT_THROW(search(random_batch(kDim + 1, {1}, 1), 5), std::invalid_argument);
  EXPECT_THROW(search(random_batch(kDim, {1}, 1), 0), std::invalid_argument);
}

}  // namespace
}  // namespace maxsimd
