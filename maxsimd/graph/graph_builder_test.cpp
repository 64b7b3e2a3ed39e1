#include "maxsimd/graph/graph_builder.h"

#include <gtest/gtest.h>

#include <set>
#include <stdexcept>

#include "maxsimd/graph/graph_testing.h"

namespace maxsimd {
namespace {

const GraphOptions kSmall = {.m = 8, .ef_construction = 40};

/// How many places of a level can be reached from where a search of it may begin at the worst.
size_t count_reachable(const GraphLevel& level, uint32_t start) {
  std::vector<bool> reached(level.num_places());
  std::vector<uint32_t> stack = {start};
  reached[start] = true;
  size_t count = 0;
  while (!stack.empty()) {
    const uint32_t place = stack.back();
    stack.pop_back();
    ++count;
    for (const uint32_t link : level.links(place)) {
      if (!reached[link]) stack.push_back(link);
      reached[link] = true;
    }
  }
  return count;
}

/// What every built graph keeps to.
void expect_sound(const GraphView& graph, const GraphOptions& options) {
  const uint32_t entry = graph.level(graph.num_levels() - 1).row(graph.entry());
  for (size_t l = 0; l < graph.num_levels(); ++l) {
    const GraphLevel& level = graph.level(l);
    uint32_t start = 0;
    while (level.row(start) != entry) ++start;
    EXPECT_EQ(count_reachable(level, start), level.num_places()) << "level " << l;
    const size_t longest = (l == 0 ? 2 * options.m : options.m) + 1;
    for (uint32_t p = 0; p < level.num_places(); ++p) {
      const auto links = level.links(p);
      const std::set<uint32_t> distinct(links.begin(), links.end());
      EXPECT_EQ(distinct.size(), links.size()) << "level " << l << ", place " << p;
      EXPECT_FALSE(distinct.contains(p)) << "level " << l << ", place " << p;
      EXPECT_LE(links.size(), longest) << "level " << l << ", place " << p;
    }
  }
}

TEST(GraphBuilder, EveryVectorCanBeReachedByDistinctLinks) {
  for (const size_t dim : {96U, 30U, 3U}) {
    const TestVectors vectors(3000, dim, 1);
    expect_sound(TestGraph(vectors.view(), kSmall).view, kSmall);
  }
}

TEST(GraphBuilder, TheBytesAreTheSameForAnyNumberOfThreads) {
  const TestVectors vectors(4000, 50, 2);
  const std::vector<std::byte> expected = TestGraph::build(vectors.view(), kSmall, 1);
  EXPECT_EQ(TestGraph::build(vectors.view(), kSmall, 2), expected);
  EXPECT_EQ(TestGraph::build(vectors.view(), kSmall, 7), expected);
}

TEST(GraphBuilder, TheBytesAreTheSameOnEveryInstructionSet) {
  const TestVectors vectors(1500, 50, 3);
  GraphOptions options = kSmall;
  options.isa = kernels::Isa::scalar;
  const std::vector<std::byte> expected = TestGraph::build(vectors.view(), options, 1);
  for (const kernels::Isa isa : kernels::supported_isas()) {
    options.isa = isa;
    EXPECT_EQ(TestGraph::build(vectors.view(), options, 2), expected) << kernels::isa_name(isa);
  }
}

TEST(GraphBuilder, AnotherSeedGivesAnotherGraph) {
  const TestVectors vectors(500, 16, 4);
  GraphOptions other = kSmall;
  other.seed = 7;
  EXPECT_NE(TestGraph::build(vectors.view(), kSmall, 1),
            TestGraph::build(vectors.view(), other, 1));
}

TEST(GraphBuilder, FewVectorsAreAllLinked) {
  for (const size_t count : {0U, 1U, 2U, 3U, 9U}) {
    const TestVectors vectors(count, 8, 5);
    const TestGraph graph(vectors.view(), kSmall);
    EXPECT_EQ(graph.view.size(), count);
    if (count == 0) {
      EXPECT_EQ(graph.view.num_levels(), 0U);
    } else {
      expect_sound(graph.view, kSmall);
    }
  }
}

TEST(GraphBuilder, EqualVectorsAreReachedToo) {
  TestVectors vectors(0, 8, 6);
  for (size_t i = 0; i < 2500; ++i) vectors.append({1, 2, 3, 0, 0, 0, 0, 1});
  expect_sound(TestGraph(vectors.view(), kSmall).view, kSmall);
}

TEST(GraphBuilder, VectorsOfZerosAndRepeatedOnesAmongOthersAreReached) {
  TestVectors vectors(800, 8, 7);
  for (size_t i = 0; i < 400; ++i) vectors.append(std::vector<float>(8));
  for (size_t i = 0; i < 400; ++i) vectors.append({0, 0, 1, 0, 0, 1, 0, 0});
  expect_sound(TestGraph(vectors.view(), kSmall).view, kSmall);
}

TEST(GraphBuilder, RefusesWhatIsOutOfRange) {
  const TestVectors vectors(10, 8, 8);
  const auto build = [&](const VectorsI8& view, const GraphOptions& options) {
    return TestGraph::build(view, options, 1);
  };
  EXPECT_THROW(build(vectors.view(), {.m = 1}), std::invalid_argument);
  EXPECT_THROW(build(vectors.view(), {.m = kMaxGraphM + 1}), std::invalid_argument);
  EXPECT_THROW(build(vectors.view(), {.ef_construction = 0}), std::invalid_argument);
  VectorsI8 view = vectors.view();
  view.stride = 6;
  EXPECT_THROW(build(view, kSmall), std::invalid_argument);
  view = vectors.view();
  view.scales = view.scales.first(9);
  EXPECT_THROW(build(view, kSmall), std::invalid_argument);
}

}  // namespace
}  // namespace maxsimd
