#include "maxsimd/graph/graph_search.h"

#include <gtest/gtest.h>

#include <limits>
#include <stdexcept>

#include "maxsimd/graph/graph_testing.h"

namespace maxsimd {
namespace {

/// More rows than would be compared one by one for an ef of up to 300.
constexpr size_t kRows = 12000;
constexpr size_t kQueries = 100;

struct Fixture {
  TestVectors vectors{kRows, 96, 1};
  TestVectors queries{kQueries, 96, 2, kRows / TestVectors::kClusterSize + 1};
  TestGraph graph{vectors.view(), {.m = 16, .ef_construction = 100}, 2};
};

const Fixture& fixture() {
  static const Fixture made;
  return made;
}

std::vector<Neighbour> found(const GraphSearch& search, std::span<const int8_t> query,
                             const GraphSearchOptions& options) {
  GraphScratch scratch;
  const auto neighbours = search.search(query, options, scratch);
  return {neighbours.begin(), neighbours.end()};
}

size_t num_common(std::span<const Neighbour> a, std::span<const Neighbour> b) {
  size_t count = 0;
  for (const Neighbour& neighbour : a) count += std::count(b.begin(), b.end(), neighbour) > 0;
  return count;
}

/// Words of a row set.
template <class Allowed>
std::pair<std::vector<uint64_t>, size_t> row_set(size_t size, Allowed allowed) {
  std::pair<std::vector<uint64_t>, size_t> set((size + 63) / 64, 0);
  for (size_t r = 0; r < size; ++r) {
    if (!allowed(static_cast<uint32_t>(r))) continue;
    set.first[r / 64] |= uint64_t{1} << (r % 64);
    ++set.second;
  }
  return set;
}

double recall(size_t ef) {
  const GraphSearch search(fixture().graph.view, fixture().vectors.view());
  size_t common = 0;
  for (size_t q = 0; q < kQueries; ++q) {
    const auto query = fixture().queries.query(q);
    common +=
        num_common(fixture().vectors.nearest(query, 10), found(search, query, {.k = 10, .ef = ef}));
  }
  return static_cast<double>(common) / (10.0 * kQueries);
}

TEST(GraphSearch, RecallIsHighAndGrowsWithEf) {
  const double low = recall(10);
  const double middle = recall(40);
  const double high = recall(160);
  RecordProperty("recall",
                 std::to_string(low) + " " + std::to_string(middle) + " " + std::to_string(high));
  EXPECT_LT(low, middle);
  EXPECT_LE(middle, high);
  EXPECT_GE(middle, 0.9);
  EXPECT_GE(high, 0.98);
}

TEST(GraphSearch, SimilaritiesAreThoseOfTheRowsAndTheOrderIsTotal) {
  const GraphSearch search(fixture().graph.view, fixture().vectors.view());
  for (size_t q = 0; q < 20; ++q) {
    const auto query = fixture().queries.query(q);
    const auto hits = found(search, query, {.k = 50, .ef = 50});
    ASSERT_EQ(hits.size(), 50U);
    const auto all = fixture().vectors.nearest(query, kRows);
    for (size_t i = 0; i < hits.size(); ++i) {
      EXPECT_NE(std::find(all.begin(), all.end(), hits[i]), all.end());
      if (i == 0) continue;
      EXPECT_TRUE(hits[i - 1].similarity > hits[i].similarity ||
                  (hits[i - 1].similarity == hits[i].similarity && hits[i - 1].row < hits[i].row));
    }
  }
}

TEST(GraphSearch, AScratchCarriesNothingFromOneSearchToTheNext) {
  const GraphSearch search(fixture().graph.view, fixture().vectors.view());
  GraphScratch scratch;
  const auto one = row_set(kRows, [](uint32_t r) { return r == 5; });
  const RowSet allowed = {one.first, one.second};
  for (size_t q = 0; q < 20; ++q) {
    const auto query = fixture().queries.query(q);
    search.search(query, {.k = 3, .allowed = &allowed}, scratch);
    const auto again = search.search(query, {.k = 10, .ef = 30}, scratch);
    EXPECT_EQ(std::vector(again.begin(), again.end()), found(search, query, {.k = 10, .ef = 30}));
  }
}

TEST(GraphSearch, EveryInstructionSetFindsTheSame) {
  const GraphSearch scalar(fixture().graph.view, fixture().vectors.view(), kernels::Isa::scalar);
  for (const kernels::Isa isa : kernels::supported_isas()) {
    const GraphSearch search(fixture().graph.view, fixture().vectors.view(), isa);
    for (size_t q = 0; q < 10; ++q) {
      const auto query = fixture().queries.query(q);
      EXPECT_EQ(found(search, query, {.k = 20, .ef = 40}),
                found(scalar, query, {.k = 20, .ef = 40}));
    }
  }
}

TEST(GraphSearch, OnlyAllowedRowsAreFoundAndNeverFewerThanThereAre) {
  const GraphSearch search(fixture().graph.view, fixture().vectors.view());
  for (const uint32_t share : {0U, 1U, 7U, 200U, 4000U, 9000U, 11990U, 12000U}) {
    const auto is_allowed = [&](uint32_t r) { return r * 7919U % kRows < share; };
    const auto set = row_set(kRows, is_allowed);
    ASSERT_EQ(set.second, share);
    const RowSet allowed = {set.first, set.second};
    size_t common = 0;
    size_t expected = 0;
    for (size_t q = 0; q < 25; ++q) {
      const auto query = fixture().queries.query(q);
      const auto hits = found(search, query, {.k = 10, .ef = 60, .allowed = &allowed});
      EXPECT_EQ(hits.size(), std::min(share, 10U));
      for (const Neighbour& hit : hits) EXPECT_TRUE(is_allowed(hit.row));
      const auto nearest = fixture().vectors.nearest(query, 10, is_allowed);
      common += num_common(nearest, hits);
      expected += nearest.size();
    }
    EXPECT_GE(static_cast<double>(common), 0.93 * static_cast<double>(expected)) << share;
    if (share <= 200) {
      EXPECT_EQ(common, expected) << share;
    }
  }
}

TEST(GraphSearch, AllRowsAreFoundWhenAskedForSoMany) {
  const TestVectors vectors(50, 8, 2);
  const TestGraph graph(vectors.view(), {});
  const GraphSearch search(graph.view, vectors.view());
  for (const size_t k : {1U, 49U, 50U, 1000U}) {
    EXPECT_EQ(found(search, vectors.query(3), {.k = k, .ef = 1}),
              vectors.nearest(vectors.query(3), k));
  }
}

TEST(GraphSearch, NoneOneOrTwoVectorsAreFound) {
  for (const size_t count : {0U, 1U, 2U}) {
    const TestVectors vectors(count, 5, 3);
    const TestGraph graph(vectors.view(), {});
    const GraphSearch search(graph.view, vectors.view());
    const std::vector<int8_t> query(8, 1);
    EXPECT_EQ(found(search, query, {.k = 3}), vectors.nearest(query, 3));
  }
}

TEST(GraphSearch, EqualVectorsAreFoundInTheOrderOfTheirRows) {
  TestVectors vectors(0, 8, 4);
  for (size_t i = 0; i < 3000; ++i) vectors.append({1, 2, 3, 0, 0, 0, 0, 1});
  const TestGraph graph(vectors.view(), {.m = 8, .ef_construction = 40});
  const GraphSearch search(graph.view, vectors.view());
  const auto hits = found(search, vectors.query(0), {.k = 40, .ef = 50});
  ASSERT_EQ(hits.size(), 40U);
  for (size_t i = 1; i < hits.size(); ++i) EXPECT_LT(hits[i - 1].row, hits[i].row);
}

// A damaged file of vectors may hold any float: no crash, no endless search.
TEST(GraphSearch, ScalesThatAreNoNumbersAreHarmless) {
  std::vector<float> scales(fixture().vectors.view().scales.begin(),
                            fixture().vectors.view().scales.end());
  for (size_t r = 0; r < kRows; r += 3) {
    scales[r] = r % 2 == 0 ? std::numeric_limits<float>::quiet_NaN()
                           : -std::numeric_limits<float>::infinity();
  }
  VectorsI8 damaged = fixture().vectors.view();
  damaged.scales = scales;
  const GraphSearch search(fixture().graph.view, damaged);
  EXPECT_EQ(found(search, fixture().queries.query(0), {.k = 10, .ef = 50}).size(), 10U);
}

TEST(GraphSearch, RefusesWhatDoesNotFit) {
  const TestVectors vectors(70, 8, 5);
  const TestVectors fewer(69, 8, 5);
  const TestGraph graph(vectors.view(), {});
  EXPECT_THROW(GraphSearch(graph.view, fewer.view()), std::invalid_argument);
  const GraphSearch search(graph.view, vectors.view());
  EXPECT_THROW(found(search, vectors.query(0).first(4), {}), std::invalid_argument);
  EXPECT_THROW(found(search, vectors.query(0), {.k = 0}), std::invalid_argument);
  const std::vector<uint64_t> words(1);
  const RowSet allowed = {words, 0};
  EXPECT_THROW(found(search, vectors.query(0), {.allowed = &allowed}), std::invalid_argument);
}

}  // namespace
}  // namespace maxsimd
