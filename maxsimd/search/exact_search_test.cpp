#include "maxsimd/search/exact_search.h"

#include <gtest/gtest.h>

#include <map>
#include <numeric>

#include "maxsimd/index/index_testing.h"

namespace maxsimd {
namespace {

using index_testing::batch_of;
using index_testing::brute_force_maxsim;
using index_testing::decoded;
using index_testing::item_of;
using index_testing::kCodecs;
using index_testing::message_of;
using index_testing::random_batch;
using index_testing::random_lengths;

using Rankings = std::vector<std::vector<ScoredDocument>>;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

CodedEmbeddings coded(const Embeddings& batch, Codec codec,
                      kernels::Isa isa = kernels::best_isa()) {
  CodedEmbeddings documents(batch.dim, codec, isa);
  documents.append(batch);
  return documents;
}

// Ragged documents over several blocks, some empty, some repeated (ties).
Embeddings ragged_documents(size_t dim) {
  Embeddings batch = random_batch(dim, random_lengths(400, 0, 60, 31), 32);
  for (const size_t repeated : {17U, 3U, 17U}) {
    const Embeddings copy = item_of(batch, repeated);
    batch.append(copy.matrix(0));
  }
  return batch;
}

// All documents by double MaxSim over what is stored; int8 also rounds the query.
std::vector<double> oracle_scores(MatrixView<const float> query, const Embeddings& stored,
                                  Codec codec) {
  const std::vector<float> rounded = index_testing::rounded_to_int8(query);
  if (codec == Codec::int8) query.data = rounded.data();
  std::vector<double> scores;
  for (size_t document = 0; document < stored.size(); ++document) {
    scores.push_back(brute_force_maxsim(query, stored.matrix(document)));
  }
  return scores;
}

// `ranking` must be a ranking of all documents by the oracle's scores: each score equal within
// rounding, and the order that of the oracle wherever it separates two by more than rounding.
void expect_ranking_of(const std::vector<ScoredDocument>& ranking,
                       const std::vector<double>& scores) {
  constexpr double kRounding = 2e-5;
  ASSERT_EQ(ranking.size(), scores.size());
  std::vector<bool> seen(scores.size(), false);
  for (size_t rank = 0; rank < ranking.size(); ++rank) {
    const auto& [document, score] = ranking[rank];
    ASSERT_FALSE(seen[document]);
    seen[document] = true;
    if (scores[document] == -kInfinity) {
      EXPECT_EQ(score, -kInfinity);
    } else {
      EXPECT_NEAR(score, scores[document], kRounding);
    }
    if (rank == 0) continue;
    EXPECT_TRUE(ranks_before(ranking[rank - 1], ranking[rank]));
    EXPECT_GE(scores[ranking[rank - 1].document], scores[document] - kRounding);
  }
}

TEST(ExactSearch, EqualsBruteForceForEveryCodecAndInstructionSet) {
  for (const size_t dim : {7U, 96U, 97U, 128U}) {
    const Embeddings batch = ragged_documents(dim);
    const Embeddings queries = random_batch(dim, {32, 1, 33, 5}, 33);
    ThreadPool pool(2);
    for (const kernels::Isa isa : kernels::supported_isas()) {
      for (const Codec codec : kCodecs) {
        SCOPED_TRACE(testing::Message()
                     << dim << ' ' << kernels::isa_name(isa) << ' ' << codec_name(codec));
        const CodedEmbeddings documents = coded(batch, codec, isa);
        const Embeddings stored = decoded(documents);
        const Rankings rankings = search_exact(queries, documents, {.k = documents.size()}, pool);
        ASSERT_EQ(rankings.size(), queries.size());
        for (size_t q = 0; q < queries.size(); ++q) {
          expect_ranking_of(rankings[q], oracle_scores(queries.matrix(q), stored, codec));
        }
      }
    }
  }
}

TEST(ExactSearch, AnswersAreTheSameBitsForAnyNumberOfThreads) {
  const Embeddings batch = ragged_documents(96);
  const Embeddings queries = random_batch(96, random_lengths(20, 0, 12, 34), 35);
  for (const Codec codec : kCodecs) {
    const CodedEmbeddings documents = coded(batch, codec);
    ThreadPool one(1);
    const Rankings expected = search_exact(queries, documents, {.k = 25}, one);
    for (const size_t threads : {2U, 7U}) {
      ThreadPool pool(threads);
      EXPECT_EQ(search_exact(queries, documents, {.k = 25}, pool), expected) << threads;
    }
  }
}

TEST(ExactSearch, Int8AnswersAreTheSameBitsOnEveryInstructionSet) {
  const Embeddings batch = ragged_documents(96);
  const Embeddings queries = random_batch(96, {32, 9, 40}, 36);
  ThreadPool pool(2);
  const Rankings expected =
      search_exact(queries, coded(batch, Codec::int8, kernels::Isa::scalar), {.k = 500}, pool);
  for (const kernels::Isa isa : kernels::supported_isas()) {
    EXPECT_EQ(search_exact(queries, coded(batch, Codec::int8, isa), {.k = 500}, pool), expected)
        << kernels::isa_name(isa);
  }
}

TEST(ExactSearch, B35AnyKGivesTheLiveDocumentsOnly) {
  const CodedEmbeddings documents = coded(random_batch(8, {2, 3, 4}, 37), Codec::float32);
  const Embeddings query = random_batch(8, {5}, 38);
  ThreadPool pool(2);
  EXPECT_EQ(message_of([&] { search_exact(query, documents, {.k = 0}, pool); }),
            "search: k must be at least 1, got 0");
  const auto all = search_exact(query, documents, {.k = 3}, pool)[0];
  ASSERT_EQ(all.size(), 3U);
  for (const size_t k : {size_t{1}, size_t{2}, size_t{4}, size_t{10}, size_t{1'000'000'000},
                         std::numeric_limits<size_t>::max()}) {
    const auto hits = search_exact(query, documents, {.k = k}, pool)[0];
    const std::vector<ScoredDocument> expected(
        all.begin(), all.begin() + static_cast<long>(std::min<size_t>(k, 3)));
    EXPECT_EQ(hits, expected) << k;
  }
}

TEST(ExactSearch, B35FewSurvivorsOfAFilterAreAllFound) {
  const Embeddings batch = random_batch(16, random_lengths(10'000, 1, 3, 39), 40);
  const CodedEmbeddings documents = coded(batch, Codec::float16);
  std::vector<DocId> allowed;
  for (DocId document = 7; document < 10'000; document += 100) allowed.push_back(document);
  const Filter filter(documents.size(), allowed);
  const Embeddings queries = random_batch(16, std::vector<size_t>(1000, 2), 41);
  ThreadPool pool(2);
  for (const auto& hits : search_exact(queries, documents, {.k = 50, .filter = &filter}, pool)) {
    ASSERT_EQ(hits.size(), 50U);
    for (const auto& hit : hits) ASSERT_EQ(hit.document % 100, 7U);
  }
  const Filter survivor(documents.size(), std::vector<DocId>{4321});
  const auto hits = search_exact(queries, documents, {.k = 1, .filter = &survivor}, pool)[0];
  ASSERT_EQ(hits.size(), 1U);
  EXPECT_EQ(hits[0].document, 4321U);
}

TEST(ExactSearch, FilterGivesTheFullRankingWithoutTheOthers) {
  const CodedEmbeddings documents = coded(ragged_documents(96), Codec::int8);
  const Embeddings query = random_batch(96, {32}, 42);
  const std::vector<DocId> subset = {400, 17, 3, 17, 50, 402, 399, 0};
  const Filter filter(documents.size(), subset);
  EXPECT_EQ(filter.count(), 7U);
  ThreadPool pool(2);
  std::vector<ScoredDocument> expected;
  const Rankings all = search_exact(query, documents, {.k = 1000}, pool);
  for (const auto& hit : all[0]) {
    if (filter.contains(hit.document)) expected.push_back(hit);
  }
  EXPECT_EQ(search_exact(query, documents, {.k = 1000, .filter = &filter}, pool)[0], expected);
  const Filter nothing(documents.size());
  EXPECT_TRUE(search_exact(query, documents, {.k = 5, .filter = &nothing}, pool)[0].empty());
}

TEST(ExactSearch, FilterMistakesAreNamed) {
  const CodedEmbeddings documents = coded(random_batch(8, {2, 3}, 43), Codec::float32);
  ThreadPool pool(1);
  const Filter other(3);
  EXPECT_EQ(message_of([&] {
              search_exact(random_batch(8, {1}, 1), documents, {.k = 1, .filter = &other}, pool);
            }),
            "search: expected a filter over 2 documents, got one over 3");
  EXPECT_EQ(message_of([] {
              Filter(2, std::vector<DocId>{0, 2});
            }),
            "filter: expected a document number below 2, got 2");
}

TEST(ExactSearch, B37QueriesOfAnotherDimAndNonFiniteOnesAreRefusedByNumber) {
  const CodedEmbeddings documents = coded(random_batch(96, {2}, 44), Codec::float32);
  ThreadPool pool(1);
  EXPECT_EQ(message_of([&] { search_exact(random_batch(128, {32}, 1), documents, {}, pool); }),
            "index dim 96, got 128 (query 0)");
  Embeddings queries = random_batch(96, {1, 2}, 45);
  queries.values[96 * 2 + 4] = std::nanf("");
  EXPECT_EQ(message_of([&] { search_exact(queries, documents, {}, pool); }),
            "query 1: value nan at row 1, dimension 4: expected finite values of magnitude at most "
            "1e+15");
}

TEST(ExactSearch, B37EmptyQueryHasNoHitsAndEmptyDocumentsComeLast) {
  const CodedEmbeddings documents = coded(batch_of(2, {{}, {{-1, 0}}, {}, {{-2, 0}}}), Codec::int8);
  ThreadPool pool(1);
  const Rankings rankings = search_exact(batch_of(2, {{}, {{1, 0}}}), documents, {}, pool);
  EXPECT_TRUE(rankings[0].empty());
  ASSERT_EQ(rankings[1].size(), 4U);
  EXPECT_EQ(rankings[1][0].document, 1U);
  EXPECT_EQ(rankings[1][1].document, 3U);
  EXPECT_EQ(rankings[1][2], (ScoredDocument{0, -kInfinity}));
  EXPECT_EQ(rankings[1][3], (ScoredDocument{2, -kInfinity}));
}

TEST(ExactSearch, EmptyCorpusAndEmptyBatchGiveEmptyAnswers) {
  ThreadPool pool(2);
  const CodedEmbeddings nothing(96, Codec::int8);
  const Rankings rankings = search_exact(random_batch(96, {4, 5}, 46), nothing, {}, pool);
  EXPECT_EQ(rankings, Rankings(2));
  EXPECT_TRUE(search_exact(Embeddings{}, nothing, {}, pool).empty());
}

TEST(ExactSearch, B38EachQueryOfABatchGetsItsSingleAnswer) {
  const Embeddings batch = ragged_documents(96);
  const Embeddings queries = random_batch(96, {3, 32, 7}, 47);
  ThreadPool pool(2);
  for (const Codec codec : kCodecs) {
    const CodedEmbeddings documents = coded(batch, codec);
    Rankings single;
    for (size_t q = 0; q < 3; ++q) {
      single.push_back(search_exact(item_of(queries, q), documents, {}, pool)[0]);
    }
    std::vector<size_t> order = {0, 1, 2};
    do {
      Embeddings permuted;
      permuted.dim = 96;
      for (const size_t q : order) permuted.append(queries.matrix(q));
      permuted.append(queries.matrix(order[0]));  // the same query twice
      const Rankings rankings = search_exact(permuted, documents, {}, pool);
      for (size_t i = 0; i < 3; ++i) EXPECT_EQ(rankings[i], single[order[i]]);
      EXPECT_EQ(rankings[3], rankings[0]);
    } while (std::next_permutation(order.begin(), order.end()));
  }
}

TEST(ExactSearch, B38MoreQueriesThanOnePassHolds) {
  const CodedEmbeddings documents =
      coded(random_batch(32, random_lengths(90, 0, 20, 50), 51), Codec::int8);
  const Embeddings queries = random_batch(32, random_lengths(257, 1, 40, 48), 49);
  ThreadPool pool(2);
  const Rankings rankings = search_exact(queries, documents, {.k = 5}, pool);
  ASSERT_EQ(rankings.size(), 257U);
  for (size_t q = 0; q < 257; ++q) {
    EXPECT_EQ(rankings[q], search_exact(item_of(queries, q), documents, {.k = 5}, pool)[0]);
  }
}

TEST(ExactSearch, B42NearTiesKeepTheirOrder) {
  const Embeddings query = batch_of(1, {index_testing::Rows(32, {1.0F})});
  ThreadPool pool(1);
  const auto half =
      search_exact(query, coded(batch_of(1, {{{0.71F}}, {{0.7104F}}}), Codec::float16), {}, pool);
  EXPECT_EQ(half[0], (std::vector<ScoredDocument>{{1, 22.734375F}, {0, 22.71875F}}));
}

TEST(ExactSearch, B50IdenticalDocumentsComeInInsertionOrder) {
  Embeddings batch = random_batch(96, random_lengths(300, 20, 40, 50), 51);
  const Embeddings same = random_batch(96, {30}, 52);
  const size_t first = batch.size();
  for (int copy = 0; copy < 20; ++copy) batch.append(same.matrix(0));
  for (const Codec codec : kCodecs) {
    const CodedEmbeddings documents = coded(batch, codec);
    for (const size_t threads : {1U, 8U}) {
      ThreadPool pool(threads);
      for (int round = 0; round < 5; ++round) {
        const auto hits = search_exact(same, documents, {.k = 20}, pool)[0];
        ASSERT_EQ(hits.size(), 20U);
        for (size_t rank = 0; rank < 20; ++rank) {
          EXPECT_EQ(hits[rank].document, first + rank);
          EXPECT_EQ(hits[rank].score, hits[0].score);
        }
      }
    }
  }
}

}  // namespace
}  // namespace maxsimd
