#include "maxsimd/graph/graph_view.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <stdexcept>

#include "maxsimd/base/errors.h"
#include "maxsimd/graph/graph_testing.h"

namespace maxsimd {
namespace {

const GraphOptions kSmall = {.m = 4, .ef_construction = 20};
constexpr size_t kHeaderBytes = 48;

TEST(GraphView, ShowsWhatWasBuilt) {
  const TestVectors vectors(2000, 12, 1);
  const TestGraph graph(vectors.view(), kSmall);
  EXPECT_EQ(graph.view.size(), 2000U);
  EXPECT_EQ(graph.view.m(), 4U);
  EXPECT_EQ(graph.view.ef_construction(), 20U);
  ASSERT_GE(graph.view.num_levels(), 3U);
  EXPECT_TRUE(graph.view.level(0).rows().empty());
  for (size_t l = 1; l < graph.view.num_levels(); ++l) {
    EXPECT_EQ(graph.view.level(l).rows().size(), graph.view.level(l).num_places());
    EXPECT_LE(graph.view.level(l).num_places(), graph.view.level(l - 1).num_places());
  }
}

TEST(GraphView, RefusesAnotherNumberOfRowsAndBytesThatAreCutOrLonger) {
  const TestVectors vectors(300, 12, 2);
  const TestGraph graph(vectors.view(), kSmall);
  EXPECT_THROW(GraphView::parse(graph.bytes, 299), FormatError);
  for (size_t size = 0; size < graph.bytes.size(); size += 8) {
    EXPECT_THROW(GraphView::parse(std::span(graph.bytes).first(size), 300), FormatError) << size;
  }
  std::vector<std::byte> longer = graph.bytes;
  longer.resize(longer.size() + 8);
  EXPECT_THROW(GraphView::parse(longer, 300), FormatError);
  EXPECT_THROW(GraphView::parse(std::span(longer).subspan(4), 300), std::invalid_argument);
}

/// Sets the u64 at `offset`.
std::vector<std::byte> with_number(std::vector<std::byte> bytes, size_t offset, uint64_t value) {
  std::memcpy(bytes.data() + offset, &value, sizeof(value));
  return bytes;
}

TEST(GraphView, RefusesNumbersThatCannotBe) {
  const TestVectors vectors(300, 12, 3);
  const TestGraph graph(vectors.view(), kSmall);
  for (size_t offset = 0; offset < kHeaderBytes + 16 * graph.view.num_levels(); offset += 8) {
    for (const uint64_t value : {~uint64_t{0}, uint64_t{1} << 61, uint64_t{1} << 32}) {
      EXPECT_THROW(GraphView::parse(with_number(graph.bytes, offset, value), 300), FormatError)
          << offset;
    }
  }
  // Behind the sizes: offsets of level 0, the links follow.
  const size_t offsets = kHeaderBytes + 16 * graph.view.num_levels();
  EXPECT_THROW(GraphView::parse(with_number(graph.bytes, offsets, 1), 300), FormatError);
  EXPECT_THROW(GraphView::parse(with_number(graph.bytes, offsets + 80, 1 << 20), 300), FormatError);
  const size_t links = offsets + 301 * 8;
  EXPECT_THROW(GraphView::parse(with_number(graph.bytes, links, 300), 300), FormatError);
}

// Whatever bytes are changed: a FormatError, or a graph whose search stays inside (the address
// sanitizer looks) and finds as many rows as it should.
TEST(GraphView, DamagedBytesAreRefusedOrHarmless) {
  const TestVectors vectors(3000, 12, 4);
  const TestGraph graph(vectors.view(), kSmall);
  std::mt19937 random(5);
  size_t refused = 0;
  size_t searched = 0;
  for (int round = 0; round < 400; ++round) {
    std::vector<std::byte> bytes = graph.bytes;
    for (size_t change = 0; change < 1 + random() % 8; ++change) {
      // A byte of an id or an offset: the low one changes it to another that may be valid.
      const size_t at = random() % bytes.size() / 4 * 4 + random() % 3 / 2;
      bytes[at] = static_cast<std::byte>(random());
    }
    try {
      const GraphView damaged = GraphView::parse(bytes, 3000);
      GraphScratch scratch;
      const GraphSearch search(damaged, vectors.view());
      for (size_t q = 0; q < 5; ++q) {
        EXPECT_EQ(search.search(vectors.query(q), {.k = 20, .ef = 30}, scratch).size(), 20U);
      }
      ++searched;
    } catch (const FormatError&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 50U);
  EXPECT_GT(searched, 50U);
}

}  // namespace
}  // namespace maxsimd
