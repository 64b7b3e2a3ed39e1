// tune() beside what it says: its recalls are measured again here, by other code.
#include "maxsimd/evaluation/tuning.h"

#include <gtest/gtest.h>

#include <set>
#include <stdexcept>

#include "maxsimd/index/index_writer.h"
#include "maxsimd/search/exact_search.h"
#include "maxsimd/search/index_search_testing.h"
#include "maxsimd/search/plaid_testing.h"

namespace maxsimd {
namespace {

using index_search_testing::Ids;
using index_search_testing::numbered;
using index_search_testing::TestFolder;
using index_testing::random_lengths;
using plaid_testing::ClusteredVectors;

constexpr size_t kDim = 32;
constexpr size_t kDocuments = 800;

class Tuning : public testing::Test {
 protected:
  Tuning() {
    build(folder_.path(),
          {.dim = kDim, .kind = IndexKind::plaid, .codec = Codec::residual, .nbits = 2});
    queries_ = vectors_.items(std::vector<size_t>(40, 16));
  }

  /// The same documents each time.
  void build(const std::filesystem::path& folder, const IndexSettings& settings) {
    IndexWriter writer = IndexWriter::create(
        folder, settings, {.pool = &pool_, .num_centroids = 128, .fewest_listed_vectors = 500});
    vectors_ = ClusteredVectors({.dim = kDim}, 7);
    Ids ids;
    for (size_t i = 0; i < kDocuments; ++i) ids.push_back(numbered("d", i));
    const Embeddings rows = vectors_.items(random_lengths(kDocuments, 5, 30, 1));
    writer.add({.ids = ids, .embeddings = &rows});
    writer.commit();
    writer.optimize();
  }

  Retriever retriever() const { return Retriever(Index::open(folder_.path())); }

  // Of the queries first, first + 2, ...
  double recall(const TuningPoint& point, size_t k, size_t first) {
    return recall(retriever(), point, k, first);
  }
  double recall(const Retriever& searched, const TuningPoint& point, size_t k, size_t first) {
    size_t hits = 0, all = 0;
    for (size_t q = first; q < queries_.size(); q += 2) {
      const Embeddings query = queries_.item(q);
      std::set<DocId> expected;
      const auto exact = search_exact(query, searched.index(), {.k = k}, pool_);
      for (const auto& hit : exact[0]) expected.insert(hit.document);
      const auto found =
          searched.search(query, {.k = k, .plaid = point.plaid, .hnsw = point.hnsw}, pool_);
      for (const auto& hit : found[0]) hits += expected.count(hit.document);
      all += expected.size();
    }
    return static_cast<double>(hits) / static_cast<double>(all);
  }

  TestFolder folder_;
  ThreadPool pool_{2};
  ClusteredVectors vectors_{{.dim = kDim}, 7};
  Embeddings queries_;
};

TEST_F(Tuning, ChoosesTheCheapestMeasuredSettingThatKeepsTheRecall) {
  size_t calls = 0;
  const TuningReport report = tune(retriever(), queries_,
                                   {.k = 10,
                                    .recall = 0.95,
                                    .progress =
                                        [&](size_t done, size_t most) {
                                          EXPECT_EQ(done, ++calls);
                                          EXPECT_LE(done, most);
                                        }},
                                   pool_);
  EXPECT_TRUE(report.keeps_recall);
  EXPECT_EQ(report.choosing_queries, 20);
  EXPECT_EQ(report.judging_queries, 20);
  EXPECT_EQ(calls, report.curve.size());
  EXPECT_GE(report.chosen.recall, 0.95);
  for (const TuningPoint& point : report.curve) {
    EXPECT_FLOAT_EQ(static_cast<float>(recall(point, 10, 0)), static_cast<float>(point.recall));
    if (point.recall >= 0.95) {
      EXPECT_GE(point.p50_ms, report.chosen.p50_ms);
    }
  }
  EXPECT_FLOAT_EQ(static_cast<float>(recall(report.chosen, 10, 1)),
                  static_cast<float>(report.judged_recall));
}

TEST_F(Tuning, FullRecallIsReachedBecauseScoringEverythingIsExact) {
  const TuningReport report = tune(retriever(), queries_, {.k = 5, .recall = 1.0}, pool_);
  EXPECT_TRUE(report.keeps_recall);
  EXPECT_EQ(report.chosen.recall, 1.0);
}

TEST_F(Tuning, HigherRecallIsNeverFoundWithFewerScoresAtTheSameProbes) {
  const TuningReport report = tune(retriever(), queries_, {.k = 10, .recall = 0.99}, pool_);
  for (const TuningPoint& a : report.curve) {
    for (const TuningPoint& b : report.curve) {
      if (a.plaid.n_ivf_probe != b.plaid.n_ivf_probe) continue;
      if (a.plaid.n_full_scores < b.plaid.n_full_scores) {
        EXPECT_LE(a.recall, b.recall);
      }
    }
  }
}

TEST_F(Tuning, GraphsAreTunedByTheirOwnKnobs) {
  TestFolder folder;
  build(
      folder.path(),
      {.dim = kDim, .kind = IndexKind::hnsw, .codec = Codec::int8, .m = 4, .ef_construction = 20});
  const Retriever searched(Index::open(folder.path()));
  const TuningReport report = tune(searched, queries_, {.k = 10, .recall = 0.9}, pool_);
  EXPECT_TRUE(report.keeps_recall);
  EXPECT_EQ(report.chosen.plaid, PlaidParameters{});
  std::set<size_t> tokens;
  for (const TuningPoint& point : report.curve) {
    tokens.insert(point.hnsw.k_token);
    EXPECT_GE(point.hnsw.ef_search, point.hnsw.k_token);
    EXPECT_FLOAT_EQ(static_cast<float>(recall(searched, point, 10, 0)),
                    static_cast<float>(point.recall));
  }
  EXPECT_GT(tokens.size(), 1U);
  EXPECT_FLOAT_EQ(static_cast<float>(recall(searched, report.chosen, 10, 1)),
                  static_cast<float>(report.judged_recall));
}

TEST_F(Tuning, RefusesWhatCannotBeTuned) {
  EXPECT_THROW(tune(retriever(), queries_, {.k = 0}, pool_), std::invalid_argument);
  EXPECT_THROW(tune(retriever(), queries_, {.recall = 0.0}, pool_), std::invalid_argument);
  EXPECT_THROW(tune(retriever(), queries_, {.recall = 1.5}, pool_), std::invalid_argument);
  EXPECT_THROW(tune(retriever(), queries_.item(0), {}, pool_), std::invalid_argument);
  TestFolder other;
  IndexWriter::create(other.path(), {.dim = kDim});
  EXPECT_THROW(tune(Retriever(Index::open(other.path())), queries_, {}, pool_),
               std::invalid_argument);
}

TEST_F(Tuning, RefusesQueriesOfWhichNoneHasAnAnswer) {
  const Embeddings no_rows{kDim, {}, {0, 0, 0, 0}};
  EXPECT_THROW(tune(retriever(), no_rows, {}, pool_), std::invalid_argument);
  Embeddings one_half = queries_.item(0);
  one_half.offsets.push_back(one_half.offsets.back());
  EXPECT_THROW(tune(retriever(), one_half, {}, pool_), std::invalid_argument);
}

}  // namespace
}  // namespace maxsimd
