// Builds on a disk that has no room: refused before anything is written, and never when all fits.
#include "maxsimd/collection/space_check.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "maxsimd/base/errors.h"
#include "maxsimd/index/codec.h"
#include "tests/support/tiny_model.h"

namespace maxsimd {
namespace {

namespace fs = std::filesystem;
using namespace testing_support;

constexpr uint64_t kMargin = uint64_t{16} << 20;  // that check_disk_space() wants left

TEST(FewestVectors, IsHalfOfTheLesserOfTwoEstimates) {
  // 10 vectors a document, one a 5 bytes.
  const DocumentCounts sample{.documents = 100, .text_bytes = 5000, .vectors = 1000};
  EXPECT_EQ(fewest_vectors(sample, 100, 5000), 500U);
  EXPECT_EQ(fewest_vectors(sample, 1000, 50'000), 5000U);
  EXPECT_EQ(fewest_vectors(sample, 1000, 5'000'000), 5000U) << "long ones are cut";
  EXPECT_EQ(fewest_vectors(sample, 1000, 10'000), 1000U) << "short ones";
  EXPECT_EQ(fewest_vectors({.documents = 2, .vectors = 8}, 10, 0), 20U) << "empty ones";
  EXPECT_NEAR(static_cast<double>(fewest_vectors(sample, uint64_t{1} << 62, UINT64_MAX)), 1.8447e18,
              1e14)
      << "no overflow";
}

class SpaceCheck : public testing::Test {
 protected:
  void SetUp() override {
    write_tiny_model(folder_.path() / "model");
    model_ = std::make_shared<const ColBERT>(
        ColBERT::load(folder_.path() / "model", {.num_threads = 1}));
  }

  fs::path index() const { return folder_.path() / "index"; }

  IndexWriter create(bool store_text = false) const {
    return IndexWriter::create(index(), {.dim = model_->dim(), .store_text = store_text});
  }

  // `counts` of documents of so many words: {{600, 2}, {10, 5}}.
  fs::path write_corpus(const std::vector<std::pair<size_t, size_t>>& counts) const {
    std::string lines;
    size_t id = 0;
    for (const auto& [documents, words] : counts) {
      for (size_t d = 0; d < documents; ++d, ++id) {
        lines.append(R"({"_id": "d)").append(std::to_string(id)).append(R"(", "text": ")");
        for (size_t w = 0; w < words; ++w) lines.append("red ");
        lines.append("\"}\n");
      }
    }
    write_text(folder_.path() / "corpus.jsonl", lines);
    return folder_.path() / "corpus.jsonl";
  }

  // What it says when so many bytes are free besides the margin; nothing when it builds.
  std::optional<std::string> refusal(IndexWriter& writer, const fs::path& corpus, uint64_t free,
                                     bool resume = false) const {
    const std::vector<fs::path> inputs = {corpus};
    AddOptions options{.resume = resume};
    options.free_disk_bytes = [&](const fs::path&) { return kMargin + free; };
    try {
      add_documents(writer, *model_, inputs, {}, check_documents(inputs, {}), options);
    } catch (const IoError& error) {
      return error.what();
    }
    return std::nullopt;
  }

  uint64_t vector_bytes() const {
    return Index::open(index()).num_tokens() * bytes_per_vector(Codec::float32, model_->dim());
  }

  TempFolder folder_;
  std::shared_ptr<const ColBERT> model_;
};

TEST_F(SpaceCheck, RefusesBeforeAnythingIsWritten) {
  const fs::path corpus = write_corpus({{3000, 4}});
  {
    IndexWriter writer = create();
    const auto message = refusal(writer, corpus, 1000);
    ASSERT_TRUE(message);
    EXPECT_NE(message->find("an index of 3000 documents"), std::string::npos) << *message;
    EXPECT_NE(message->find(index().string()), std::string::npos) << *message;
    EXPECT_NE(message->find("are free"), std::string::npos) << *message;
    EXPECT_EQ(Index::open(index()).commit(), 0U);
    EXPECT_TRUE(fs::is_empty(index() / "segments"));
    EXPECT_EQ(refusal(writer, corpus, uint64_t{1} << 40), std::nullopt) << "it can go on";
  }
  // All documents are alike: what was estimated is half of what there is.
  const uint64_t half = vector_bytes() / 2;
  fs::remove_all(index());
  IndexWriter writer = create();
  EXPECT_TRUE(refusal(writer, corpus, half - half / 20));
  EXPECT_EQ(refusal(writer, corpus, half + half / 20 + 3000 * kCatalogBytes), std::nullopt);
}

// The first 512 documents are unlike the others.
TEST_F(SpaceCheck, NeverRefusesWhatFits) {
  const std::vector<std::vector<std::pair<size_t, size_t>>> corpora = {{{512, 1}, {1500, 12}},
                                                                       {{512, 12}, {1500, 1}},
                                                                       {{512, 0}, {1500, 12}},
                                                                       {{512, 1}, {9, 2000}}};
  for (const auto& counts : corpora) {
    const fs::path corpus = write_corpus(counts);
    fs::remove_all(index());
    {
      IndexWriter writer = create();
      ASSERT_EQ(refusal(writer, corpus, uint64_t{1} << 40), std::nullopt);
    }
    const uint64_t needed = Index::open(index()).size_bytes();
    fs::remove_all(index());
    IndexWriter writer = create();
    EXPECT_EQ(refusal(writer, corpus, needed), std::nullopt) << counts[0].second;
  }
}

TEST_F(SpaceCheck, CountsTextsThatAreStored) {
  // 2000 words are far beyond the document length: most bytes are text.
  const fs::path corpus = write_corpus({{40, 2000}});
  const uint64_t text_bytes = 40 * 2000 * 4;
  {
    IndexWriter writer = create();
    EXPECT_EQ(refusal(writer, corpus, text_bytes / 2), std::nullopt);
  }
  fs::remove_all(index());
  IndexWriter writer = create(true);
  EXPECT_TRUE(refusal(writer, corpus, text_bytes / 2));
}

TEST_F(SpaceCheck, CountsWithResumeWhatIsLeft) {
  {
    IndexWriter writer = create();
    ASSERT_EQ(refusal(writer, write_corpus({{2900, 4}}), uint64_t{1} << 40), std::nullopt);
  }
  const uint64_t bytes = vector_bytes();
  IndexWriter writer = IndexWriter::open(index());
  EXPECT_TRUE(refusal(writer, write_corpus({{29'000, 4}}), bytes, true));
  EXPECT_EQ(refusal(writer, write_corpus({{3000, 4}}), bytes / 10, true), std::nullopt);
  EXPECT_EQ(Index::open(index()).size(), 3000U);
}

TEST_F(SpaceCheck, CountsReplacedDocumentsAsFree) {
  const fs::path corpus = write_corpus({{2000, 4}});
  IndexWriter writer = create();
  ASSERT_EQ(refusal(writer, corpus, uint64_t{1} << 40), std::nullopt);
  EXPECT_EQ(refusal(writer, corpus, 0), std::nullopt);
}

TEST_F(SpaceCheck, CountsEmbeddingsExactly) {
  const fs::path npz = folder_.path() / "e.npz";
  Embeddings embeddings;
  embeddings.dim = model_->dim();
  std::vector<std::string> ids;
  for (size_t item = 0; item < 100; ++item) {
    ids.push_back(std::to_string(item));
    embeddings.values.resize((item + 1) * 7 * model_->dim(), 0.5F);
    embeddings.offsets.push_back((item + 1) * 7);
  }
  EmbeddingsWriter file(npz, model_->dim());
  file.add(ids, embeddings);
  file.commit();
  const uint64_t exact =
      700 * bytes_per_vector(Codec::float32, model_->dim()) + 100 * kCatalogBytes;
  IndexWriter writer = create();
  uint64_t free = exact - 1;
  AddOptions options;
  options.free_disk_bytes = [&](const fs::path&) { return kMargin + free; };
  EmbeddingsReader reader(npz);
  EXPECT_THROW(add_embeddings(writer, reader, options), IoError);
  EXPECT_EQ(Index::open(index()).commit(), 0U);
  free = exact;
  EXPECT_EQ(add_embeddings(writer, reader, options).added, 100U);
}

}  // namespace
}  // namespace maxsimd
