#include "maxsimd/index/coded_embeddings.h"

#include <gtest/gtest.h>

#include "maxsimd/index/index_testing.h"
#include "maxsimd/index/validation.h"

namespace maxsimd {
namespace {

using index_testing::batch_of;
using index_testing::decoded;
using index_testing::kCodecs;
using index_testing::message_of;
using index_testing::random_batch;
using index_testing::random_lengths;

TEST(CodedEmbeddings, Float32IsExactAndTheOthersAreWithinTheirStep) {
  const Embeddings batch = random_batch(97, random_lengths(40, 0, 30, 1), 2);
  for (const Codec codec : kCodecs) {
    CodedEmbeddings documents(97, codec);
    documents.append(batch);
    const Embeddings stored = decoded(documents);
    EXPECT_EQ(stored.offsets, batch.offsets);
    ASSERT_EQ(stored.values.size(), batch.values.size());
    const std::vector<float> as_int8 =
        index_testing::rounded_to_int8({batch.values.data(), batch.num_tokens(), batch.dim});
    for (size_t i = 0; i < batch.values.size(); ++i) {
      const float value = batch.values[i];
      switch (codec) {
        case Codec::float32:
          ASSERT_EQ(stored.values[i], value);
          break;
        case Codec::float16:
          ASSERT_NEAR(stored.values[i], value, std::fabs(value) * 0x1p-11F + 0x1p-25F);
          break;
        case Codec::int8:
          ASSERT_NEAR(stored.values[i], as_int8[i], 1e-7F);
          break;
        case Codec::residual:
          FAIL() << "is refused";
      }
    }
  }
}

TEST(CodedEmbeddings, PiecewiseAppendStoresTheSameBlocks) {
  const Embeddings batch = random_batch(96, random_lengths(900, 0, 40, 3), 4);
  CodedEmbeddings whole(96, Codec::int8);
  whole.append(batch);
  CodedEmbeddings pieces(96, Codec::int8);
  for (size_t item = 0; item < batch.size(); ++item) {
    pieces.append(index_testing::item_of(batch, item));
  }
  ASSERT_GT(whole.blocks().size(), 2U);
  ASSERT_EQ(whole.blocks().size(), pieces.blocks().size());
  for (size_t block = 0; block < whole.blocks().size(); ++block) {
    EXPECT_EQ(whole.blocks()[block].first_slot, pieces.blocks()[block].first_slot);
    EXPECT_EQ(whole.blocks()[block].size(), pieces.blocks()[block].size());
  }
  EXPECT_EQ(decoded(whole).values, decoded(pieces).values);
}

TEST(CodedEmbeddings, CountsTokensAndBytes) {
  CodedEmbeddings documents(96, Codec::int8);
  EXPECT_EQ(documents.num_tokens(), 0U);
  EXPECT_TRUE(documents.blocks().empty());
  documents.append(random_batch(96, {3, 0, 5}, 5));
  EXPECT_EQ(documents.size(), 3U);
  EXPECT_EQ(documents.num_tokens(), 8U);
  EXPECT_EQ(documents.num_rows(1), 0U);
  EXPECT_EQ(documents.size_bytes(), 800U);
}

TEST(CodedEmbeddings, DocumentLargerThanABlockIsStoredWhole) {
  CodedEmbeddings documents(64, Codec::float32);
  const Embeddings batch = random_batch(64, {2, 20000, 3}, 6);
  documents.append(batch);
  EXPECT_EQ(documents.num_rows(1), 20000U);
  EXPECT_EQ(decoded(documents).values, batch.values);
}

TEST(CodedEmbeddings, B37OtherDimIsRefusedByNameAndNothingIsStored) {
  CodedEmbeddings documents(96, Codec::float32);
  const std::vector<std::string> ids = {"x", "y"};
  EXPECT_EQ(message_of([&] {
              documents.append(random_batch(128, {5, 2}, 1), ids);
            }),
            "index dim 96, got 128 (document \"x\")");
  EXPECT_EQ(message_of([&] { documents.append(random_batch(128, {5}, 1)); }),
            "index dim 96, got 128 (document 0)");
  EXPECT_EQ(documents.size(), 0U);
  EXPECT_EQ(documents.num_tokens(), 0U);
}

TEST(CodedEmbeddings, B37EmptyBatchesAndEmptyDocumentsAreFine) {
  CodedEmbeddings documents(96, Codec::float16);
  documents.append(Embeddings{});
  documents.append(random_batch(96, {0}, 1));
  EXPECT_EQ(documents.size(), 1U);
}

TEST(CodedEmbeddings, NonFiniteValuesAreRefusedByNameAndNothingIsStored) {
  for (const Codec codec : kCodecs) {
    for (const float bad : {std::nanf(""), INFINITY, -INFINITY, 2e15F}) {
      CodedEmbeddings documents(8, codec);
      Embeddings batch = random_batch(8, {2, 3}, 1);
      batch.values[4 * 8 + 5] = bad;
      const std::vector<std::string> ids = {"first", "second"};
      const std::string message = message_of([&] { documents.append(batch, ids); });
      EXPECT_NE(message.find("document \"second\": value "), std::string::npos) << message;
      EXPECT_NE(message.find("at row 2, dimension 5"), std::string::npos) << message;
      EXPECT_EQ(documents.size(), 0U);
    }
  }
}

TEST(CodedEmbeddings, Float16RefusesWhatItCannotHold) {
  CodedEmbeddings half(1, Codec::float16);
  half.append(batch_of(1, {{{65504.0F}}}));
  EXPECT_NE(message_of([&] { half.append(batch_of(1, {{{65536.0F}}})); }).find("document 1: value"),
            std::string::npos);
  CodedEmbeddings bytes(1, Codec::int8);
  bytes.append(batch_of(1, {{{65536.0F}}}));
  EXPECT_FLOAT_EQ(decoded(bytes).values[0], 65536.0F);
}

TEST(CodedEmbeddings, ResidualsAreRefused) {
  EXPECT_THROW(CodedEmbeddings(96, Codec::residual), std::invalid_argument);
}

TEST(CodedEmbeddings, Int8KeepsZeroAndTinyRowsFinite) {
  CodedEmbeddings documents(4, Codec::int8);
  documents.append(batch_of(4, {{{0, 0, 0, 0}, {1e-44F, 0, -1e-44F, 0}, {1e-30F, 0, 0, 1e-30F}}}));
  for (const float value : decoded(documents).values) EXPECT_LE(std::fabs(value), 1.01e-30F);
}

TEST(CodedEmbeddings, MalformedBatchesAreRefused) {
  CodedEmbeddings documents(4, Codec::float32);
  Embeddings batch = random_batch(4, {2, 3}, 1);
  batch.offsets = {0, 4, 3};
  EXPECT_NE(message_of([&] { documents.append(batch); }).find("descend at document 1"),
            std::string::npos);
  batch.offsets = {0, 2, 9};
  EXPECT_EQ(message_of([&] { documents.append(batch); }),
            "embeddings: offsets name 9 rows of dim 4, got 20 values");
  batch.offsets = {1, 2, 5};
  EXPECT_THROW(documents.append(batch), std::invalid_argument);
  batch.offsets = {};
  EXPECT_THROW(documents.append(batch), std::invalid_argument);
  const std::vector<std::string> one_id = {"a"};
  EXPECT_THROW(documents.append(random_batch(4, {2, 3}, 1), one_id), std::invalid_argument);
  EXPECT_THROW(CodedEmbeddings(0, Codec::float32), std::invalid_argument);
}

}  // namespace
}  // namespace maxsimd
