#include "maxsimd/search/block_scan.h"

#include <gtest/gtest.h>

#include <deque>
#include <random>

#include "maxsimd/base/errors.h"
#include "maxsimd/index/index_testing.h"
#include "maxsimd/search/exact_search.h"

namespace maxsimd {
namespace {

using index_testing::item_of;
using index_testing::kCodecs;
using index_testing::random_batch;
using index_testing::random_lengths;

using Rankings = std::vector<std::vector<ScoredDocument>>;

// Documents in memory seen as an index sees its segments: document i of the batch has the sequence
// number i, and segments hold interleaved ones, as merges leave them.
class Segments {
 public:
  Segments(const Embeddings& batch, Codec codec, size_t num_segments, uint32_t seed)
      : live_(batch.size()) {
    std::mt19937 random(seed);
    std::vector<std::vector<DocId>> members(num_segments);
    for (DocId document = 0; document < batch.size(); ++document) {
      members[random() % num_segments].push_back(document);
    }
    for (std::vector<DocId>& documents : members) add(batch, codec, std::move(documents));
    for (size_t slot = 0; slot < batch.size(); ++slot) {
      if (random() % 3 != 0) live_.add(slot);
    }
  }

  std::span<const DocumentBlock> blocks() const { return blocks_; }
  const Bitmap& live() const { return live_; }
  Filter live_documents() const {
    Filter documents(live_.size());
    for (const DocumentBlock& block : blocks_) {
      for (size_t i = 0; i < block.size(); ++i) {
        if (live_.contains(block.first_slot + i)) documents.add(block.document(i));
      }
    }
    return documents;
  }

 private:
  void add(const Embeddings& batch, Codec codec, std::vector<DocId> documents) {
    CodedEmbeddings& vectors = vectors_.emplace_back(batch.dim, codec);
    for (const DocId document : documents) vectors.append(item_of(batch, document));
    const std::vector<DocId>& numbers = numbers_.emplace_back(std::move(documents));
    for (DocumentBlock block : vectors.blocks()) {
      block.documents = std::span(numbers).subspan(block.first_slot, block.size());
      block.first_slot += num_slots_;
      blocks_.push_back(block);
    }
    num_slots_ += numbers.size();
  }

  std::deque<CodedEmbeddings> vectors_;
  std::deque<std::vector<DocId>> numbers_;
  std::vector<DocumentBlock> blocks_;
  Bitmap live_;
  size_t num_slots_ = 0;
};

Embeddings documents_with_ties() {
  Embeddings batch = random_batch(96, random_lengths(700, 0, 40, 71), 72);
  const Embeddings same = random_batch(96, {25}, 73);
  for (int copy = 0; copy < 40; ++copy) batch.append(same.matrix(0));
  return batch;
}

TEST(BlockScan, B27RanksTheLiveDocumentsOfInterleavedSegmentsAsOneListInMemory) {
  const Embeddings batch = documents_with_ties();
  Embeddings queries = random_batch(96, {32, 0, 7}, 74);
  queries.append(random_batch(96, {25}, 73).matrix(0));
  for (const Codec codec : kCodecs) {
    CodedEmbeddings documents(96, codec);
    documents.append(batch);
    for (const size_t num_segments : {1U, 3U, 31U}) {
      const Segments segments(batch, codec, num_segments, 75);
      const Filter live = segments.live_documents();
      const BlockScan scan{.blocks = segments.blocks(),
                           .allowed = &segments.live(),
                           .kernels = documents.kernels(),
                           .source = "segments"};
      for (const size_t threads : {1U, 2U}) {
        ThreadPool pool(threads);
        for (const size_t k : {size_t{1}, size_t{20}, live.count()}) {
          EXPECT_EQ(scan_blocks(scan, queries, k, pool),
                    search_exact(queries, documents, {.k = k, .filter = &live}, pool));
        }
      }
    }
  }
}

TEST(BlockScan, EveryDocumentIsAllowedWithoutABitmap) {
  const Embeddings batch = documents_with_ties();
  const Segments segments(batch, Codec::int8, 4, 76);
  CodedEmbeddings documents(96, Codec::int8);
  documents.append(batch);
  const Embeddings query = random_batch(96, {32}, 77);
  ThreadPool pool(2);
  const BlockScan scan{
      .blocks = segments.blocks(), .kernels = documents.kernels(), .source = "segments"};
  EXPECT_EQ(scan_blocks(scan, query, batch.size(), pool),
            search_exact(query, documents, {.k = batch.size()}, pool));
}

TEST(BlockScan, DamagedVectorsAreAnErrorAndNotARanking) {
  const Embeddings query = random_batch(8, {5}, 78);
  ThreadPool pool(2);
  for (const float bad : {std::nanf(""), INFINITY}) {
    std::vector<float> values = random_batch(8, {4}, 79).values;
    values[3 * 8 + 2] = bad;
    const std::vector<uint64_t> offsets = {0, 3, 3, 4};
    const std::vector<DocId> numbers = {5, 17, 90};
    const DocumentBlock block{as_coded_rows({values.data(), 4, 8}), offsets, numbers, 0};
    const BlockScan scan{.blocks = {&block, 1},
                         .kernels = kernels::kernel_table(kernels::best_isa()),
                         .source = "folder"};
    try {
      scan_blocks(scan, query, 3, pool);
      FAIL() << "expected a FormatError";
    } catch (const FormatError& error) {
      const std::string message = error.what();
      EXPECT_TRUE(message.starts_with("folder: stored vectors of document number 90 ")) << message;
      EXPECT_TRUE(message.ends_with("the index is damaged; run maxsimd verify")) << message;
    }
    Bitmap without(3, true);
    without.remove(2);
    const BlockScan others{
        .blocks = {&block, 1}, .allowed = &without, .kernels = scan.kernels, .source = "folder"};
    EXPECT_EQ(scan_blocks(others, query, 3, pool)[0].size(), 2U);
  }
}

TEST(BlockScan, NoBlocksGiveNoHits) {
  ThreadPool pool(2);
  const BlockScan scan{
      .blocks = {}, .kernels = kernels::kernel_table(kernels::best_isa()), .source = "nothing"};
  EXPECT_EQ(scan_blocks(scan, random_batch(8, {3, 2}, 80), 5, pool), Rankings(2));
}

}  // namespace
}  // namespace maxsimd
