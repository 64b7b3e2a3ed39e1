// Search by graphs over an index folder, compared with exact search.
#include "maxsimd/search/hnsw_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>

#include "maxsimd/search/index_search_testing.h"

namespace maxsimd {
namespace {

using index_search_testing::Ids;
using index_search_testing::numbered;
using index_search_testing::TestFolder;
using index_testing::message_of;
using index_testing::random_batch;
using index_testing::random_lengths;
using Rankings = std::vector<std::vector<ScoredDocument>>;

constexpr size_t kDim = 24;
constexpr HnswParameters kAll{.k_token = 1'000'000, .ef_search = 1};

// Documents of rows near the centres of topics, as token vectors are.
Embeddings documents_of_topics(size_t count, uint32_t seed) {
  constexpr size_t kTopics = 60;
  const Embeddings centres = random_batch(kDim, {kTopics}, 9);
  const std::vector<size_t> lengths = random_lengths(count, 1, 14, seed);
  Embeddings documents = random_batch(kDim, lengths, seed + 1);
  std::mt19937 random(seed);
  for (size_t t = 0; t < documents.num_tokens(); ++t) {
    float* row = documents.values.data() + t * kDim;
    const float* centre = centres.values.data() + random() % kTopics * kDim;
    float squares = 0.0F;
    for (size_t d = 0; d < kDim; ++d) {
      row[d] = centre[d] + 0.7F * row[d];
      squares += row[d] * row[d];
    }
    for (size_t d = 0; d < kDim; ++d) row[d] /= std::sqrt(squares);
  }
  return documents;
}

// Three segments with graphs, of about 1,000 vectors each, and one without, of few; documents of
// every one removed, and some without rows.
class HnswSearch : public testing::Test {
 protected:
  HnswSearch() {
    IndexWriter writer = IndexWriter::create(
        folder_.path(),
        {.dim = kDim, .kind = IndexKind::hnsw, .codec = Codec::int8, .m = 8, .ef_construction = 40},
        {.pool = &pool_, .fewest_listed_vectors = 300});
    for (uint32_t piece = 0; piece < 4; ++piece) {
      add(writer, documents_of_topics(piece < 3 ? 140 : 20, 100 * piece));
      writer.optimize();
    }
    add(writer, random_batch(kDim, {0, 0}, 1));
    writer.remove(Ids{"d3", "d150", "d151", "d290", "d425"});
    writer.commit();
    index_.emplace(writer.snapshot());
  }

  void add(IndexWriter& writer, const Embeddings& rows) {
    Ids ids;
    for (size_t i = 0; i < rows.size(); ++i) ids.push_back(numbered("d", num_ids_++));
    writer.add({.ids = ids, .embeddings = &rows});
  }

  Rankings search(const Embeddings& queries, const SearchOptions& options,
                  const HnswParameters& parameters = {}) {
    SearchOptions all = options;
    all.hnsw = parameters;
    return search_hnsw(queries, *index_, all, pool_);
  }
  Rankings exact(const Embeddings& queries, const SearchOptions& options) {
    return search_exact(queries, *index_, options, pool_);
  }

  TestFolder folder_;
  ThreadPool pool_{2};
  size_t num_ids_ = 0;
  std::optional<Index> index_;
};

TEST_F(HnswSearch, IsOverSegmentsWithAndWithoutGraphs) {
  size_t with = 0, without = 0;
  for (const IndexPart& part : index_->parts()) ++(part.graph != nullptr ? with : without);
  EXPECT_EQ(with, 3U);
  EXPECT_GE(without, 1U);
}

TEST_F(HnswSearch, ForAllVectorsIsExactSearch) {
  const Embeddings queries = random_batch(kDim, {8, 1, 0, 33}, 5);
  Ids some;
  for (size_t i = 0; i < num_ids_; i += 3) some.push_back(numbered("d", i));
  const Filter third = index_->filter_ids(some);
  const Filter none = index_->filter_ids(Ids{"d3"});
  for (const Filter* filter : {static_cast<const Filter*>(nullptr), &third, &none}) {
    for (const size_t k : {size_t{1}, size_t{10}, size_t{139}, size_t{430}, size_t{100'000}}) {
      const SearchOptions options{.k = k, .filter = filter};
      EXPECT_EQ(search(queries, options, kAll), exact(queries, options)) << k;
    }
  }
}

TEST_F(HnswSearch, FindsNearlyAllByFewVectorsAndScoresThemExactly) {
  const Embeddings queries = documents_of_topics(40, 77);
  const Rankings found = search(queries, {.k = 10}, {.k_token = 60, .ef_search = 120});
  const Rankings expected = exact(queries, {.k = 10});
  const Rankings all = exact(queries, {.k = 1000});
  size_t num_found = 0;
  for (size_t q = 0; q < queries.size(); ++q) {
    ASSERT_EQ(found[q].size(), 10U);
    for (const ScoredDocument& hit : found[q]) {
      EXPECT_EQ(std::ranges::count(all[q], hit), 1);
      num_found += static_cast<size_t>(std::ranges::count(expected[q], hit));
    }
  }
  EXPECT_GE(num_found, queries.size() * 10 * 95 / 100);
}

// The one nearest vector of a query that is a document's row is that row.
TEST_F(HnswSearch, ByOneVectorARowFindsTheDocumentItIsFrom) {
  const Embeddings documents = documents_of_topics(140, 100);
  for (size_t i = 20; i < 40; ++i) {
    const auto found =
        search(index_testing::item_of(documents, i), {.k = 1}, {.k_token = 1, .ef_search = 50});
    EXPECT_EQ(index_->id(found[0][0].document), numbered("d", 140 + i));
  }
}

TEST_F(HnswSearch, HasAsManyHitsAsAreAskedForAndAllowed) {
  const Embeddings queries = random_batch(kDim, {1, 4}, 6);
  Ids some;
  for (size_t i = 0; i < num_ids_; i += 7) some.push_back(numbered("d", i));
  const Filter filter = index_->filter_ids(some);
  for (const size_t k : {size_t{1}, size_t{9}, size_t{50}, size_t{300}, index_->size() - 1}) {
    for (const auto& hits : search(queries, {.k = k}, {.k_token = 1, .ef_search = 1})) {
      EXPECT_EQ(hits.size(), k);
    }
    for (const auto& hits :
         search(queries, {.k = k, .filter = &filter}, {.k_token = 1, .ef_search = 1})) {
      EXPECT_EQ(hits.size(), std::min(k, filter.count()));
      for (const ScoredDocument& hit : hits) {
        EXPECT_TRUE(std::ranges::count(some, std::string(index_->id(hit.document))) == 1);
      }
    }
  }
}

TEST_F(HnswSearch, FewerHitsAreTheBeginningOfMore) {
  const Embeddings queries = random_batch(kDim, {8, 3}, 7);
  const HnswParameters few{.k_token = 5, .ef_search = 10};
  const Rankings ten = search(queries, {.k = 10}, few);
  for (size_t k = 1; k < 10; ++k) {
    const Rankings fewer = search(queries, {.k = k}, few);
    for (size_t q = 0; q < queries.size(); ++q) {
      EXPECT_TRUE(std::ranges::equal(fewer[q], std::span(ten[q]).first(k))) << k;
    }
  }
}

TEST_F(HnswSearch, DoesNotDependOnThreadsOrOtherQueries) {
  const Embeddings queries = random_batch(kDim, random_lengths(70, 0, 12, 8), 8);
  const HnswParameters few{.k_token = 7, .ef_search = 9};
  const Rankings expected = search(queries, {.k = 20}, few);
  for (const size_t threads : {1U, 3U, 7U}) {
    ThreadPool pool(threads);
    EXPECT_EQ(search_hnsw(queries, *index_, {.k = 20, .hnsw = few}, pool), expected) << threads;
  }
  for (size_t q = 0; q < queries.size(); ++q) {
    EXPECT_EQ(search(index_testing::item_of(queries, q), {.k = 20}, few)[0], expected[q]);
  }
}

TEST_F(HnswSearch, RefusesWhatMakesNoSense) {
  const Embeddings query = random_batch(kDim, {2}, 9);
  EXPECT_EQ(message_of([&] { search(query, {.k = 0}); }), "search: k must be at least 1, got 0");
  EXPECT_EQ(message_of([&] { search(query, {}, {.k_token = 0}); }),
            "search: k_token and ef_search must be at least 1, got 0 and 200");
  EXPECT_EQ(message_of([&] { search(query, {}, {.ef_search = 0}); }),
            "search: k_token and ef_search must be at least 1, got 100 and 0");
  EXPECT_EQ(message_of([&] { search(random_batch(7, {2}, 1), {}); }),
            "index dim 24, got 7 (query 0)");
  const Filter other(3);
  EXPECT_NE(message_of([&] { search(query, {.filter = &other}); }).find("expected a filter over"),
            std::string::npos);
  const TestFolder folder;
  const IndexWriter writer = IndexWriter::create(folder.path(), {.dim = kDim});
  EXPECT_NE(message_of([&] {
              search_hnsw(query, writer.snapshot(), {}, pool_);
            }).find("expected codec int8, found float32"),
            std::string::npos);
}

}  // namespace
}  // namespace maxsimd
