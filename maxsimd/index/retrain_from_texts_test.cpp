// Codebooks that are trained anew on vectors of the stored texts.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <stdexcept>

#include "maxsimd/base/errors.h"
#include "maxsimd/index/index_testing.h"
#include "maxsimd/index/index_writer.h"
#include "tests/support/temp_folder.h"

namespace maxsimd {
namespace {

namespace fs = std::filesystem;
using index_testing::message_of;
using index_testing::numbered_ids;
using index_testing::random_batch;
using index_testing::random_lengths;
using Ids = std::vector<std::string>;

constexpr size_t kDim = 16;
constexpr size_t kDocuments = 700;  // more than are encoded in one call

/// An index whose texts are the numbers of the items of `encoded_`: what the "model" makes of them.
/// The first 300 documents are of another kind than the others, and the codebook is theirs.
class RetrainFromTexts : public testing::Test {
 protected:
  IndexWriter create(Codec codec = Codec::residual) {
    IndexWriter writer = IndexWriter::create(
        folder_,
        {.dim = kDim, .kind = IndexKind::plaid, .codec = codec, .nbits = 4, .store_text = true},
        options());
    add(writer, 0, 300);
    writer.optimize();
    for (size_t first = 300; first < kDocuments; first += 100) {
      add(writer, first, 100);
      writer.commit();
    }
    writer.remove(Ids{"3", "555"});
    add(writer, 310, 1);  // replaced by itself: the last one now
    writer.commit();
    return writer;
  }
  IndexWriterOptions options() { return {.pool = &pool_, .num_centroids = 32}; }

  void add(IndexWriter& writer, size_t first, size_t count) {
    Embeddings rows;
    rows.dim = kDim;
    Ids ids, texts, metadata;
    for (size_t i = first; i < first + count; ++i) {
      rows.append(encoded_.matrix(i));
      ids.push_back(std::to_string(i));
      texts.push_back(text_of(i));
      metadata.push_back(R"({"number":)" + std::to_string(i) + "}");
    }
    writer.add({.ids = ids, .embeddings = &rows, .metadata = metadata, .texts = texts});
  }

  static std::string text_of(size_t item) { return "text " + std::to_string(item); }

  Embeddings encode(std::span<const std::string> texts) {
    Embeddings rows;
    rows.dim = kDim;
    for (const std::string& text : texts) {
      rows.append(encoded_.matrix(std::stoul(text.substr(5))));
      asked_.push_back(text);
    }
    return rows;
  }
  TextEncoder encoder() {
    return [this](std::span<const std::string> texts) { return encode(texts); };
  }

  static Ids ids_of(const Index& index) {
    Ids ids;
    for (const DocId document : index.documents()) ids.emplace_back(index.id(document));
    return ids;
  }

  /// The mean squared distance of what is stored from what was encoded.
  double error_of(const Index& index) const {
    double error = 0.0;
    for (const DocId document : index.documents()) {
      const auto stored = decode(index.rows(document), index.kernels());
      const auto given = encoded_.matrix(std::stoul(std::string(index.id(document))));
      EXPECT_EQ(stored.size(), given.size());
      for (size_t v = 0; v < given.size(); ++v) {
        error += (double{stored[v]} - double{given.data[v]}) * (stored[v] - double{given.data[v]});
      }
    }
    return error / static_cast<double>(index.num_tokens());
  }

  static Embeddings two_kinds() {
    Embeddings rows = random_batch(kDim, random_lengths(kDocuments, 5, 30, 7), 7);
    for (size_t v = 0; v < rows.values.size(); ++v) {
      // The first ones have next to nothing in the last half of the dimensions.
      if (v / kDim < rows.offsets[300] && v % kDim >= kDim / 2) rows.values[v] *= 0.01F;
    }
    return rows;
  }

  size_t num_segment_folders() const { return num_segment_folders(folder_); }
  static size_t num_segment_folders(const fs::path& folder) {
    size_t count = 0;
    for (const auto& entry : fs::directory_iterator(folder / "segments")) {
      count += entry.is_directory() ? 1 : 0;
    }
    return count;
  }

  void expect_whole() const { index_testing::expect_whole(folder_); }

  /// What a call throws leaves the last commit, which the next writer takes up.
  void expect_left_as_it_was(const TextEncoder& encode, const std::string& complaint) {
    {
      IndexWriter writer = create();
      const Index before = writer.snapshot();
      const std::string message =
          message_of([&] { writer.compact({.retrain = true, .encode = encode}); });
      EXPECT_NE(message.find(complaint), std::string::npos) << message;
      const Index after = before.refresh();
      EXPECT_EQ(after.commit(), before.commit());
      EXPECT_EQ(after.codebook()->codebook, before.codebook()->codebook);
      EXPECT_EQ(ids_of(after), ids_of(before));
    }
    IndexWriter writer = IndexWriter::open(folder_, options());
    expect_whole();
    EXPECT_EQ(num_segment_folders(), writer.snapshot().num_segments());
    writer.compact({.retrain = true, .encode = encoder()});
    EXPECT_EQ(writer.snapshot().codebook()->num_added, 0U);
    expect_whole();
  }

  testing_support::TempFolder temporary_;
  const fs::path folder_ = temporary_.path();
  ThreadPool pool_{2};
  const Embeddings encoded_ = two_kinds();
  Ids asked_;
};

TEST_F(RetrainFromTexts, GivesEveryDocumentTheVectorsOfItsTextAndChangesNothingElse) {
  IndexWriter writer = create();
  const Index before = writer.snapshot();
  const double error_before = error_of(before);
  writer.compact({.retrain = true, .encode = encoder()});
  const Index after = before.refresh();
  EXPECT_NE(after.codebook()->codebook, before.codebook()->codebook);
  EXPECT_EQ(after.codebook()->num_added, 0U);
  EXPECT_EQ(ids_of(after), ids_of(before));
  EXPECT_EQ(after.size(), kDocuments - 2);
  EXPECT_FALSE(after.find("3"));
  ASSERT_EQ(asked_.size(), after.size()) << "once each, and none that was removed";
  for (size_t i = 0; i < after.size(); ++i) {
    const DocumentRecord record = after.record(after.documents()[i]);
    EXPECT_EQ(record.text, asked_[i]) << "in the order of adding";
    EXPECT_EQ(record.text, text_of(std::stoul(record.id)));
    EXPECT_EQ(record.metadata, R"({"number":)" + record.id + "}");
  }
  EXPECT_LT(error_of(after), std::min(0.01, error_before / 2)) << "of 4 bits, unit vectors";
  EXPECT_EQ(after.num_segments(), 1U);
  EXPECT_EQ(num_segment_folders(), 1U) << "those of float16 are gone";
  expect_whole();
}

TEST_F(RetrainFromTexts, IsAsIfTheIndexWereBuiltOfTheTexts) {
  IndexWriter writer = create();
  writer.compact({.retrain = true, .encode = encoder()});
  const Index retrained = writer.snapshot();
  testing_support::TempFolder other;
  IndexWriter fresh = IndexWriter::create(other.path(), writer.settings(), options());
  for (const std::string& id : ids_of(retrained)) add(fresh, std::stoul(id), 1);
  fresh.optimize();
  const CodedRows found = retrained.parts()[0].documents.rows;
  const Index built = fresh.snapshot();
  const CodedRows expected = built.parts()[0].documents.rows;
  EXPECT_TRUE(std::ranges::equal(found.centroids, expected.centroids));
  EXPECT_TRUE(std::ranges::equal(found.codes, expected.codes));
}

TEST_F(RetrainFromTexts, IsOneCommitThatReplacesAllSegmentsAndTheCodebook) {
  IndexWriter writer = create();
  const Index before = writer.snapshot();
  // A reader that comes between two commits sees the old index or the new one.
  const Index during = [&] {
    std::optional<Index> seen;
    writer.compact({.retrain = true, .encode = [&](std::span<const std::string> texts) {
                      seen = before.refresh();
                      return encode(texts);
                    }});
    return *seen;
  }();
  EXPECT_EQ(during.commit(), before.commit());
  EXPECT_EQ(during.codebook()->codebook, before.codebook()->codebook);
  // Texts and vectors of the old snapshot are still there.
  EXPECT_EQ(decode(before.rows(0), before.kernels()).size(), encoded_.rows(0) * kDim);
  expect_whole();
}

TEST_F(RetrainFromTexts, WhatTheEncoderThrowsLeavesTheIndexAsItWas) {
  size_t calls = 0;
  expect_left_as_it_was(
      [&](std::span<const std::string> texts) {
        if (++calls == 2) throw std::invalid_argument("the model has burnt down");
        return encode(texts);
      },
      "burnt down");
  EXPECT_EQ(calls, 2U);
}

TEST_F(RetrainFromTexts, AnotherNumberOfItemsIsRefused) {
  expect_left_as_it_was(
      [&](std::span<const std::string> texts) { return encode(texts.subspan(1)); },
      "expected one item a text (512), got 511");
}

TEST_F(RetrainFromTexts, AnotherDimIsRefused) {
  expect_left_as_it_was(
      [](std::span<const std::string> texts) {
        return random_batch(kDim + 1, std::vector<size_t>(texts.size(), 3), 1);
      },
      "dim 16, got 17");
}

TEST_F(RetrainFromTexts, NoVectorsAtAllAreRefused) {
  expect_left_as_it_was(
      [](std::span<const std::string> texts) {
        return random_batch(kDim, std::vector<size_t>(texts.size(), 0), 1);
      },
      "got none for any text");
}

TEST_F(RetrainFromTexts, WhatEndsTheTrainingLeavesNoFloat16AndTheOldIndex) {
  create();
  IndexWriterOptions stopped = options();
  size_t most_folders = 0;
  stopped.recode_progress = [&](uint64_t, uint64_t) {
    most_folders = num_segment_folders();
    throw std::invalid_argument("stop");
  };
  IndexWriter writer = IndexWriter::open(folder_, stopped);
  const Index before = writer.snapshot();
  EXPECT_EQ(message_of([&] { writer.compact({.retrain = true, .encode = encoder()}); }), "stop");
  EXPECT_EQ(most_folders, before.num_segments() + 1);
  EXPECT_EQ(num_segment_folders(), before.num_segments());
  EXPECT_EQ(before.refresh().commit(), before.commit());
  expect_whole();
}

// What a killed process leaves is what lies there: taken while texts are encoded, when training
// begins, and when all is coded.
TEST_F(RetrainFromTexts, ACrashAtAnyPointLeavesTheOldIndex) {
  create();
  testing_support::TempFolder copies;
  std::vector<fs::path> crashed;
  const auto crash = [&] {
    crashed.push_back(copies.path() / std::to_string(crashed.size()));
    fs::create_directories(copies.path());
    fs::copy(folder_, crashed.back(), fs::copy_options::recursive);
  };
  IndexWriterOptions watched = options();
  watched.recode_progress = [&](uint64_t done, uint64_t total) {
    if (crashed.size() == 2 || done == total) crash();
  };
  IndexWriter writer = IndexWriter::open(folder_, watched);
  const Index before = writer.snapshot();
  writer.compact({.retrain = true, .encode = [&](std::span<const std::string> texts) {
                    crash();
                    return encode(texts);
                  }});
  ASSERT_GE(crashed.size(), 4U);
  for (const fs::path& folder : crashed) {
    IndexWriter next = IndexWriter::open(folder, options());
    const Index left = next.snapshot();
    EXPECT_EQ(left.commit(), before.commit());
    EXPECT_EQ(ids_of(left), ids_of(before));
    EXPECT_EQ(num_segment_folders(folder), left.num_segments()) << "leftovers are swept";
    EXPECT_NEAR(error_of(left), error_of(before), 1e-9);
    index_testing::expect_whole(folder);
  }
}

TEST_F(RetrainFromTexts, DocumentsWithoutTextsAreToldBeforeAnyWork) {
  IndexWriter writer = create();
  EXPECT_EQ(writer.num_without_text(), 0U);
  const Embeddings rows = random_batch(kDim, {5, 5}, 1);
  const Ids ids = {"a", "b"}, texts = {"text 1", ""};
  writer.add({.ids = ids, .embeddings = &rows, .texts = texts});
  const std::string message =
      message_of([&] { writer.compact({.retrain = true, .encode = encoder()}); });
  EXPECT_NE(message.find("each of the 700 documents, 1 have none"), std::string::npos) << message;
  EXPECT_TRUE(asked_.empty());
  EXPECT_EQ(writer.num_without_text(), 1U);
  writer.remove(Ids{"b"});
  writer.compact({.retrain = true, .encode = encoder()});
  EXPECT_EQ(asked_.size(), 699U);
  EXPECT_EQ(writer.num_without_text(), 0U);
}

TEST_F(RetrainFromTexts, IsForResidualCodesAndRetrainingAlone) {
  {
    IndexWriter writer = create();
    EXPECT_NE(message_of([&] { writer.compact({.encode = encoder()}); }).find("needs retrain"),
              std::string::npos);
  }
  fs::remove_all(folder_);
  IndexWriter writer = create(Codec::int8);
  EXPECT_NE(message_of([&] {
              writer.compact({.retrain = true, .encode = encoder()});
            }).find("keeps its vectors beside the codes"),
            std::string::npos);
  writer.compact({.retrain = true});
  EXPECT_TRUE(asked_.empty());
}

// Vectors that still wait for their first codebook are as they were encoded.
TEST_F(RetrainFromTexts, EncodesNothingWhereThereIsNoCodebookToReplace) {
  IndexWriter writer = IndexWriter::create(folder_,
                                           {.dim = kDim,
                                            .kind = IndexKind::plaid,
                                            .codec = Codec::residual,
                                            .nbits = 4,
                                            .store_text = true},
                                           options());
  add(writer, 0, 300);
  writer.compact({.retrain = true, .encode = encoder()});
  EXPECT_TRUE(writer.snapshot().codebook());
  EXPECT_TRUE(asked_.empty());
}

}  // namespace
}  // namespace maxsimd
