// Search over an index folder: whatever was added, replaced, removed, merged and reopened, the
// answer is that of a scan over the live documents in the order of adding.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "maxsimd/search/index_search_testing.h"

namespace maxsimd {
namespace {

using index_search_testing::Ids;
using index_search_testing::MirroredIndex;
using index_search_testing::numbered;
using index_search_testing::unit_rows;
using index_testing::batch_of;
using index_testing::brute_force_maxsim;
using index_testing::item_of;
using index_testing::kCodecs;
using index_testing::message_of;
using index_testing::random_batch;
using index_testing::random_lengths;

using AllHits = std::vector<std::vector<Hit>>;

constexpr size_t kDim = 24;

AllHits search_list(const MirroredIndex& mirrored, const Embeddings& queries,
                    const SearchOptions& options, ThreadPool& pool) {
  return retrieve(queries, mirrored.list().coded(mirrored.codec()), mirrored.list().ids(), options,
                  pool);
}

// Scores by the textbook, over what the index stores.
void expect_scores_of_brute_force(const MirroredIndex& mirrored, const Index& index,
                                  const Embeddings& query, const std::vector<Hit>& hits) {
  std::vector<float> rows(query.values);
  if (mirrored.codec() == Codec::int8) rows = index_testing::rounded_to_int8(query.matrix(0));
  ASSERT_EQ(hits.size(), index.size());
  for (const Hit& hit : hits) {
    const CodedRows stored = index.rows(*index.find(hit.id));
    const std::vector<float> values = decode(stored, index.kernels());
    const double expected = brute_force_maxsim({rows.data(), query.num_tokens(), kDim},
                                               {values.data(), stored.num_rows(), kDim});
    if (std::isinf(expected)) {
      EXPECT_EQ(hit.score, expected);
    } else {
      EXPECT_NEAR(hit.score, expected, 2e-5);
    }
  }
}

void expect_answers_of_the_list(const MirroredIndex& mirrored, const Index& index, uint32_t seed) {
  ASSERT_EQ(index.size(), mirrored.list().size());
  const Embeddings queries = random_batch(kDim, {9, 0, 33}, seed);
  for (const size_t threads : {1U, 2U}) {
    ThreadPool pool(threads);
    for (const size_t k : {size_t{1}, size_t{10}, size_t{1'000'000'000}}) {
      ASSERT_EQ(retrieve(queries, index, {.k = k}, pool),
                search_list(mirrored, queries, {.k = k}, pool));
    }
  }
  ThreadPool pool(2);
  const AllHits all = retrieve(queries, index, {.k = 1'000'000}, pool);
  expect_scores_of_brute_force(mirrored, index, item_of(queries, 0), all[0]);
}

// Ids of a small pool, so that most adds replace.
Ids random_ids(size_t count, std::mt19937& random) {
  Ids ids;
  for (size_t i = 0; i < count; ++i) ids.push_back(numbered("d", random() % 150));
  return ids;
}

void change_at_random(MirroredIndex& mirrored, std::mt19937& random) {
  const Ids added = random_ids(random() % 30, random);
  const auto seed = static_cast<uint32_t>(random());
  mirrored.add(added, random_batch(kDim, random_lengths(added.size(), 0, 12, seed), seed ^ 1U));
  Ids removed = random_ids(random() % 8, random);
  std::sort(removed.begin(), removed.end());
  removed.erase(std::unique(removed.begin(), removed.end()), removed.end());
  mirrored.remove(removed);
}

TEST(IndexSearch, B27AddsReplacesRemovesAndMergesLeaveTheAnswersOfBruteForceInOrder) {
  for (const Codec codec : kCodecs) {
    SCOPED_TRACE(codec_name(codec));
    MirroredIndex mirrored(kDim, codec);
    std::mt19937 random(101);
    for (uint32_t round = 0; round < 40; ++round) {
      change_at_random(mirrored, random);
      if (round % 13 == 12) {
        mirrored.compact();
      } else {
        mirrored.commit();
      }
      if (round % 5 == 4) expect_answers_of_the_list(mirrored, mirrored.open(), round);
      if (round % 10 == 9) mirrored.reopen_writer();
      if (HasFatalFailure()) return;
    }
  }
}

TEST(IndexSearch, SnapshotsKeepTheirAnswersWhileTheIndexChanges) {
  MirroredIndex mirrored(kDim);
  std::mt19937 random(102);
  change_at_random(mirrored, random);
  mirrored.commit();
  const Index before = mirrored.open();
  const Embeddings queries = random_batch(kDim, {7, 20}, 103);
  ThreadPool pool(2);
  const AllHits expected = retrieve(queries, before, {.k = 500}, pool);
  for (int round = 0; round < 12; ++round) {
    change_at_random(mirrored, random);
    mirrored.commit();
    EXPECT_EQ(retrieve(queries, before, {.k = 500}, pool), expected);
  }
  mirrored.compact();
  EXPECT_EQ(retrieve(queries, before, {.k = 500}, pool), expected);
  expect_answers_of_the_list(mirrored, before.refresh(), 104);
}

TEST(IndexSearch, FiltersOfIdsGiveTheRankingWithoutTheOthers) {
  for (const Codec codec : kCodecs) {
    MirroredIndex mirrored(kDim, codec);
    std::mt19937 random(105);
    for (int round = 0; round < 6; ++round) {
      change_at_random(mirrored, random);
      mirrored.commit();
    }
    const Index index = mirrored.open();
    const Embeddings queries = random_batch(kDim, {9, 33}, 106);
    ThreadPool pool(2);
    const AllHits all = retrieve(queries, index, {.k = 500}, pool);
    const Ids subset = {"d3", "d14", "d15", "unknown", "d92", "d65", "d3", "d77", "d149"};
    const Filter filter = index.filter_ids(subset);
    AllHits expected(2);
    for (size_t q = 0; q < 2; ++q) {
      std::ranges::copy_if(all[q], std::back_inserter(expected[q]),
                           [&](const Hit& hit) { return std::ranges::count(subset, hit.id) > 0; });
    }
    ASSERT_GT(expected[0].size(), 2U);
    EXPECT_EQ(retrieve(queries, index, {.k = 500, .filter = &filter}, pool), expected);
    for (std::vector<Hit>& hits : expected) hits.resize(2);
    EXPECT_EQ(retrieve(queries, index, {.k = 2, .filter = &filter}, pool), expected);
  }
}

// A filter that says otherwise does not bring removed documents back.
TEST(IndexSearch, B27AFilterOverAllSlotsFindsLiveDocumentsOnly) {
  MirroredIndex mirrored(4);
  mirrored.add({"0", "1", "2"}, unit_rows(4, {0, 1, 2}));
  mirrored.commit();
  mirrored.remove({"1"});
  mirrored.commit();
  const Index index = mirrored.open();
  const Filter everything(Bitmap(index.num_slots(), true));
  ThreadPool pool(1);
  const SearchOptions options{.k = 10, .filter = &everything};
  EXPECT_EQ(retrieve(unit_rows(4, {1}), index, options, pool)[0],
            (std::vector<Hit>{{"0", 0.0F}, {"2", 0.0F}}));
  const Filter other(index.num_slots() + 1);
  EXPECT_THROW(retrieve(unit_rows(4, {1}), index, {.filter = &other}, pool), std::invalid_argument);
}

// Every e_i finds its own id first with score 1, or, when it is gone, nothing with that score.
void expect_each_finds_itself(const Index& index, const Ids& ids, size_t dim,
                              const std::vector<size_t>& dimensions) {
  ThreadPool pool(2);
  ASSERT_EQ(index.size(), ids.size());
  for (size_t dimension = 0; dimension < dim; ++dimension) {
    const auto hits = retrieve(unit_rows(dim, {dimension}), index, {.k = 10}, pool)[0];
    ASSERT_EQ(hits.size(), ids.size());
    const auto place = std::ranges::find(dimensions, dimension);
    if (place != dimensions.end()) {
      EXPECT_EQ(hits[0], (Hit{ids[static_cast<size_t>(place - dimensions.begin())], 1.0F}));
    }
    for (const Hit& hit : hits) {
      EXPECT_EQ(std::ranges::count(ids, hit.id), 1) << hit.id;
      EXPECT_EQ(hit.score == 1.0F, place != dimensions.end() && &hit == &hits[0]);
    }
  }
}

TEST(IndexSearch, B27AfterEachDeleteEveryDocumentFindsItself) {
  for (const Codec codec : kCodecs) {
    MirroredIndex mirrored(5, codec);
    mirrored.add({"0", "1", "2"}, unit_rows(5, {0, 1, 2}));
    mirrored.commit();
    mirrored.add({"3", "4"}, unit_rows(5, {3, 4}));
    mirrored.commit();
    const auto step = [&](const Ids& removed, const Ids& left,
                          const std::vector<size_t>& dimensions) {
      mirrored.remove(removed);
      mirrored.commit();
      expect_each_finds_itself(mirrored.open(), left, 5, dimensions);
      mirrored.reopen_writer();
    };
    expect_each_finds_itself(mirrored.open(), {"0", "1", "2", "3", "4"}, 5, {0, 1, 2, 3, 4});
    step({"1"}, {"0", "2", "3", "4"}, {0, 2, 3, 4});
    step({"0"}, {"2", "3", "4"}, {2, 3, 4});
    step({"4"}, {"2", "3"}, {2, 3});
    step({"nope"}, {"2", "3"}, {2, 3});
    step({"2"}, {"3"}, {3});
    step({"3"}, {}, {});
    mirrored.add({"9"}, unit_rows(5, {1}));
    step({}, {"9"}, {1});
  }
}

TEST(IndexSearch, B27RepeatedAndUnknownIdsInOneDeleteHurtNobody) {
  MirroredIndex mirrored(3);
  mirrored.add({"0", "1", "2"}, unit_rows(3, {0, 1, 2}));
  mirrored.commit();
  mirrored.writer().remove(Ids{"2", "2", "nope"});
  mirrored.commit();
  expect_each_finds_itself(mirrored.open(), {"0", "1"}, 3, {0, 1});
}

TEST(IndexSearch, B28AddingAnIdAgainReplacesItsRows) {
  for (const bool commit_between : {true, false}) {
    MirroredIndex mirrored(4);
    const auto commit = [&] {
      if (commit_between) mirrored.commit();
    };
    mirrored.add({"a", "b"}, unit_rows(4, {0, 2}));
    commit();
    mirrored.add({"a"}, unit_rows(4, {1}));
    mirrored.commit();
    expect_each_finds_itself(mirrored.open(), {"b", "a"}, 4, {2, 1});
    mirrored.remove({"a"});
    commit();
    mirrored.add({"a", "a"}, unit_rows(4, {3, 0}));
    mirrored.commit();
    expect_each_finds_itself(mirrored.open(), {"b", "a"}, 4, {2, 0});
    Embeddings none = batch_of(4, {{}});
    mirrored.add({"a"}, none);
    mirrored.commit();
    ThreadPool pool(1);
    EXPECT_EQ(retrieve(unit_rows(4, {0}), mirrored.open(), {}, pool)[0],
              (std::vector<Hit>{{"b", 0.0F}, {"a", -std::numeric_limits<float>::infinity()}}));
    mirrored.add({"a"}, batch_of(4, {{{0, 0, 0, 1}, {0, 1, 0, 0}, {0, 0, 0, 2}}}));
    mirrored.commit();
    EXPECT_EQ(retrieve(unit_rows(4, {3}), mirrored.open(), {}, pool)[0],
              (std::vector<Hit>{{"a", 2.0F}, {"b", 0.0F}}));
  }
}

TEST(IndexSearch, B28AThousandReAddsOfOneIdLeaveTheLastOne) {
  MirroredIndex mirrored(4);
  mirrored.add({"b"}, unit_rows(4, {2}));
  for (int round = 0; round < 1000; ++round) {
    mirrored.add({"a"}, unit_rows(4, {round % 2 == 0 ? size_t{0} : size_t{1}}));
    if (round % 50 == 0) mirrored.commit();
  }
  mirrored.commit();
  expect_each_finds_itself(mirrored.open(), {"b", "a"}, 4, {2, 1});
  mirrored.compact();
  expect_each_finds_itself(mirrored.open(), {"b", "a"}, 4, {2, 1});
}

TEST(IndexSearch, B35AnyKGivesTheLiveDocumentsOnly) {
  MirroredIndex mirrored(kDim);
  mirrored.add({"a", "x", "b", "c"}, random_batch(kDim, {2, 3, 4, 1}, 107));
  mirrored.commit();
  mirrored.remove({"x"});
  mirrored.commit();
  const Index index = mirrored.open();
  const Embeddings query = random_batch(kDim, {5}, 108);
  ThreadPool pool(2);
  EXPECT_EQ(message_of([&] { retrieve(query, index, {.k = 0}, pool); }),
            "search: k must be at least 1, got 0");
  const std::vector<Hit> all = retrieve(query, index, {.k = 3}, pool)[0];
  ASSERT_EQ(all.size(), 3U);
  for (const size_t k : {size_t{1}, size_t{3}, size_t{4}, size_t{10}, size_t{1'000'000'000},
                         std::numeric_limits<size_t>::max()}) {
    const std::vector<Hit> expected(all.begin(),
                                    all.begin() + static_cast<long>(std::min<size_t>(k, 3)));
    EXPECT_EQ(retrieve(query, index, {.k = k}, pool)[0], expected) << k;
  }
}

TEST(IndexSearch, B35FewSurvivorsOfManyDeletesAreAllFound) {
  MirroredIndex mirrored(16, Codec::float16);
  Ids ids, gone;
  for (size_t i = 0; i < 10'000; ++i) ids.push_back(std::to_string(i));
  for (size_t i = 0; i < 10'000; ++i) {
    if (i % 100 != 7) gone.push_back(ids[i]);
  }
  const Embeddings rows = random_batch(16, random_lengths(10'000, 1, 3, 109), 110);
  mirrored.writer().add({.ids = ids, .embeddings = &rows});
  mirrored.commit();
  EXPECT_TRUE(mirrored.writer().remove(gone).empty());
  mirrored.commit();
  const Embeddings queries = random_batch(16, std::vector<size_t>(1000, 2), 111);
  ThreadPool pool(2);
  for (const auto& hits : retrieve(queries, mirrored.open(), {.k = 50}, pool)) {
    ASSERT_EQ(hits.size(), 50U);
    for (const Hit& hit : hits) ASSERT_EQ(std::stoul(hit.id) % 100, 7U);
  }
  for (size_t i = 107; i < 10'000; i += 100) gone.push_back(ids[i]);
  mirrored.writer().remove(gone);
  mirrored.commit();
  const auto hits = retrieve(item_of(queries, 0), mirrored.open(), {.k = 1}, pool)[0];
  ASSERT_EQ(hits.size(), 1U);
  EXPECT_EQ(hits[0].id, "7");
}

TEST(IndexSearch, B37OtherDimsAreRefusedByNameAndNothingIsWritten) {
  MirroredIndex mirrored(kDim);
  mirrored.add({"a"}, random_batch(kDim, {2}, 112));
  mirrored.commit();
  const Embeddings wide = random_batch(kDim + 8, {5}, 113);
  const Ids ids = {"x"};
  EXPECT_EQ(message_of([&] { mirrored.writer().add({.ids = ids, .embeddings = &wide}); }),
            "index dim 24, got 32 (document \"x\")");
  mirrored.commit();
  const Index index = mirrored.open();
  EXPECT_EQ(index.size(), 1U);
  ThreadPool pool(1);
  EXPECT_EQ(message_of([&] { retrieve(wide, index, {}, pool); }), "index dim 24, got 32 (query 0)");
  EXPECT_TRUE(retrieve(Embeddings{}, index, {}, pool).empty());
  EXPECT_TRUE(retrieve(random_batch(kDim, {0}, 1), index, {}, pool)[0].empty());
}

TEST(IndexSearch, B38EachQueryOfABatchGetsItsSingleAnswer) {
  MirroredIndex mirrored(kDim, Codec::int8);
  std::mt19937 random(114);
  for (int round = 0; round < 4; ++round) {
    change_at_random(mirrored, random);
    mirrored.commit();
  }
  const Index index = mirrored.open();
  const Embeddings queries = random_batch(kDim, random_lengths(257, 0, 40, 115), 116);
  ThreadPool pool(2);
  const AllHits batch = retrieve(queries, index, {.k = 5}, pool);
  ASSERT_EQ(batch.size(), 257U);
  for (size_t q = 0; q < 257; ++q) {
    EXPECT_EQ(batch[q], retrieve(item_of(queries, q), index, {.k = 5}, pool)[0]);
  }
}

TEST(IndexSearch, B50TwentyIdenticalDocumentsComeInTheOrderOfAddingThroughMergesAndReplaces) {
  for (const Codec codec : kCodecs) {
    MirroredIndex mirrored(kDim, codec);
    const Embeddings same = random_batch(kDim, {30}, 117);
    for (size_t document = 1; document <= 20; ++document) {
      mirrored.add({numbered("d", document)}, same);
      mirrored.add({numbered("other", document)}, random_batch(kDim, {20}, 118));
      if (document % 2 == 0) mirrored.commit();
    }
    mirrored.add({"d7"}, same);  // counts as added last
    mirrored.commit();
    for (const bool compacted : {false, true}) {
      if (compacted) mirrored.compact();
      const Index index = mirrored.open();
      for (const size_t threads : {1U, 8U}) {
        ThreadPool pool(threads);
        const auto hits = retrieve(same, index, {.k = 20}, pool)[0];
        ASSERT_EQ(hits.size(), 20U);
        EXPECT_EQ(hits[5].id, "d6");
        EXPECT_EQ(hits[6].id, "d8");
        EXPECT_EQ(hits[19].id, "d7");
        EXPECT_EQ(hits[0].score, hits[19].score);
        EXPECT_EQ(retrieve(same, index, {.k = 40}, pool),
                  search_list(mirrored, same, {.k = 40}, pool));
      }
    }
  }
}

TEST(IndexSearch, AnEmptyIndexGivesNoHits) {
  const MirroredIndex mirrored(kDim);
  ThreadPool pool(2);
  EXPECT_EQ(retrieve(random_batch(kDim, {3, 4}, 119), mirrored.open(), {}, pool), AllHits(2));
}

}  // namespace
}  // namespace maxsimd
