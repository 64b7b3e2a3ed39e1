#include "maxsimd/search/rerank.h"

#include <gtest/gtest.h>

#include "maxsimd/index/index_testing.h"

namespace maxsimd {
namespace {

using index_testing::batch_of;
using index_testing::brute_force_maxsim;
using index_testing::message_of;
using index_testing::random_batch;
using index_testing::random_lengths;
using index_testing::Rows;

using Ids = std::vector<std::string>;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
const RerankOptions kPylate{.masking = Masking::pylate};

// One query over candidates {id, rows}.
std::vector<Hit> rerank_one(const Rows& query,
                            const std::vector<std::pair<std::string, Rows>>& candidates,
                            const RerankOptions& options = {}) {
  Ids ids;
  std::vector<Rows> items;
  for (const auto& [id, rows] : candidates) {
    ids.push_back(id);
    items.push_back(rows);
  }
  const size_t dim = query.empty() ? 2 : query.front().size();
  const std::vector<Ids> all_ids = {ids};
  const std::vector<Embeddings> documents = {batch_of(dim, items)};
  ThreadPool pool(2);
  return rerank(all_ids, batch_of(dim, {query}), documents, options, pool).front();
}

const Rows kQuery = {{1, 0}};
const Rows kA = {{-1, 0}};
const Rows kB = {{0, 1}, {0.6F, 0.8F}};

TEST(Rerank, B41ScoreDoesNotDependOnTheOtherCandidates) {
  const Rows c(500, {0, -1});
  EXPECT_EQ(rerank_one(kQuery, {{"A", kA}}), (std::vector<Hit>{{"A", -1.0F}}));
  EXPECT_EQ(rerank_one(kQuery, {{"A", kA}, {"B", kB}}),
            (std::vector<Hit>{{"B", 0.6F}, {"A", -1.0F}}));
  EXPECT_EQ(rerank_one(kQuery, {{"A", kA}, {"C", c}}),
            (std::vector<Hit>{{"C", 0.0F}, {"A", -1.0F}}));
}

TEST(Rerank, B41PylateMaskingPadsShorterCandidatesWithZeroRows) {
  EXPECT_EQ(rerank_one(kQuery, {{"A", kA}}, kPylate), (std::vector<Hit>{{"A", -1.0F}}));
  EXPECT_EQ(rerank_one(kQuery, {{"A", kA}, {"B", kB}}, kPylate),
            (std::vector<Hit>{{"B", 0.6F}, {"A", 0.0F}}));
  // The longest candidate itself is not padded.
  EXPECT_EQ(rerank_one(kQuery, {{"A", kA}, {"L", {{-1, 0}, {-2, 0}}}}, kPylate),
            (std::vector<Hit>{{"A", 0.0F}, {"L", -1.0F}}));
}

TEST(Rerank, B41NegativeRowsOfALongerQueryCount) {
  const Rows query = {{1, 0}, {-1, 0}, {-1, -1}};
  const Rows d = {{1, 0.5F}};  // similarities 1, -1, -1.5
  EXPECT_EQ(rerank_one(query, {{"D", d}, {"B", kB}})[1], (Hit{"D", -1.5F}));
  EXPECT_EQ(rerank_one(query, {{"D", d}, {"B", kB}}, kPylate)[0], (Hit{"D", 1.0F}));
}

TEST(Rerank, B41EmptyCandidateComesLast) {
  EXPECT_EQ(rerank_one(kQuery, {{"empty", {}}, {"A", kA}}),
            (std::vector<Hit>{{"A", -1.0F}, {"empty", -kInfinity}}));
  EXPECT_EQ(rerank_one(kQuery, {{"empty", {}}}, kPylate),
            (std::vector<Hit>{{"empty", -kInfinity}}));
  EXPECT_EQ(rerank_one(kQuery, {{"A", kA}, {"empty", {}}}, kPylate),
            (std::vector<Hit>{{"empty", 0.0F}, {"A", -1.0F}}));  // as PyLate's zero rows would
}

TEST(Rerank, TiesKeepTheCandidatesOrderAndRepeatedIdsStay) {
  EXPECT_EQ(rerank_one(kQuery, {{"z", kB}, {"A", kA}, {"a", kB}, {"z", kB}}),
            (std::vector<Hit>{{"z", 0.6F}, {"a", 0.6F}, {"z", 0.6F}, {"A", -1.0F}}));
}

TEST(Rerank, EmptyQueryAndEmptyCandidatesHaveNoHits) {
  EXPECT_TRUE(rerank_one({}, {{"A", kA}}).empty());
  EXPECT_TRUE(rerank_one(kQuery, {}).empty());
}

// PyLate's rank.rerank, written out: zero-pad to the longest, no mask.
double padded_score(MatrixView<const float> query, MatrixView<const float> document,
                    size_t padded_rows) {
  std::vector<float> padded(document.data, document.data + document.size());
  padded.resize(padded_rows * document.cols, 0.0F);
  return brute_force_maxsim(query, {padded.data(), padded_rows, document.cols});
}

TEST(Rerank, BothMaskingsEqualBruteForceForEveryInstructionSetAndThreads) {
  const size_t dim = 33;
  const Embeddings queries = random_batch(dim, {32, 5, 40}, 81);
  std::vector<Embeddings> documents;
  std::vector<Ids> ids;
  for (uint32_t q = 0; q < 3; ++q) {
    documents.push_back(random_batch(dim, random_lengths(30, 1, 6, 82 + q), 90 + q));
    ids.emplace_back();
    for (size_t c = 0; c < 30; ++c) ids.back().push_back(std::to_string(c));
  }
  for (const Masking masking : {Masking::exact, Masking::pylate}) {
    for (const kernels::Isa isa : kernels::supported_isas()) {
      ThreadPool pool(1), other_pool(7);
      const auto hits = rerank(ids, queries, documents, {masking}, pool, isa);
      EXPECT_EQ(rerank(ids, queries, documents, {masking}, other_pool, isa), hits);
      for (size_t q = 0; q < 3; ++q) {
        ASSERT_EQ(hits[q].size(), 30U);
        for (size_t rank = 0; rank < 30; ++rank) {
          const auto& [id, score] = hits[q][rank];
          const auto document = documents[q].matrix(std::stoul(id));
          const size_t rows = masking == Masking::pylate ? 6 : document.rows;
          EXPECT_NEAR(score, padded_score(queries.matrix(q), document, rows), 2e-5);
          EXPECT_GE(hits[q][rank == 0 ? 0 : rank - 1].score, score);
        }
      }
    }
  }
}

TEST(Rerank, StoredCandidatesScoreAsGivenOnes) {
  const Embeddings queries = random_batch(96, {32, 8}, 101);
  const Embeddings batch = random_batch(96, {9, 30, 4, 12}, 102);
  CodedEmbeddings stored(96, Codec::float32);
  stored.append(batch);
  ThreadPool pool(2);
  const std::vector<std::vector<DocId>> candidates = {{3, 1, 0}, {2, 2}};
  std::vector<Embeddings> documents(2);
  std::vector<Ids> ids(2);
  for (size_t q = 0; q < 2; ++q) {
    documents[q].dim = 96;
    for (const DocId document : candidates[q]) {
      documents[q].append(batch.matrix(document));
      ids[q].push_back(std::to_string(document));
    }
  }
  for (const RerankOptions& options : {RerankOptions{}, kPylate}) {
    const auto numbered = rerank(queries, stored, candidates, options, pool);
    const auto named = rerank(ids, queries, documents, options, pool);
    for (size_t q = 0; q < 2; ++q) {
      ASSERT_EQ(numbered[q].size(), named[q].size());
      for (size_t rank = 0; rank < named[q].size(); ++rank) {
        EXPECT_EQ(std::to_string(numbered[q][rank].document), named[q][rank].id);
        EXPECT_EQ(numbered[q][rank].score, named[q][rank].score);
      }
    }
  }
}

TEST(Rerank, MistakesAreNamed) {
  ThreadPool pool(1);
  const Embeddings queries = random_batch(4, {2, 3}, 1);
  const std::vector<Embeddings> documents = {random_batch(4, {2}, 1), random_batch(5, {2}, 1)};
  const std::vector<Ids> ids = {{"a"}, {"b"}};
  EXPECT_EQ(message_of([&] { rerank(ids, queries, documents, {}, pool); }),
            "query dim 4, got 5 (document \"b\")");
  EXPECT_EQ(message_of([&] { rerank(std::span(ids).first(1), queries, documents, {}, pool); }),
            "rerank: expected candidate ids for 2 queries, got 1");
  const std::vector<Ids> too_many = {{"a", "c"}, {"b"}};
  EXPECT_EQ(message_of([&] { rerank(too_many, queries, documents, {}, pool); }),
            "rerank: query 0 has 1 candidates and 2 ids");
  const CodedEmbeddings stored(4, Codec::float32);
  const std::vector<std::vector<DocId>> candidates = {{}, {0}};
  EXPECT_EQ(message_of([&] { rerank(queries, stored, candidates, {}, pool); }),
            "rerank: query 1: expected a document number below 0, got 0");
}

}  // namespace
}  // namespace maxsimd
