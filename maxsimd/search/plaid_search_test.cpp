#include "maxsimd/search/plaid_search.h"

#include <gtest/gtest.h>

#include <limits>
#include <numeric>
#include <set>

#include "maxsimd/base/errors.h"
#include "maxsimd/index/index_testing.h"
#include "maxsimd/search/exact_search.h"
#include "maxsimd/search/plaid_testing.h"

namespace maxsimd {
namespace {

using index_testing::item_of;
using index_testing::message_of;
using index_testing::random_lengths;
using plaid_testing::ClusteredVectors;
using plaid_testing::codebook_of;
using plaid_testing::TestCorpus;

using Ranking = std::vector<ScoredDocument>;
using Rankings = std::vector<Ranking>;

constexpr size_t kAll = 1'000'000;
constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// 300 documents of 0 to 40 rows, the last 12 the same one; queries from the same clusters.
struct Data {
  Embeddings documents, queries;

  explicit Data(size_t dim, const std::vector<size_t>& query_lengths = {32, 5, 1, 40}) {
    ClusteredVectors vectors({.dim = dim}, 91);
    documents = vectors.items(random_lengths(300, 0, 40, 92));
    const Embeddings same = vectors.items({20});
    for (int copy = 0; copy < 12; ++copy) documents.append(same.matrix(0));
    queries = vectors.items(query_lengths);
    queries.append(same.matrix(0));
  }
};

std::vector<DocId> numbers(size_t begin, size_t end, size_t step = 1) {
  std::vector<DocId> numbers;
  for (size_t i = begin; i < end; i += step) numbers.push_back(i);
  return numbers;
}

/// Two interleaved segments with lists, and one without.
TestCorpus three_segments(const Data& data, size_t num_centroids, size_t nbits) {
  TestCorpus corpus(codebook_of(data.documents, num_centroids, nbits), data.documents);
  corpus.add_segment(numbers(0, 250, 2), true);
  corpus.add_segment(numbers(1, 250, 2), true);
  corpus.add_segment(numbers(250, data.documents.size()), false);
  return corpus;
}

Rankings search(const TestCorpus& corpus, const Embeddings& queries, SearchOptions options,
                const PlaidParameters& parameters, size_t threads = 1,
                kernels::Isa isa = kernels::best_isa()) {
  ThreadPool pool(threads);
  const PlaidSearch plaid(corpus.view(isa));
  options.plaid = parameters;
  return plaid.search(queries, queries.dim, corpus.live(), options, pool);
}

/// Exact search over the decoded vectors; documents are numbered as in the corpus.
Rankings exact(const TestCorpus& corpus, const Embeddings& queries, size_t k,
               const Filter* filter = nullptr, kernels::Isa isa = kernels::best_isa()) {
  CodedEmbeddings documents(queries.dim, Codec::float32, isa);
  documents.append(corpus.decoded());
  ThreadPool pool(2);
  return search_exact(queries, documents, {.k = k, .filter = filter}, pool);
}

TEST(PlaidSearch, ScoringAllDocumentsEqualsExactSearchOverTheDecodedVectors) {
  for (const size_t nbits : {1U, 2U, 4U}) {
    for (const size_t dim : {32U, 45U, 96U}) {
      const Data data(dim);
      const TestCorpus corpus = three_segments(data, 70, nbits);
      for (const kernels::Isa isa : kernels::supported_isas()) {
        if (isa == kernels::Isa::scalar && dim != 32) continue;  // seconds
        for (const size_t k : {1U, 10U, 400U}) {
          SCOPED_TRACE(testing::Message() << nbits << " bits, dim " << dim << ", k " << k << ' '
                                          << kernels::isa_name(isa));
          EXPECT_EQ(search(corpus, data.queries, {.k = k},
                           {.n_ivf_probe = 70, .n_full_scores = kAll}, 1, isa),
                    exact(corpus, data.queries, k, nullptr, isa));
        }
      }
    }
  }
}

// n_full_scores is below the number of documents: candidates come from lists, of all centroids.
TEST(PlaidSearch, ProbingAllCentroidsFindsEveryDocumentWithVectors) {
  const Data data(32);
  const TestCorpus corpus = three_segments(data, 70, 4);
  const PlaidCorpus view = corpus.view();
  ThreadPool pool(1);
  PlaidQuery query(view);
  size_t with_vectors = 0;
  for (size_t i = 0; i < data.documents.size(); ++i) with_vectors += data.documents.rows(i) != 0;
  query.score_centroids(data.queries.matrix(0), pool);
  query.find_candidates(corpus.live(), corpus.live().count(), {.n_ivf_probe = 70}, 100);
  EXPECT_EQ(query.num_candidates(), with_vectors);
  query.approximate(100, pool);
  EXPECT_EQ(query.num_survivors(), 100U);
}

/// The documents that a brute-force reading of the lists makes candidates.
std::set<DocId> listed(const TestCorpus& corpus, MatrixView<const float> query, size_t n_ivf_probe,
                       float threshold) {
  const auto& codebook = corpus.codebook();
  std::set<size_t> probed;
  std::vector<float> best(codebook.num_centroids(), -kInfinity);
  for (size_t r = 0; r < query.rows; ++r) {
    std::vector<std::pair<float, size_t>> order;
    for (size_t c = 0; c < codebook.num_centroids(); ++c) {
      float dot = 0.0F;
      for (size_t d = 0; d < query.cols; ++d) {
        dot += query.row(r)[d] * codebook.centroids[c * query.cols + d];
      }
      order.emplace_back(-dot, c);
      best[c] = std::max(best[c], dot);
    }
    std::sort(order.begin(), order.end());
    for (size_t i = 0; i < n_ivf_probe; ++i) probed.insert(order[i].second);
  }
  std::set<DocId> found;
  for (const PlaidSegment& segment : corpus.view().segments) {
    for (size_t i = 0; i < segment.size(); ++i) {
      const auto ids = segment.centroids_of(i);
      const bool is_near = std::any_of(ids.begin(), ids.end(), [&](uint16_t id) {
        return probed.contains(id) && best[id] >= threshold;
      });
      if (is_near || (!segment.lists && !ids.empty())) found.insert(segment.documents[i]);
    }
  }
  return found;
}

TEST(PlaidSearch, CandidatesAreTheDocumentsNearTheBestCentroids) {
  const Data data(32);
  const TestCorpus corpus = three_segments(data, 70, 4);
  const PlaidCorpus view = corpus.view();
  ThreadPool pool(1);
  PlaidQuery query(view);
  for (size_t q = 0; q < data.queries.size(); ++q) {
    query.score_centroids(data.queries.matrix(q), pool);
    for (const size_t n_ivf_probe : {1U, 2U, 5U}) {
      for (const float threshold : {-2.0F, 0.5F, 0.75F}) {
        query.find_candidates(corpus.live(), corpus.live().count(),
                              {.n_ivf_probe = n_ivf_probe, .centroid_score_threshold = threshold},
                              1);
        EXPECT_EQ(query.num_candidates(),
                  listed(corpus, data.queries.matrix(q), n_ivf_probe, threshold).size())
            << q << ' ' << n_ivf_probe << ' ' << threshold;
      }
    }
  }
}

TEST(PlaidSearch, TheAnswerForKIsThePrefixOfAnyLargerOne) {
  const Data data(32);
  const TestCorpus corpus = three_segments(data, 70, 2);
  for (const size_t n_full_scores : {20U, 60U}) {
    const PlaidParameters parameters{.n_ivf_probe = 2, .n_full_scores = n_full_scores};
    const Rankings all = search(corpus, data.queries, {.k = n_full_scores}, parameters);
    for (size_t k = 1; k < n_full_scores; ++k) {
      const Rankings some = search(corpus, data.queries, {.k = k}, parameters);
      for (size_t q = 0; q < all.size(); ++q) {
        ASSERT_EQ(some[q], Ranking(all[q].begin(), all[q].begin() + static_cast<long>(k)));
      }
    }
  }
}

TEST(PlaidSearch, AnswersAreTheExactTopKOfTheSurvivorsWithoutRankingThemAll) {
  const Data data(96);
  const TestCorpus corpus = three_segments(data, 70, 4);
  const PlaidCorpus view = corpus.view();
  ThreadPool pool(1);
  PlaidQuery query(view);
  const Rankings expected = exact(corpus, data.queries, 10);
  for (size_t q = 0; q < data.queries.size(); ++q) {
    query.score_centroids(data.queries.matrix(q), pool);
    query.find_candidates(corpus.live(), corpus.live().count(), {}, kAll);
    query.approximate(kAll, pool);
    query.score_residuals(pool);
    EXPECT_EQ(query.rank(10, pool), expected[q]);
    EXPECT_LT(query.num_ranked(), 60U);
    EXPECT_GT(query.num_survivors(), 250U);
  }
}

TEST(PlaidSearch, AnswersAreTheSameBitsForAnyNumberOfThreads) {
  const Data data(96);
  const TestCorpus corpus = three_segments(data, 70, 4);
  const PlaidParameters parameters{.n_ivf_probe = 3, .n_full_scores = 50};
  const Rankings expected = search(corpus, data.queries, {.k = 30}, parameters);
  for (const size_t threads : {2U, 7U}) {  // one query a thread, and all threads for each
    EXPECT_EQ(search(corpus, data.queries, {.k = 30}, parameters, threads), expected);
    for (size_t q = 0; q < data.queries.size(); ++q) {
      EXPECT_EQ(search(corpus, item_of(data.queries, q), {.k = 30}, parameters, threads)[0],
                expected[q]);
    }
  }
}

TEST(PlaidSearch, ManyThreadsMayUseOneSearch) {
  const Data data(32);
  const TestCorpus corpus = three_segments(data, 70, 4);
  const PlaidParameters parameters{.n_ivf_probe = 3, .n_full_scores = 50};
  const Rankings expected = search(corpus, data.queries, {.k = 5}, parameters);
  const PlaidSearch plaid(corpus.view());
  std::vector<std::thread> threads;
  std::vector<Rankings> got(4);
  for (Rankings& rankings : got) {
    threads.emplace_back([&] {
      ThreadPool pool(1);
      for (int round = 0; round < 5; ++round) {
        rankings =
            plaid.search(data.queries, 32, corpus.live(), {.k = 5, .plaid = parameters}, pool);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const Rankings& rankings : got) EXPECT_EQ(rankings, expected);
}

double recall(const Rankings& got, const Rankings& expected) {
  size_t found = 0, total = 0;
  for (size_t q = 0; q < got.size(); ++q) {
    for (const ScoredDocument& hit : expected[q]) {
      ++total;
      found += std::any_of(got[q].begin(), got[q].end(), [&](const ScoredDocument& other) {
        return other.document == hit.document;
      });
    }
  }
  return static_cast<double>(found) / static_cast<double>(total);
}

TEST(PlaidSearch, RecallRisesWithTheParameters) {
  ClusteredVectors vectors({.dim = 64, .count = 300, .spread = 0.9F}, 95);
  const Embeddings documents = vectors.items(random_lengths(1500, 5, 30, 96));
  const Embeddings queries = vectors.items(std::vector<size_t>(20, 8), 3);
  TestCorpus corpus(codebook_of(documents, 256, 4), documents);
  corpus.add_segment(numbers(0, 1500), true);
  const Rankings expected = exact(corpus, queries, 10);
  const auto recall_with = [&](size_t n_ivf_probe, size_t n_full_scores) {
    return recall(search(corpus, queries, {.k = 10},
                         {.n_ivf_probe = n_ivf_probe, .n_full_scores = n_full_scores}),
                  expected);
  };
  EXPECT_LT(recall_with(16, 10), recall_with(16, 40));
  EXPECT_LT(recall_with(16, 40), recall_with(16, 200));
  EXPECT_GE(recall_with(16, 700), 0.97);
}

TEST(PlaidSearch, RecallRisesWithTheProbesWhereAllCandidatesAreScored) {
  ClusteredVectors vectors({.dim = 64, .count = 300, .spread = 0.9F}, 95);
  const Embeddings documents = vectors.items(random_lengths(1500, 5, 30, 96));
  const Embeddings queries = vectors.items(std::vector<size_t>(20, 3), 3);
  TestCorpus corpus(codebook_of(documents, 256, 4), documents);
  corpus.add_segment(numbers(0, 1500), true);
  const Rankings expected = exact(corpus, queries, 10);
  const PlaidCorpus view = corpus.view();
  ThreadPool pool(1);
  PlaidQuery query(view);
  double before = 0.0;
  for (const size_t n_ivf_probe : {1U, 3U, 40U}) {
    Rankings got;
    for (size_t q = 0; q < queries.size(); ++q) {
      query.score_centroids(queries.matrix(q), pool);
      query.find_candidates(corpus.live(), 1500, {.n_ivf_probe = n_ivf_probe}, 1);
      query.approximate(kAll, pool);
      query.score_residuals(pool);
      got.push_back(query.rank(10, pool));
    }
    EXPECT_GT(recall(got, expected), before) << n_ivf_probe;
    before = recall(got, expected);
  }
  EXPECT_GT(before, 0.99);
}

TEST(PlaidSearch, B35FiltersAndDeletesLeaveTheRankingOfTheOthers) {
  const Data data(32);
  TestCorpus corpus = three_segments(data, 70, 4);
  Filter left(data.documents.size());    // by number, as the exact search has it
  Filter filter(data.documents.size());  // by slot
  for (const PlaidSegment& segment : corpus.view().segments) {
    for (size_t i = 0; i < segment.size(); ++i) {
      const DocId number = segment.documents[i];
      if (number % 3 == 0) filter.add(segment.first_slot + i);
      if (number % 3 == 0 && number % 2 == 0) left.add(number);
    }
  }
  for (DocId number = 1; number < data.documents.size(); number += 2) corpus.remove(number);
  const PlaidParameters parameters{.n_ivf_probe = 1, .n_full_scores = 60};
  EXPECT_EQ(search(corpus, data.queries, {.k = 1000, .filter = &filter}, parameters),
            exact(corpus, data.queries, 1000, &left));
  const Filter nothing(data.documents.size());
  EXPECT_EQ(search(corpus, data.queries, {.filter = &nothing}, parameters),
            Rankings(data.queries.size()));
}

// Each removed document would be the best one.
TEST(PlaidSearch, RemovedDocumentsAreNeverFound) {
  const Data data(32);
  TestCorpus corpus = three_segments(data, 70, 4);
  for (DocId number = 0; number < data.documents.size(); number += 5) corpus.remove(number);
  for (DocId number = 0; number < data.documents.size(); ++number) {
    if (data.documents.rows(number) < 5 || number >= 300) continue;
    const Ranking hits = search(corpus, item_of(data.documents, number), {.k = 5},
                                {.n_ivf_probe = 2, .n_full_scores = 10})[0];
    if (number % 5 != 0) {
      EXPECT_EQ(hits[0].document, number);
    }
    for (const ScoredDocument& hit : hits) EXPECT_NE(hit.document % 5, 0U);
  }
}

TEST(PlaidSearch, B36AnyKGivesThatManyHitsAndEmptyDocumentsComeLast) {
  const Data data(32);
  const TestCorpus corpus = three_segments(data, 70, 4);
  const size_t size = data.documents.size();
  for (const size_t k : {size_t{1}, size_t{128}, size - 1, size, size + 1, size_t{1'000'000'000}}) {
    for (const Ranking& hits :
         search(corpus, data.queries, {.k = k}, {.n_ivf_probe = 1, .n_full_scores = 16})) {
      ASSERT_EQ(hits.size(), std::min(k, size));
      std::set<DocId> distinct;
      for (const ScoredDocument& hit : hits) {
        distinct.insert(hit.document);
        EXPECT_EQ(hit.score == -kInfinity, data.documents.rows(hit.document) == 0);
      }
      EXPECT_EQ(distinct.size(), hits.size());
      EXPECT_TRUE(std::is_sorted(hits.begin(), hits.end(), ranks_before));
    }
  }
}

TEST(PlaidSearch, B50TiesGoToTheDocumentAddedFirst) {
  const Data data(32);
  TestCorpus corpus(codebook_of(data.documents, 70, 4), data.documents);
  corpus.add_segment(numbers(1, 312, 2), true);  // of the same documents 300 .. 311 the odd ones
  corpus.add_segment(numbers(0, 312, 2), true);
  for (const size_t k : {1U, 5U, 12U}) {
    const Ranking hits = search(corpus, item_of(data.queries, 4), {.k = k},
                                {.n_ivf_probe = 2, .n_full_scores = k})[0];
    ASSERT_EQ(hits.size(), k);
    for (size_t i = 0; i < k; ++i) EXPECT_EQ(hits[i].document, 300 + i) << k;
  }
}

TEST(PlaidSearch, AThresholdThatPassesOverAllCentroidsHidesNoDocument) {
  const Data data(32);
  const TestCorpus corpus = three_segments(data, 70, 4);
  for (const size_t n_ivf_probe : {1U, 69U, 70U, 1000U}) {
    const Rankings hits =
        search(corpus, data.queries, {.k = 5},
               {.n_ivf_probe = n_ivf_probe, .n_full_scores = 5, .centroid_score_threshold = 9.0F});
    for (const Ranking& ranking : hits) EXPECT_EQ(ranking.size(), 5U) << n_ivf_probe;
  }
}

TEST(PlaidSearch, QueriesOfNextToNothingAreScoredAsByExactSearch) {
  Data data(32);
  for (size_t i = 0; i < data.queries.values.size(); ++i) {
    // All rows of the first queries, every second one of the others.
    const size_t row = i / 32;
    if (row < data.queries.num_tokens() / 2 || row % 2 == 0) data.queries.values[i] *= 1e-30F;
  }
  const TestCorpus corpus = three_segments(data, 70, 4);
  EXPECT_EQ(search(corpus, data.queries, {.k = 20}, {.n_full_scores = kAll}),
            exact(corpus, data.queries, 20));
}

TEST(PlaidSearch, QueriesOfZerosOfOneRowAndOfManyRows) {
  Data data(32, {300, 1, 2});
  Embeddings& queries = data.queries;
  const std::vector<float> zeros(32 * 3, 0.0F);
  queries.append({zeros.data(), 3, 32});
  queries.append({zeros.data(), 0, 32});
  Embeddings mixed = item_of(queries, 1);  // zeros beside another row
  mixed.values.insert(mixed.values.end(), zeros.begin(), zeros.begin() + 32);
  mixed.offsets.back() = 2;
  queries.append(mixed.matrix(0));
  const TestCorpus corpus = three_segments(data, 70, 4);
  EXPECT_EQ(search(corpus, queries, {.k = 400}, {.n_full_scores = kAll}),
            exact(corpus, queries, 400));
  const Rankings few = search(corpus, queries, {.k = 7}, {.n_ivf_probe = 1, .n_full_scores = 9});
  EXPECT_EQ(few[4].size(), 7U);
  EXPECT_EQ(few[4][0].score, 0.0F);
  EXPECT_TRUE(few[5].empty());
}

TEST(PlaidSearch, ACorpusOfOneVectorAndOfOneCentroid) {
  Embeddings documents;
  documents.dim = 3;
  const std::vector<float> row = {1.0F, 0.0F, 0.0F};
  documents.append({row.data(), 1, 3});
  TestCorpus corpus(codebook_of(documents, 1, 4), documents);
  corpus.add_segment({0}, true);
  EXPECT_EQ(search(corpus, documents, {.k = 3}, {.n_ivf_probe = 8})[0], (Ranking{{0, 1.0F}}));
  const Data data(32);
  const TestCorpus one = three_segments(data, 1, 1);
  EXPECT_EQ(search(one, data.queries, {.k = 5}, {.n_ivf_probe = 64, .n_full_scores = kAll}),
            exact(one, data.queries, 5));
  EXPECT_EQ(search(one, data.queries, {.k = 5}, {.n_ivf_probe = 64, .n_full_scores = 20})[0].size(),
            5U);
}

TEST(PlaidSearch, NothingToSearchGivesNoHits) {
  ThreadPool pool(2);
  const PlaidCorpus nothing{.kernels = &kernels::kernel_table(kernels::best_isa())};
  const Data data(8);
  EXPECT_EQ(PlaidSearch(nothing).search(data.queries, 8, Bitmap(), {}, pool),
            Rankings(data.queries.size()));
}

TEST(PlaidSearch, DocumentsStoredWholeAreScoredToo) {
  const Data data(32);
  TestCorpus corpus(codebook_of(data.documents, 70, 4), data.documents);
  corpus.add_segment(numbers(0, 200), true);
  CodedEmbeddings whole(32, Codec::float16);
  CodedEmbeddings all(32, Codec::float32);
  Embeddings mixed = corpus.decoded();
  for (DocId number = 200; number < data.documents.size(); ++number) {
    whole.append(item_of(data.documents, number));
  }
  const Embeddings halves = index_testing::decoded(whole);
  std::copy(halves.values.begin(), halves.values.end(),
            mixed.values.begin() + static_cast<long>(mixed.offsets[200] * 32));
  all.append(mixed);
  std::vector<DocumentBlock> blocks(whole.blocks().begin(), whole.blocks().end());
  const std::vector<DocId> documents = numbers(200, data.documents.size());
  for (DocumentBlock& block : blocks) {
    block.documents = std::span(documents).subspan(block.first_slot, block.size());
    block.first_slot += 200;
  }
  PlaidCorpus view = corpus.view();
  view.whole = blocks;
  view.num_slots = data.documents.size();
  ThreadPool pool(2);
  const Bitmap live(data.documents.size(), true);
  for (const size_t k : {1U, 10U, 312U}) {
    const Rankings expected = search_exact(data.queries, all, {.k = k}, pool);
    const Rankings got = PlaidSearch(view).search(data.queries, 32, live,
                                                  {.k = k, .plaid = {.n_full_scores = kAll}}, pool);
    ASSERT_EQ(got.size(), expected.size());
    for (size_t q = 0; q < got.size(); ++q) EXPECT_EQ(got[q], expected[q]) << k << ' ' << q;
  }
}

TEST(PlaidSearch, MistakesAreNamedAsExactSearchNamesThem) {
  const Data data(32);
  const TestCorpus corpus = three_segments(data, 7, 4);
  EXPECT_EQ(message_of([&] { search(corpus, data.queries, {.k = 0}, {}); }),
            "search: k must be at least 1, got 0");
  const Filter other(3);
  EXPECT_EQ(message_of([&] { search(corpus, data.queries, {.k = 1, .filter = &other}, {}); }),
            "search: expected a filter over 312 documents, got one over 3");
  Embeddings queries = item_of(data.queries, 0);
  queries.values[4] = kInfinity;
  EXPECT_NE(message_of([&] { search(corpus, queries, {}, {}); }).find("value inf at row 0"),
            std::string::npos);
}

}  // namespace
}  // namespace maxsimd
