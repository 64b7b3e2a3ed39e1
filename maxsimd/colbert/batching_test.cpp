#include "maxsimd/colbert/batching.h"

#include <gtest/gtest.h>

#include <numeric>

namespace maxsimd {
namespace {

TEST(Batching, ChunksCoverAllTextsInOrder) {
  for (const size_t threads : {1U, 2U, 16U}) {
    for (const size_t texts : {0U, 1U, 2U, 33U, 1000U}) {
      std::vector<size_t> lengths(texts);
      for (size_t i = 0; i < texts; ++i) lengths[i] = i * 37 % 300;
      size_t next = 0;
      for (const Chunk& chunk : cut_into_chunks(lengths, threads)) {
        EXPECT_EQ(chunk.begin, next);
        EXPECT_LT(chunk.begin, chunk.end);
        next = chunk.end;
      }
      EXPECT_EQ(next, texts);
    }
  }
}

TEST(Batching, FewTokensStayTogetherAndManyGoRound) {
  EXPECT_EQ(cut_into_chunks(std::vector<size_t>{32}, 2).size(), 1U);
  EXPECT_EQ(cut_into_chunks(std::vector<size_t>(3, 32), 2).size(), 1U);
  EXPECT_GE(cut_into_chunks(std::vector<size_t>(300, 32), 2).size(), 8U);
}

TEST(Batching, NoChunkGrowsPastTheLimitUnlessOneTextDoes) {
  std::vector<size_t> lengths(500, 100);
  lengths[250] = 5000;
  for (const Chunk& chunk : cut_into_chunks(lengths, 2)) {
    const size_t tokens =
        std::accumulate(lengths.begin() + static_cast<std::ptrdiff_t>(chunk.begin),
                        lengths.begin() + static_cast<std::ptrdiff_t>(chunk.end), size_t{0});
    EXPECT_TRUE(tokens <= 384 || chunk.end - chunk.begin == 1) << tokens;
  }
}

}  // namespace
}  // namespace maxsimd
