// Building, resuming, replacing, searching and explaining, on a tiny model.
#include "maxsimd/collection/collection.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <optional>
#include <set>
#include <stdexcept>
#include <thread>

#include "maxsimd/base/errors.h"
#include "maxsimd/collection/add_documents.h"
#include "maxsimd/collection/fingerprint.h"
#include "maxsimd/collection/index_replacement.h"
#include "maxsimd/collection/model_check.h"
#include "maxsimd/collection/new_index.h"
#include "maxsimd/collection/subset.h"
#include "maxsimd/search/scores.h"
#include "tests/support/tiny_model.h"

namespace maxsimd {
namespace {

namespace fs = std::filesystem;
using namespace testing_support;

const std::vector<std::string> kWords = {"hello", "world", "red", "blue", "cat", "dog", "runs"};

// Documents of two to five words, each set of words once.
std::string text_of(size_t i) {
  std::string text;
  for (size_t w = 0; w < 2 + i % 4; ++w) {
    text.append(w == 0 ? "" : " ").append(kWords[(i / 4 + w * (1 + i % 3)) % kWords.size()]);
  }
  return text;
}

class CollectionTest : public testing::Test {
 protected:
  void SetUp() override {
    write_tiny_model(model_folder());
    model_ = std::make_shared<const ColBERT>(ColBERT::load(model_folder(), {.num_threads = 2}));
  }

  fs::path model_folder() const { return folder_.path() / "model"; }
  fs::path index() const { return folder_.path() / "index"; }
  IndexSettings settings(bool store_text = false) const {
    return {.dim = model_->dim(),
            .store_text = store_text,
            .model = "tiny",
            .fingerprint = model_fingerprint(*model_)};
  }

  // A file of documents d0, d1, ... with metadata {"n": i}.
  fs::path write_corpus(size_t count, const std::string& name = "corpus.jsonl") const {
    std::string lines;
    for (size_t i = 0; i < count; ++i) {
      lines.append(R"({"_id": "d)").append(std::to_string(i)).append(R"(", "text": ")");
      lines.append(text_of(i)).append(R"(", "metadata": {"n": )").append(std::to_string(i));
      lines.append("}}\n");
    }
    write_text(folder_.path() / name, lines);
    return folder_.path() / name;
  }

  AddReport add(IndexWriter& writer, const fs::path& corpus, const AddOptions& options = {}) const {
    const std::vector<fs::path> inputs = {corpus};
    return add_documents(writer, *model_, inputs, {}, check_documents(inputs, {}), options);
  }

  void build(size_t count, bool store_text = false) const {
    IndexWriter writer = IndexWriter::create(index(), settings(store_text));
    EXPECT_EQ(add(writer, write_corpus(count)).added, count);
  }

  Collection open(bool force = false) const {
    return Collection::open(index(), model_, {.force_model = force});
  }

  TempFolder folder_;
  std::shared_ptr<const ColBERT> model_;
};

// Every document under its id, with its score by the plain definition.
TEST_F(CollectionTest, ASearchRanksAllDocumentsByTheirMaxSim) {
  build(60);
  const std::vector<std::string> queries = {"red cat", "hello"};
  std::vector<std::string> texts;
  for (size_t i = 0; i < 60; ++i) texts.push_back(text_of(i));
  const std::vector<float> scores = colbert_scores(model_->encode_queries(queries),
                                                   model_->encode_documents(texts), model_->pool());
  const Collection collection = open();
  const auto rankings = collection.search(queries, {.k = 100});
  ASSERT_EQ(rankings.size(), 2U);
  for (size_t q = 0; q < 2; ++q) {
    const std::vector<Hit> hits = collection.hits(rankings[q]);
    ASSERT_EQ(hits.size(), 60U);
    std::set<std::string> ids;
    for (size_t i = 0; i < hits.size(); ++i) {
      ids.insert(hits[i].id);
      const auto number = static_cast<size_t>(std::stoul(hits[i].id.substr(1)));
      EXPECT_NEAR(hits[i].score, scores[q * 60 + number], 1e-5F);
      if (i > 0) {
        EXPECT_GE(hits[i - 1].score, hits[i].score);
      }
    }
    EXPECT_EQ(ids.size(), 60U);
  }
}

TEST_F(CollectionTest, CandidatesAreRankedById) {
  build(20);
  const std::vector<std::string> queries = {"red cat"};
  const Collection collection = open();
  const std::vector<std::vector<std::string>> candidates = {{"d3", "d17", "d5"}};
  const std::vector<Hit> ranked = collection.rerank(queries, candidates)[0];
  std::vector<Hit> expected;
  for (const Hit& hit : collection.hits(collection.search(queries, {.k = 20})[0])) {
    if (hit.id == "d3" || hit.id == "d17" || hit.id == "d5") expected.push_back(hit);
  }
  ASSERT_EQ(ranked.size(), 3U);
  for (const Hit& hit : ranked) {
    const auto same = std::ranges::find(expected, hit.id, &Hit::id);
    ASSERT_NE(same, expected.end());
    EXPECT_NEAR(hit.score, same->score, 1e-5F);
  }
  const std::vector<std::vector<std::string>> unknown = {{"d3", "nobody"}};
  EXPECT_THROW(collection.rerank(queries, unknown), std::invalid_argument);
}

TEST_F(CollectionTest, SubsetsByConditionByIdsAndByBothChooseDocuments) {
  build(30);
  const Collection collection = open();
  const auto found = [&](const Subset& subset) {
    const auto filter = subset_filter(collection.index(), subset);
    std::set<std::string> ids;
    const std::vector<std::string> query = {"red"};
    const SearchOptions options = {.k = 30, .filter = filter ? &*filter : nullptr};
    for (const Hit& hit : collection.hits(collection.search(query, options)[0])) ids.insert(hit.id);
    return ids;
  };
  using Ids = std::set<std::string>;
  EXPECT_EQ(found({}).size(), 30U);
  EXPECT_EQ(found({.where = "n >= 27"}), (Ids{"d27", "d28", "d29"}));
  EXPECT_EQ(found({.ids = std::vector<std::string>{"d1", "nobody", "d28"}}), (Ids{"d1", "d28"}));
  EXPECT_EQ(found({.where = "n >= 27", .ids = std::vector<std::string>{"d1", "d28"}}), Ids{"d28"});
  EXPECT_EQ(found({.ids = std::vector<std::string>{}}), Ids{}) << "no ids are not all ids";
}

TEST_F(CollectionTest, AnExplanationAddsUpToTheScoreAndNamesTheWords) {
  build(12, true);
  const Collection collection = open();
  const std::vector<std::string> query = {"red cat"};
  const std::vector<ScoredDocument> ranking = collection.search(query, {.k = 12})[0];
  ASSERT_EQ(ranking.size(), 12U);
  for (const ScoredDocument& hit : ranking) {
    const std::string text = collection.text(hit.document);
    double sum = 0;
    for (const ExplainedMatch& match : collection.explain(query[0], hit.document)) {
      sum += static_cast<double>(match.alignment.similarity);
      ASSERT_TRUE(match.query && match.document);
      const ByteRange bytes = match.document->bytes;
      if (bytes.begin == bytes.end) continue;
      EXPECT_EQ(text.substr(bytes.begin, bytes.end - bytes.begin), match.document->token);
    }
    EXPECT_NEAR(sum, static_cast<double>(hit.score), 1e-4);
  }
}

TEST_F(CollectionTest, AnExplanationWithoutStoredTextHasTheQuerysWordsOnly) {
  build(3);
  const Collection collection = open();
  const auto matches = collection.explain("red cat", collection.index().documents()[0]);
  ASSERT_FALSE(matches.empty());
  EXPECT_TRUE(matches[2].query.has_value());
  EXPECT_EQ(matches[2].query->token, "red");
  EXPECT_FALSE(matches[2].document.has_value());
}

TEST_F(CollectionTest, AnotherModelIsRefusedByBothNamesUnlessForced) {
  build(3);
  model_ = std::make_shared<const ColBERT>(
      ColBERT::load(model_folder(), {.checkpoint = {.document_length = 9}, .num_threads = 1}));
  try {
    open();
    FAIL() << "opened";
  } catch (const std::invalid_argument& error) {
    const std::string message = error.what();
    for (const char* part : {"'tiny'", "/model'", "--force-model"}) {
      EXPECT_NE(message.find(part), std::string::npos) << message;
    }
  }
  EXPECT_EQ(open(true).index().size(), 3U);
  const fs::path wide = folder_.path() / "wide";
  write_tiny_model(wide, {.dim = 8});
  model_ = std::make_shared<const ColBERT>(ColBERT::load(wide));
  EXPECT_THROW(open(true), std::invalid_argument) << "a width cannot be forced";
}

TEST_F(CollectionTest, RefreshSeesWhatWasAddedAndTheOldSnapshotDoesNot) {
  build(3);
  const Collection before = open();
  {
    IndexWriter writer = IndexWriter::open(index());
    add(writer, write_corpus(5));
  }
  EXPECT_EQ(before.index().size(), 3U);
  EXPECT_EQ(before.refresh().index().size(), 5U);
}

// The progress callback stops the build as a signal would, between two commits.
TEST_F(CollectionTest, AnInterruptedBuildKeepsItsCommitsAndResumeFinishesIt) {
  struct Stop {};
  const size_t count = 3000;
  const fs::path corpus = write_corpus(count);
  {
    IndexWriter writer = IndexWriter::create(index(), settings());
    AddOptions options{.commit_bytes = 1};  // after every piece
    options.progress = [](uint64_t done, uint64_t total) {
      EXPECT_EQ(total, 3000U);
      if (done > 1500) throw Stop();
    };
    EXPECT_THROW(add(writer, corpus, options), Stop);
  }
  const size_t kept = open().index().size();
  EXPECT_GT(kept, 0U);
  EXPECT_LT(kept, count);
  IndexWriter writer = IndexWriter::open(index());
  const AddReport report = add(writer, corpus, {.resume = true});
  EXPECT_EQ(report.passed_over, kept);
  EXPECT_EQ(report.added, count - kept);
  const Collection collection = open();
  EXPECT_EQ(collection.index().size(), count);
  EXPECT_EQ(collection.index().num_deleted(), 0U) << "nothing was added twice";
  EXPECT_EQ(add(writer, corpus, {.resume = true}).added, 0U);
}

TEST_F(CollectionTest, WithoutResumeTheSameDocumentsReplaceThemselves) {
  build(10);
  IndexWriter writer = IndexWriter::open(index());
  EXPECT_EQ(add(writer, write_corpus(10)).added, 10U);
  EXPECT_EQ(open().index().size(), 10U);
}

TEST_F(CollectionTest, EmbeddingsOfTheSameTextsMakeTheSameIndex) {
  build(50);
  const fs::path npz = folder_.path() / "e.npz";
  std::vector<std::string> ids, texts;
  for (size_t i = 0; i < 50; ++i) {
    ids.push_back(std::string("d").append(std::to_string(i)));
    texts.push_back(text_of(i));
  }
  EmbeddingsWriter file(npz, model_->dim());
  file.add(ids, model_->encode_documents(texts));
  file.commit();
  const std::vector<std::string> query = {"red cat"};
  const auto of_texts = open().search(query, {.k = 50});
  fs::remove_all(index());
  IndexWriter writer = IndexWriter::create(index(), settings());
  EmbeddingsReader reader(npz);
  EXPECT_EQ(add_embeddings(writer, reader, {}).added, 50U);
  EXPECT_EQ(open().search(query, {.k = 50}), of_texts);
  EmbeddingsReader again(npz);
  EXPECT_EQ(add_embeddings(writer, again, {.resume = true}).passed_over, 50U);
}

TEST_F(CollectionTest, B58_AnInputWithoutDocumentsIsAnError) {
  write_text(folder_.path() / "none.jsonl", "\n");
  const std::vector<fs::path> inputs = {folder_.path() / "none.jsonl"};
  EXPECT_THROW(check_documents(inputs, {}), FormatError);
}

TEST_F(CollectionTest, B56_AReplacementThatIsNotFinishedLeavesTheOldIndex) {
  build(5);
  {
    IndexReplacement replacement(index(), settings(), {});
    add(replacement.writer(), write_corpus(2));
    EXPECT_EQ(open().index().size(), 5U) << "searches go on meanwhile";
    EXPECT_THROW(IndexReplacement(index(), settings(), {}), IoError) << "two at once";
  }
  EXPECT_EQ(open().index().size(), 5U);
  EXPECT_FALSE(fs::exists(folder_.path() / ".index.replacement"));
}

TEST_F(CollectionTest, B56_AFinishedReplacementIsTheIndex) {
  build(5);
  const Collection before = open();
  IndexReplacement replacement(index(), settings(true), {});
  add(replacement.writer(), write_corpus(2));
  replacement.commit();
  EXPECT_EQ(open().index().size(), 2U);
  EXPECT_TRUE(open().index().settings().store_text);
  EXPECT_FALSE(fs::exists(folder_.path() / ".index.replacement"));
  const std::vector<std::string> query = {"red"};
  EXPECT_EQ(before.search(query, {.k = 9})[0].size(), 5U) << "an open snapshot outlives its folder";
}

TEST_F(CollectionTest, AReplacementHoldsTheWritersLockOfTheOldIndex) {
  build(5);
  IndexReplacement replacement(index(), settings(), {});
  EXPECT_THROW(IndexWriter::open(index()), IoError);
  add(replacement.writer(), write_corpus(2));
  EXPECT_THROW(IndexWriter::open(index()), IoError);
  replacement.commit();
  EXPECT_EQ(IndexWriter::open(index()).snapshot().size(), 2U);
}

TEST_F(CollectionTest, ANewIndexWithoutACommitGoesAndOneWithACommitStays) {
  for (const bool was_there : {false, true}) {
    if (was_there) fs::create_directory(index());
    { NewIndex fresh(index(), settings(), {}); }
    EXPECT_EQ(fs::exists(index()), was_there);
  }
  NewIndex fresh(index(), settings(), {});
  add(fresh.writer(), write_corpus(2));
  EXPECT_EQ(open().index().size(), 2U);
}

TEST_F(CollectionTest, TheFirstCommitOfAnotherWriterIsNeverRemoved) {
  {
    NewIndex fresh(index(), settings(), {});
    // The lock is another's when the failing build looks: it must leave the index to it.
    fs::rename(index(), folder_.path() / "elsewhere");
    IndexWriter other = IndexWriter::create(index(), settings());
    EXPECT_THROW(remove_uncommitted_index(index(), 0), IoError) << "it is being written";
    add(other, write_corpus(3));
  }
  EXPECT_EQ(open().index().size(), 3U);
  EXPECT_FALSE(remove_uncommitted_index(index(), 0));
  EXPECT_EQ(open().index().size(), 3U);
}

TEST_F(CollectionTest, AnUncommittedIndexWithSomethingElseInItStays) {
  { IndexWriter writer = IndexWriter::create(index(), settings()); }
  write_text(index() / "mine.txt", "mine");
  EXPECT_THROW(remove_uncommitted_index(index(), 0), std::invalid_argument);
  EXPECT_TRUE(fs::exists(index() / "mine.txt"));
  fs::remove(index() / "mine.txt");
  EXPECT_TRUE(remove_uncommitted_index(index(), 0));
  EXPECT_FALSE(fs::exists(index()));
  EXPECT_TRUE(remove_uncommitted_index(index(), 0)) << "there is none";
}

TEST_F(CollectionTest, WhoWaitsForAnIndexThatGoesLeavesItsFolderAsItWas) {
  fs::create_directory(index());
  std::optional<NewIndex> fresh;
  fresh.emplace(index(), settings(), IndexWriterOptions{});
  std::atomic<bool> has_failed = false;
  std::thread waiter([&] {
    try {
      IndexWriter::open(index(), {.lock_timeout_ms = 20'000});
    } catch (const IoError&) {
      has_failed = true;
    }
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  fresh.reset();
  waiter.join();
  EXPECT_TRUE(has_failed);
  EXPECT_TRUE(fs::is_directory(index()) && fs::is_empty(index()));
}

TEST_F(CollectionTest, AReplacementDeletesNothingThatIsNotOfAnIndex) {
  build(5);
  const fs::path place = folder_.path() / ".index.replacement";
  { IndexWriter writer = IndexWriter::create(place, settings()); }
  write_text(place / "mine.txt", "mine");
  EXPECT_THROW(IndexReplacement(index(), settings(), {}), std::invalid_argument);
  EXPECT_TRUE(fs::exists(place / "mine.txt") && is_index(place));
  fs::remove(place / "mine.txt");
  // A deletion that was cut short, and the probe of an exchange.
  fs::remove(place / "maxsimd.json");
  fs::create_directory(place / "segments" / ".probe.tmp-1");
  IndexReplacement replacement(index(), settings(), {});
  add(replacement.writer(), write_corpus(2));
  replacement.commit();
  EXPECT_EQ(open().index().size(), 2U);
  EXPECT_FALSE(fs::exists(place));
}

TEST_F(CollectionTest, TheSettingsAnIndexWasMadeWithLoadItsModelAgain) {
  IndexSettings made = settings();
  made.document_length = 9;
  const CheckpointOptions again = with_index_settings({}, made);
  model_ = std::make_shared<const ColBERT>(
      ColBERT::load(model_folder(), {.checkpoint = again, .num_threads = 1}));
  made.fingerprint = model_fingerprint(*model_);
  EXPECT_EQ(model_->settings().document_length, 9U);
  {
    NewIndex fresh(index(), made, {});
    add(fresh.writer(), write_corpus(3));
  }
  EXPECT_EQ(open().index().settings(), made);
  EXPECT_EQ(with_index_settings({.document_length = 7}, made).document_length, 7U);
  made.document_length.reset();
  EXPECT_FALSE(with_index_settings({}, made).document_length.has_value());
}

}  // namespace
}  // namespace maxsimd
