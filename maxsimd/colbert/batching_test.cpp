#include "maxsimd/colbert/batching.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace maxsimd {
namespace {

size_t tokens_of(std::span<const size_t> lengths, const Chunk& chunk) {
  const auto part = lengths.subspan(chunk.begin, chunk.end - chunk.begin);
  return std::accumulate(part.begin(), part.end(), size_t{0});
}

double cost_of(std::span<const size_t> lengths, const Chunk& chunk) {
  double cost = 0;
  for (size_t i = chunk.begin; i < chunk.end; ++i) cost += encoding_cost(lengths[i]);
  return cost;
}

// When all is done, if chunks are taken in their order and shared ones lose nothing.
double end_of(const ChunkPlan& plan, std::span<const size_t> lengths, size_t threads) {
  std::vector<double> busy(threads, 0.0);
  for (const Chunk& chunk : plan.single) *std::ranges::min_element(busy) += cost_of(lengths, chunk);
  double end = *std::ranges::max_element(busy);
  for (const Chunk& chunk : plan.shared) {
    end += cost_of(lengths, chunk) / static_cast<double>(threads);
  }
  return end;
}

double total_cost(std::span<const size_t> lengths) {
  return cost_of(lengths, {0, lengths.size()});
}

TEST(Batching, EveryTextIsInOneChunk) {
  for (const size_t threads : {1U, 2U, 7U, 16U}) {
    for (const size_t texts : {0U, 1U, 2U, 33U, 1000U}) {
      std::vector<size_t> lengths(texts);
      for (size_t i = 0; i < texts; ++i) lengths[i] = i * 37 % 300 * (i % 50 == 0 ? 20 : 1);
      const ChunkPlan plan = plan_chunks(lengths, threads);
      std::vector<size_t> seen(texts, 0);
      for (const auto* chunks : {&plan.single, &plan.shared}) {
        for (const Chunk& chunk : *chunks) {
          EXPECT_LT(chunk.begin, chunk.end);
          for (size_t i = chunk.begin; i < chunk.end; ++i) ++seen.at(i);
        }
      }
      EXPECT_EQ(seen, std::vector<size_t>(texts, 1));
      EXPECT_TRUE(threads > 1 || plan.shared.empty());
    }
  }
}

TEST(Batching, FewTokensAreOnePassOfAllThreadsAndManyGoRound) {
  for (const size_t texts : {1U, 3U}) {
    const ChunkPlan plan = plan_chunks(std::vector<size_t>(texts, 32), 2);
    EXPECT_EQ(plan.shared.size(), 1U);
    EXPECT_TRUE(plan.single.empty());
  }
  EXPECT_GE(plan_chunks(std::vector<size_t>(300, 32), 2).single.size(), 8U);
}

TEST(Batching, NoChunkGrowsPastTheLimitUnlessOneTextDoes) {
  std::vector<size_t> lengths(500, 100);
  lengths[250] = 5000;
  const ChunkPlan plan = plan_chunks(lengths, 2);
  for (const Chunk& chunk : plan.single) {
    EXPECT_TRUE(tokens_of(lengths, chunk) <= 384 || chunk.end - chunk.begin == 1);
  }
  EXPECT_EQ(plan.single.front().begin, 250U) << "the longest text starts first";
  EXPECT_TRUE(plan.shared.empty()) << "the others fill the other thread meanwhile";
}

TEST(Batching, TheMostWorkComesFirstAndTheLastChunksAreSmall) {
  std::vector<size_t> lengths(2000, 30);
  for (size_t i = 0; i < lengths.size(); i += 7) lengths[i] = 300;
  const ChunkPlan plan = plan_chunks(lengths, 4);
  for (size_t i = 1; i < plan.single.size(); ++i) {
    EXPECT_GE(cost_of(lengths, plan.single[i - 1]), cost_of(lengths, plan.single[i]));
  }
  EXPECT_LE(tokens_of(lengths, plan.single.back()), 96U);
}

TEST(Batching, ATextTooLongForOneThreadIsShared) {
  std::vector<size_t> lengths(20, 60);
  lengths[5] = 4000;
  const ChunkPlan plan = plan_chunks(lengths, 4);
  ASSERT_EQ(plan.shared.size(), 1U);
  EXPECT_EQ(plan.shared[0].begin, 5U);
  EXPECT_EQ(plan.shared[0].end, 6U);
}

TEST(Batching, ALateTextThatWouldLeaveThreadsIdleIsShared) {
  const ChunkPlan plan = plan_chunks(std::vector<size_t>(3, 300), 2);
  EXPECT_EQ(plan.single.size(), 2U);
  EXPECT_EQ(plan.shared.size(), 1U);
}

// Short and long texts together: no thread is idle for more than a twentieth of the time.
TEST(Batching, AllThreadsAreBusyToTheEnd) {
  for (const size_t threads : {2U, 3U, 7U, 16U}) {
    for (const size_t longest : {40U, 300U, 512U, 8192U}) {
      std::vector<size_t> lengths;
      for (size_t i = 0; i < 1200; ++i) lengths.push_back(8 + i * i * 31 % longest);
      const double ideal = total_cost(lengths) / static_cast<double>(threads);
      EXPECT_LT(end_of(plan_chunks(lengths, threads), lengths, threads), 1.05 * ideal)
          << threads << ' ' << longest;
    }
  }
}

}  // namespace
}  // namespace maxsimd
