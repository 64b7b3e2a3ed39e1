#include "maxsimd/index/document_block.h"

#include <gtest/gtest.h>

#include "maxsimd/index/index_testing.h"

namespace maxsimd {
namespace {

using index_testing::kCodecs;
using index_testing::random_batch;
using index_testing::random_lengths;

// Rows stored one after another, as a segment has them.
struct StoredRows {
  StoredRows(const Embeddings& batch, Codec codec)
      : codes(batch.num_tokens() * code_stride(codec, batch.dim)),
        scales(codec == Codec::int8 ? batch.num_tokens() : 0),
        rows{codec, batch.dim, codes, scales} {
    encode_rows(codec, {batch.values.data(), batch.num_tokens(), batch.dim},
                kernels::kernel_table(kernels::best_isa()), codes, scales);
  }
  std::vector<std::byte> codes;
  std::vector<float> scales;
  CodedRows rows;
};

void expect_same_rows(const CodedRows& actual, const CodedRows& expected) {
  EXPECT_TRUE(std::ranges::equal(actual.codes, expected.codes));
  EXPECT_TRUE(std::ranges::equal(actual.scales, expected.scales));
}

TEST(AppendBlocks, EveryDocumentIsInOneBlockWithItsRowsSlotAndNumber) {
  const Embeddings batch = random_batch(96, random_lengths(900, 0, 40, 3), 4);
  std::vector<DocId> numbers(batch.size());
  for (size_t i = 0; i < numbers.size(); ++i) numbers[i] = 10 + 3 * i;
  for (const Codec codec : kCodecs) {
    const StoredRows stored(batch, codec);
    std::vector<DocumentBlock> blocks;
    append_blocks({stored.rows, batch.offsets, numbers, 1000}, blocks);
    ASSERT_GT(blocks.size(), 5U);
    size_t item = 0;
    for (const DocumentBlock& block : blocks) {
      EXPECT_EQ(block.first_slot, 1000 + item);
      EXPECT_LE(block.rows.codes.size(), kBlockBytes);
      for (size_t i = 0; i < block.size(); ++i, ++item) {
        EXPECT_EQ(block.document(i), numbers[item]);
        expect_same_rows(
            block.rows_of(i),
            stored.rows.slice(static_cast<size_t>(batch.offsets[item]), batch.rows(item)));
      }
    }
    EXPECT_EQ(item, batch.size());
  }
}

TEST(AppendBlocks, SplitsAsDocumentsInMemoryAre) {
  // One document larger than a block; empty ones before and after it and at both ends.
  const Embeddings batch = random_batch(96, {0, 300, 2, 0, 5000, 0, 400, 400, 400, 3, 0}, 5);
  for (const Codec codec : kCodecs) {
    CodedEmbeddings documents(batch.dim, codec);
    documents.append(batch);
    const StoredRows stored(batch, codec);
    std::vector<DocumentBlock> blocks;
    append_blocks({stored.rows, batch.offsets, {}, 0}, blocks);
    ASSERT_EQ(blocks.size(), documents.blocks().size());
    ASSERT_GT(blocks.size(), 2U);
    for (size_t b = 0; b < blocks.size(); ++b) {
      EXPECT_EQ(blocks[b].first_slot, documents.blocks()[b].first_slot);
      EXPECT_EQ(blocks[b].size(), documents.blocks()[b].size());
      EXPECT_EQ(blocks[b].document(0), documents.blocks()[b].document(0));
      expect_same_rows(blocks[b].rows, documents.blocks()[b].rows);
    }
  }
}

TEST(AppendBlocks, AppendsNothingForNoDocumentsAndKeepsWhatIsThere) {
  const Embeddings batch = random_batch(8, {2, 3}, 6);
  const StoredRows stored(batch, Codec::float32);
  std::vector<DocumentBlock> blocks;
  append_blocks({stored.rows, batch.offsets, {}, 0}, blocks);
  append_blocks({stored.rows.slice(0, 0), std::span(batch.offsets).first(1), {}, 2}, blocks);
  append_blocks({stored.rows, batch.offsets, {}, 2}, blocks);
  ASSERT_EQ(blocks.size(), 2U);
  EXPECT_EQ(blocks[1].document(1), 3U);
}

}  // namespace
}  // namespace maxsimd
