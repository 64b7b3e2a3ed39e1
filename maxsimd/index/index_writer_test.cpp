#include "maxsimd/index/index_writer.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "maxsimd/base/errors.h"
#include "maxsimd/index/filter_cache.h"
#include "maxsimd/index/index_testing.h"

namespace maxsimd {
namespace {

namespace fs = std::filesystem;
using index_testing::message_of;
using index_testing::random_batch;

class IndexWriterTest : public ::testing::Test {
 protected:
  IndexWriterTest() {
    folder_ = fs::temp_directory_path() /
              ("maxsimd-writer-" + std::to_string(::getpid()) + "-" +
               ::testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(folder_);
  }
  ~IndexWriterTest() override { fs::remove_all(folder_); }

  IndexWriter create(IndexSettings settings = {.dim = 8, .store_text = true}) {
    return IndexWriter::create(folder_, settings);
  }

  static void add(IndexWriter& writer, const std::vector<std::string>& ids, uint32_t seed = 1) {
    const Embeddings rows = random_batch(8, std::vector<size_t>(ids.size(), 3), seed);
    std::vector<std::string> metadata, texts;
    for (const std::string& id : ids) {
      metadata.push_back("{\"seed\":" + std::to_string(seed) + "}");
      texts.push_back("text of " + id);
    }
    writer.add({.ids = ids, .embeddings = &rows, .metadata = metadata, .texts = texts});
  }

  static std::vector<std::string> ids_of(const Index& index) {
    std::vector<std::string> ids;
    for (const DocId document : index.documents()) ids.emplace_back(index.id(document));
    return ids;
  }

  void expect_whole() { index_testing::expect_whole(folder_); }

  fs::path folder_;
};

using Ids = std::vector<std::string>;

TEST_F(IndexWriterTest, OnlyCommittedChangesAreSeen) {
  {
    IndexWriter writer = create();
    add(writer, {"a", "b"});
    EXPECT_EQ(writer.snapshot().size(), 0U);
    writer.commit();
    add(writer, {"c"});
  }
  EXPECT_EQ(ids_of(Index::open(folder_)), (Ids{"a", "b"}));
  expect_whole();
}

TEST_F(IndexWriterTest, ReplacedDocumentsCountAsAddedLastAndOldSnapshotsStay) {
  IndexWriter writer = create();
  add(writer, {"a", "b", "c"}, 1);
  writer.commit();
  const Index before = writer.snapshot();
  add(writer, {"a"}, 2);
  EXPECT_EQ(writer.remove(Ids{"b", "nope"}), Ids{"nope"});
  writer.commit();
  const Index after = before.refresh();
  EXPECT_EQ(ids_of(after), (Ids{"c", "a"}));
  EXPECT_EQ(ids_of(before), (Ids{"a", "b", "c"}));
  const Where first = Where::parse("seed = 1");
  EXPECT_EQ(before.filter_where(first).count(), 3U);
  EXPECT_EQ(after.filter_where(first).count(), 1U);
  EXPECT_EQ(before.record(*before.find("b")).text, "text of b");
  EXPECT_FALSE(after.find("b"));
  expect_whole();
}

TEST_F(IndexWriterTest, RecordsComeInTheOrderAskedForAndOnlyOfTheSnapshot) {
  IndexWriter writer = create();
  add(writer, {"a", "b", "c"}, 1);
  writer.commit();
  const Index before = writer.snapshot();
  const std::vector<DocId> asked = {*before.find("c"), *before.find("a"), *before.find("c")};
  std::vector<std::string> texts;
  for (const DocumentRecord& record : before.records(asked)) texts.push_back(record.text);
  EXPECT_EQ(texts, (Ids{"text of c", "text of a", "text of c"}));
  EXPECT_TRUE(before.records({}).empty());
  writer.remove(Ids{"a"});
  writer.commit();
  EXPECT_THROW(before.refresh().records(asked), std::invalid_argument);
  EXPECT_EQ(before.records(asked).size(), 3U);
}

TEST_F(IndexWriterTest, FiltersOfTheLastConditionsAreKeptBySnapshot) {
  IndexWriter writer = create();
  add(writer, {"a", "b", "c"}, 1);
  writer.commit();
  const Index before = writer.snapshot();
  const auto count = [](const Index& index, const std::string& condition) {
    return index.filter_where(Where::parse(condition)).count();
  };
  EXPECT_EQ(count(before, "seed = 1"), 3U);
  EXPECT_EQ(count(before, "seed = '1'"), 0U);
  writer.remove(Ids{"a"});
  for (uint32_t i = 0; i < 4; ++i) {
    writer.commit();
    add(writer, {"d"}, i);
    writer.compact();  // drops the rows of the old snapshot for good
  }
  EXPECT_EQ(count(before, " seed=1 "), 3U);  // written otherwise, the same condition
  EXPECT_EQ(count(before, "seed = '1'"), 0U);
  EXPECT_THROW(count(before, "seed = 2"), IoError);
  EXPECT_EQ(count(before.refresh(), "seed = 1"), 2U);
  for (size_t i = 0; i < FilterCache::kCapacity; ++i) {
    const std::string condition = "seed != " + std::to_string(i);
    EXPECT_EQ(count(before.refresh(), condition), count(before.refresh(), condition));
  }
}

TEST_F(IndexWriterTest, TheLastOfEqualIdsInOneCommitWins) {
  IndexWriter writer = create();
  add(writer, {"a", "b", "a"}, 1);
  add(writer, {"c"}, 2);
  EXPECT_TRUE(writer.remove(Ids{"c"}).empty());
  EXPECT_FALSE(writer.contains("c"));
  add(writer, {"b"}, 3);
  writer.commit();
  EXPECT_EQ(ids_of(writer.snapshot()), (Ids{"a", "b"}));
  expect_whole();
  writer.compact();
  EXPECT_EQ(ids_of(writer.snapshot()), (Ids{"a", "b"}));
  EXPECT_EQ(writer.snapshot().num_deleted(), 0U);
  expect_whole();
}

TEST_F(IndexWriterTest, CompactingWhatIsCompactMakesNoCommit) {
  IndexWriter writer = create();
  writer.compact();
  EXPECT_EQ(writer.snapshot().commit(), 0U) << "an index that nothing was added to";
  add(writer, {"a", "b"}, 1);
  writer.commit();
  const uint64_t commit = writer.snapshot().commit();
  writer.compact();
  EXPECT_EQ(writer.snapshot().commit(), commit);
}

TEST_F(IndexWriterTest, ManySmallCommitsStayFewSegmentsInTheOrderOfAdding) {
  IndexWriter writer = create();
  Ids expected;
  for (int i = 0; i < 100; ++i) {
    expected.push_back(std::string("d").append(std::to_string(i)));
    add(writer, {expected.back()}, static_cast<uint32_t>(i));
    writer.commit();
    ASSERT_LE(writer.snapshot().num_segments(), 9U);
  }
  EXPECT_EQ(ids_of(writer.snapshot()), expected);
  expect_whole();
}

TEST_F(IndexWriterTest, ABadDocumentNamesItselfAndNothingOfItsBatchIsTaken) {
  IndexWriter writer = create();
  const Embeddings wide = random_batch(9, {1}, 1);
  const Ids ids = {"x"};
  EXPECT_NE(message_of([&] {
              writer.add({.ids = ids, .embeddings = &wide});
            }).find("index dim 8, got 9 (document \"x\")"),
            std::string::npos);
  const Embeddings good = random_batch(8, {1}, 1);
  const Ids list = {"[1]"};
  EXPECT_NE(message_of([&] {
              writer.add({.ids = ids, .embeddings = &good, .metadata = list});
            }).find("expected a JSON object"),
            std::string::npos);
  const Ids with_nul = {std::string("a\0b", 3)};
  EXPECT_NE(message_of([&] { writer.add({.ids = with_nul, .embeddings = &good}); }).find("U+0000"),
            std::string::npos);
  writer.add({.ids = ids, .embeddings = &good});
  const Ids number = {"7"};
  EXPECT_NE(message_of([&] {
              writer.add({.ids = number, .embeddings = &good, .id_type = IdType::integer});
            }).find("an index has one type of id"),
            std::string::npos);
  writer.commit();
  EXPECT_EQ(ids_of(writer.snapshot()), Ids{"x"});
}

TEST_F(IndexWriterTest, FieldsWithEscapedNamesAreFound) {
  IndexWriter writer = create();
  const Embeddings rows = random_batch(8, {1}, 1);
  const Ids ids = {"x"};
  const Ids metadata = {R"({"gr\u00f6\u00dfe":1})"};
  writer.add({.ids = ids, .embeddings = &rows, .metadata = metadata});
  writer.commit();
  EXPECT_EQ(writer.snapshot().filter_where(Where::parse("\"gr\u00f6\u00dfe\" = 1")).count(), 1U);
}

TEST_F(IndexWriterTest, ASecondWriterIsTold) {
  const IndexWriter writer = create();
  try {
    IndexWriter::open(folder_);
    FAIL() << "two writers";
  } catch (const IoError& error) {
    EXPECT_NE(std::string(error.what()).find("process " + std::to_string(::getpid())),
              std::string::npos);
  }
}

}  // namespace
}  // namespace maxsimd
