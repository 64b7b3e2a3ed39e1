// Indexes of kind plaid whose vectors are stored beside their residual codes: the vectors are what
// was added, bit by bit, whatever becomes of the codes, and the codes are what the codebook makes
// of the vectors.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "maxsimd/base/errors.h"
#include "maxsimd/index/coded_embeddings.h"
#include "maxsimd/index/index_testing.h"
#include "maxsimd/index/index_writer.h"
#include "maxsimd/index/residual_coding.h"
#include "tests/support/temp_folder.h"

namespace maxsimd {
namespace {

namespace fs = std::filesystem;
using index_testing::add_in_pieces;
using index_testing::kCodecs;
using index_testing::numbered_ids;
using index_testing::random_batch;
using index_testing::random_lengths;
using Ids = std::vector<std::string>;

constexpr size_t kDim = 16;

/// An index, and beside it all that was ever added to it, as the codec stores it.
class VectorsBesideCodes : public testing::TestWithParam<Codec> {
 protected:
  IndexWriter create(const IndexWriterOptions& options) {
    return IndexWriter::create(
        folder_, {.dim = kDim, .kind = IndexKind::plaid, .codec = GetParam(), .nbits = 2}, options);
  }
  IndexWriterOptions small() {
    return {.pool = &pool_, .num_centroids = 32, .fewest_listed_vectors = 500};
  }

  // Documents numbered from `first` on; their place in `added_` is their number.
  void add(IndexWriter& writer, size_t count, uint32_t seed) {
    const Embeddings rows = random_batch(kDim, random_lengths(count, 0, 30, seed), seed);
    const Ids ids = numbered_ids(count, added_.size());
    added_.append(rows);
    writer.add({.ids = ids, .embeddings = &rows});
  }

  // Every document has its vectors, and with a codebook their codes.
  void expect_stored(const Index& index) {
    size_t num_rows = 0;
    for (const IndexPart& part : index.parts()) {
      ASSERT_EQ(part.codebook != nullptr, index.codebook().has_value());
      const DocumentBlock& documents = part.documents;
      for (size_t i = 0; i < documents.size(); ++i) {
        const CodedRows stored = documents.rows_of(i),
                        expected = added_.rows(documents.document(i));
        ASSERT_EQ(stored.codec, GetParam());
        EXPECT_TRUE(std::ranges::equal(stored.codes, expected.codes));
        EXPECT_TRUE(std::ranges::equal(stored.scales, expected.scales));
      }
      num_rows += documents.rows.num_rows();
      if (part.codebook != nullptr) expect_coded(part);
    }
    EXPECT_EQ(num_rows > 0, index.num_slots() > 0);
    index_testing::expect_whole(folder_);
  }

  void expect_coded(const IndexPart& part) {
    const std::vector<float> values = decode(part.documents.rows, added_.kernels());
    CodedResiduals expected(*part.codebook);
    expected.encode({values.data(), values.size() / kDim, kDim}, pool_);
    EXPECT_TRUE(std::ranges::equal(part.residuals.centroids, expected.rows().centroids));
    EXPECT_TRUE(std::ranges::equal(part.residuals.codes, expected.rows().codes));
  }

  testing_support::TempFolder temporary_;
  const fs::path folder_ = temporary_.path();
  ThreadPool pool_{2};
  CodedEmbeddings added_{kDim, GetParam()};
};

TEST_P(VectorsBesideCodes, AreWhatWasAddedWhateverIsDoneToTheIndex) {
  IndexWriter writer = create(small());
  add(writer, 200, 1);
  writer.commit();
  add(writer, 100, 2);
  writer.commit();
  EXPECT_FALSE(writer.snapshot().codebook());
  expect_stored(writer.snapshot());
  writer.optimize();
  ASSERT_TRUE(writer.snapshot().codebook());
  EXPECT_EQ(writer.snapshot().num_segments(), 1U);
  expect_stored(writer.snapshot());
  for (uint32_t seed = 3; seed < 15; ++seed) {  // enough for merges
    add(writer, 20, seed);
    writer.commit();
  }
  EXPECT_LE(writer.snapshot().num_segments(), 9U);
  expect_stored(writer.snapshot());
  writer.remove(Ids{"5", "250", "333"});
  writer.commit();
  writer.compact();
  EXPECT_EQ(writer.snapshot().num_deleted(), 0U);
  expect_stored(writer.snapshot());
  const Index before = writer.snapshot();
  writer.compact({.retrain = true});
  const Index after = writer.snapshot();
  EXPECT_NE(before.codebook()->codebook, after.codebook()->codebook);
  EXPECT_EQ(after.codebook()->num_added, 0U);
  expect_stored(after);
}

TEST_P(VectorsBesideCodes, HaveCodesThatDoNotDependOnThreadsCommitsAndCalls) {
  std::vector<std::byte> first;
  for (const size_t threads : {1U, 3U}) {
    for (const size_t piece : {50U, 300U}) {
      fs::remove_all(folder_);
      ThreadPool pool(threads);
      IndexWriter writer = create({.pool = &pool, .num_centroids = 32});
      const Embeddings rows = random_batch(kDim, random_lengths(300, 0, 30, 7), 7);
      add_in_pieces(writer, rows, piece, piece == 50 ? 2 : 1);
      writer.optimize();
      const Index index = writer.snapshot();
      const std::span<const std::byte> codes = index.parts()[0].residuals.codes;
      if (first.empty()) first.assign(codes.begin(), codes.end());
      EXPECT_TRUE(std::ranges::equal(codes, first)) << threads << " threads, pieces of " << piece;
    }
  }
}

TEST_P(VectorsBesideCodes, LaterOnesAreCodedWithTheirCommitAndTheirErrorIsKept) {
  IndexWriter writer = create(small());
  add(writer, 300, 1);
  writer.optimize();
  EXPECT_EQ(writer.snapshot().codebook()->num_added, 0U);
  Embeddings far = random_batch(kDim, std::vector<size_t>(40, 10), 5);
  for (float& value : far.values) value *= 4.0F;
  const Ids ids = numbered_ids(40, 300);
  added_.append(far);
  writer.add({.ids = ids, .embeddings = &far});
  writer.commit();
  const Index after = writer.snapshot();
  expect_stored(after);
  EXPECT_EQ(after.codebook()->num_added, 400U);
  double expected = 0.0;
  const IndexPart& last = after.parts().back();
  const std::vector<float> vectors = decode(last.documents.rows, added_.kernels());
  const std::vector<float> coded = decode(last.residuals, added_.kernels());
  for (size_t v = 0; v < vectors.size(); ++v) {
    expected += (double{vectors[v]} - double{coded[v]}) * (double{vectors[v]} - double{coded[v]});
  }
  EXPECT_NEAR(after.codebook()->added_error, expected / 400, 1e-5 * expected / 400);
  EXPECT_GT(after.codebook()->drift(), 1.5);
}

TEST_P(VectorsBesideCodes, ACommitOfRemovalsAndOneOfDocumentsWithoutVectorsCodeNothing) {
  IndexWriter writer = create(small());
  add(writer, 300, 1);
  writer.optimize();
  writer.remove(Ids{"7"});
  writer.commit();
  const Embeddings none = random_batch(kDim, {0, 0}, 1);
  const Ids ids = {"300", "301"};
  added_.append(none);
  writer.add({.ids = ids, .embeddings = &none});
  writer.commit();
  EXPECT_EQ(writer.snapshot().codebook()->num_added, 0U);
  EXPECT_EQ(writer.snapshot().size(), 301U);
  expect_stored(writer.snapshot());
}

// Codes end where float16 does, though the vectors themselves could be larger.
TEST_P(VectorsBesideCodes, ValuesBeyondThoseOfCodesAreRefused) {
  IndexWriter writer = create(small());
  Embeddings rows = random_batch(kDim, {3}, 1);
  rows.values[5] = 65505.0F;
  const Ids ids = {"a"};
  EXPECT_THROW(writer.add({.ids = ids, .embeddings = &rows}), std::invalid_argument);
}

INSTANTIATE_TEST_SUITE_P(EachCodec, VectorsBesideCodes, testing::ValuesIn(kCodecs),
                         [](const auto& test) { return std::string(codec_name(test.param)); });

}  // namespace
}  // namespace maxsimd
