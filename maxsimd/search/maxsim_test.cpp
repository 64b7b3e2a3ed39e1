#include "maxsimd/search/maxsim.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "maxsimd/index/index_testing.h"
#include "maxsimd/search/packed_query.h"

namespace maxsimd {
namespace {

using index_testing::batch_of;
using index_testing::brute_force_maxsim;
using index_testing::message_of;
using index_testing::random_batch;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

TEST(Maxsim, SumsTheBestSimilarityOfEachQueryRow) {
  const Embeddings batch = batch_of(2, {{{1, 0}, {0, 2}}, {{3, 4}, {5, -1}, {0, 6}}});
  EXPECT_EQ(maxsim(batch.matrix(0), batch.matrix(1)), 5.0F + 12.0F);
}

TEST(Maxsim, EqualsBruteForceOnOddShapes) {
  for (const size_t dim : {1U, 7U, 8U, 9U, 95U, 96U, 97U, 128U}) {
    const Embeddings batch = random_batch(dim, {1, 3, 32, 33, 70}, 21);
    for (size_t q = 0; q < batch.size(); ++q) {
      for (size_t d = 0; d < batch.size(); ++d) {
        EXPECT_EQ(maxsim(batch.matrix(q), batch.matrix(d)),
                  static_cast<float>(brute_force_maxsim(batch.matrix(q), batch.matrix(d))));
      }
    }
  }
}

TEST(Maxsim, EmptyDocumentScoresMinusInfinityAndEmptyQueryZero) {
  const Embeddings batch = batch_of(2, {{}, {{1, 2}}});
  EXPECT_EQ(maxsim(batch.matrix(1), batch.matrix(0)), -kInfinity);
  EXPECT_EQ(maxsim(batch.matrix(0), batch.matrix(0)), -kInfinity);
  EXPECT_EQ(maxsim(batch.matrix(0), batch.matrix(1)), 0.0F);
  EXPECT_TRUE(align(batch.matrix(1), batch.matrix(0)).empty());
  EXPECT_TRUE(align(batch.matrix(0), batch.matrix(1)).empty());
}

TEST(Maxsim, RefusesOtherDimsAndNonFiniteValues) {
  const Embeddings wide = random_batch(3, {2}, 1);
  Embeddings batch = random_batch(2, {2, 2}, 1);
  EXPECT_EQ(message_of([&] { maxsim(batch.matrix(0), wide.matrix(0)); }),
            "maxsim: query dim 2, document dim 3");
  batch.values[7] = std::nanf("");
  EXPECT_NE(message_of([&] { maxsim(batch.matrix(0), batch.matrix(1)); }).find("document: value"),
            std::string::npos);
  EXPECT_NE(message_of([&] { align(batch.matrix(1), batch.matrix(0)); }).find("query: value"),
            std::string::npos);
}

TEST(Align, NamesTheBestRowAndTiesGoToTheLowerRow) {
  const Embeddings batch = batch_of(2, {{{1, 0}, {0, 1}, {-1, -1}}, {{0, 1}, {2, 1}, {2, 1}}});
  const std::vector<Alignment> expected = {{0, 1, 2.0F}, {1, 0, 1.0F}, {2, 0, -1.0F}};
  EXPECT_EQ(align(batch.matrix(0), batch.matrix(1)), expected);
}

TEST(Align, SimilaritiesAddUpToTheScore) {
  const Embeddings batch = random_batch(96, {32, 236}, 22);
  double total = 0.0;
  for (const Alignment& alignment : align(batch.matrix(0), batch.matrix(1))) {
    total += alignment.similarity;
  }
  EXPECT_NEAR(total, maxsim(batch.matrix(0), batch.matrix(1)), 1e-5);
}

// B42: 32 equal query rows against one document row, as the codec stores it.
float sum_of_32(float similarity, Codec codec, kernels::Isa isa) {
  const Embeddings query = batch_of(1, {index_testing::Rows(32, {1.0F})});
  CodedEmbeddings documents(1, codec, isa);
  documents.append(batch_of(1, {{{similarity}}}));
  AlignedBuffer<float> scratch;
  return PackedQuery(query.matrix(0), codec)
      .maxsim(documents.rows(0), documents.kernels(), scratch);
}

TEST(PackedQuery, B42SumsAreNotRoundedToHalf) {
  for (const kernels::Isa isa : kernels::supported_isas()) {
    EXPECT_EQ(sum_of_32(0.71F, Codec::float16, isa), 22.71875F);
    EXPECT_EQ(sum_of_32(0.7104F, Codec::float16, isa), 22.734375F);
    EXPECT_EQ(sum_of_32(0.7109375F, Codec::float32, isa), 22.75F);    // bf16 of 0.71
    EXPECT_EQ(sum_of_32(0.71484375F, Codec::float32, isa), 22.875F);  // bf16 of 0.7149
    EXPECT_EQ(sum_of_32(3000.0F, Codec::float16, isa), 96000.0F);
    EXPECT_FLOAT_EQ(sum_of_32(3000.0F, Codec::int8, isa), 96000.0F);
  }
}

TEST(PackedQuery, B42OrderOfQueryRowsDoesNotMatter) {
  const Embeddings batch = random_batch(96, {512, 40}, 23);
  CodedEmbeddings documents(96, Codec::float32);
  documents.append(index_testing::item_of(batch, 1));
  std::vector<size_t> order(512);
  std::iota(order.begin(), order.end(), size_t{0});
  std::mt19937 random(24);
  AlignedBuffer<float> scratch;
  const auto score = [&](MatrixView<const float> query) {
    return PackedQuery(query, Codec::float32)
        .maxsim(documents.rows(0), documents.kernels(), scratch);
  };
  const float expected = score(batch.matrix(0));
  for (int round = 0; round < 20; ++round) {
    std::shuffle(order.begin(), order.end(), random);
    std::vector<float> shuffled;
    for (const size_t row : order) {
      const auto values = batch.matrix(0).row(row);
      shuffled.insert(shuffled.end(), values.begin(), values.end());
    }
    EXPECT_NEAR(score({shuffled.data(), 512, 96}), expected, 1e-5F);
  }
}

}  // namespace
}  // namespace maxsimd
