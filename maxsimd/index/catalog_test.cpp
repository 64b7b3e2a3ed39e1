// What a catalog says of itself: damage that SQLite cannot see is refused, long reads let a writer
// in.
#include "maxsimd/index/catalog.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <thread>

#include "maxsimd/base/errors.h"
#include "maxsimd/index/catalog_impl.h"
#include "tests/support/temp_folder.h"

namespace maxsimd {
namespace {

namespace fs = std::filesystem;

// Changes a file as nobody should. No catalog may be open meanwhile (SQLite's locks).
void execute(const fs::path& path, const std::string& sql) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
  sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 0, nullptr);
  char* problem = nullptr;
  EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, &problem), SQLITE_OK)
      << sql << ": " << (problem == nullptr ? "" : problem);
  sqlite3_free(problem);
  sqlite3_close(database);
}

DocumentRecord document(DocId sequence) {
  const std::string number = std::to_string(sequence);
  return {.sequence = sequence,
          .id = std::string("d").append(number),
          .metadata = std::string(R"({"n":)").append(number).append("}"),
          .text = std::string("text ").append(number)};
}

CatalogChange change_with_documents(uint64_t count) {
  CatalogChange change{.next_sequence = count, .next_segment = 2, .id_type = IdType::string};
  for (DocId d = 0; d < count; ++d) change.added.push_back(document(d));
  change.segments.push_back(
      {.number = 1, .num_vectors = 3 * count, .header_checksum = 77, .live = Bitmap(count, true)});
  return change;
}

class CatalogTest : public testing::Test {
 protected:
  void SetUp() override {
    Catalog::create(path());
    Catalog(path(), Catalog::Access::write).apply(change_with_documents(10));
  }
  fs::path path() const { return folder_.path() / "catalog.sqlite"; }

  // Opening or reading it is a FormatError that names the file.
  void expect_refusal(const std::string& sql) {
    SCOPED_TRACE(sql);
    execute(path(), sql);
    try {
      (void)Catalog(path(), Catalog::Access::read).read_state();
      ADD_FAILURE() << "was read";
    } catch (const FormatError& error) {
      EXPECT_NE(std::string(error.what()).find(path().string()), std::string::npos) << error.what();
    }
    fs::remove(path());
    SetUp();
  }

 private:
  testing_support::TempFolder folder_;
};

TEST_F(CatalogTest, ReadsWhatWasApplied) {
  const Catalog catalog(path(), Catalog::Access::read);
  const CatalogState state = catalog.read_state();
  EXPECT_EQ(state.commit, 1U);
  EXPECT_EQ(state.next_sequence, 10U);
  EXPECT_EQ(state.next_segment, 2U);
  EXPECT_EQ(state.id_type, IdType::string);
  EXPECT_EQ(state.segments, change_with_documents(10).segments);
  EXPECT_TRUE(catalog.integrity_problems().empty());
}

// A commit beyond them would be one that no reader takes.
TEST_F(CatalogTest, RefusesACommitThatUsesUpItsNumbersAndKeepsTheOneBefore) {
  constexpr uint64_t kLast = uint64_t{1} << 62;
  Catalog catalog(path(), Catalog::Access::write);
  CatalogChange change{.old_commit = 1, .next_sequence = kLast, .next_segment = 2};
  catalog.apply(change);
  ++change.old_commit;
  ++change.next_sequence;
  EXPECT_THROW(catalog.apply(change), std::invalid_argument);
  change.next_sequence = kLast;
  change.next_segment = kLast + 1;
  EXPECT_THROW(catalog.apply(change), std::invalid_argument);
  EXPECT_EQ(catalog.read_state().commit, 2U);
  EXPECT_EQ(catalog.read_state().next_sequence, kLast);
}

TEST_F(CatalogTest, RefusesAStateThatWasChangedBesideIt) {
  expect_refusal("UPDATE state SET commit_number = 0");
  expect_refusal("UPDATE state SET next_sequence = 11");
  expect_refusal("UPDATE state SET next_segment = 1");
  expect_refusal("UPDATE state SET id_type = 'integer'");
  expect_refusal("UPDATE state SET id_type = NULL");
  expect_refusal("UPDATE state SET id_type = 'strinG'");
  expect_refusal("UPDATE state SET purged_commit = 1");
  expect_refusal("UPDATE state SET checksum = checksum + 1");
  expect_refusal("DELETE FROM state");
}

TEST_F(CatalogTest, RefusesASegmentsRowThatWasChangedBesideIt) {
  expect_refusal("UPDATE segments SET number = 2");
  expect_refusal("UPDATE segments SET num_documents = 11");
  expect_refusal("UPDATE segments SET num_vectors = 29");
  expect_refusal("UPDATE segments SET header_checksum = 78");
  expect_refusal("UPDATE segments SET live = x'FE03000000000000'");
  expect_refusal("UPDATE segments SET live = x''");
  expect_refusal("UPDATE segments SET checksum = 0");
}

TEST_F(CatalogTest, RefusesASchemaThatIsNotOurs) {
  expect_refusal("DROP INDEX live_ids");
  expect_refusal("DROP INDEX live_ids; CREATE INDEX live_ids ON documents (id)");
  expect_refusal("DROP TABLE dropped");
  expect_refusal("ALTER TABLE documents ADD COLUMN more TEXT");
  expect_refusal("CREATE TABLE more (x)");
  expect_refusal("CREATE TRIGGER t AFTER INSERT ON documents BEGIN DELETE FROM segments; END");
}

TEST_F(CatalogTest, SaysThatAnEmptyFileIsEmpty) {
  fs::resize_file(path(), 0);
  try {
    Catalog(path(), Catalog::Access::read);
    FAIL();
  } catch (const FormatError& error) {
    EXPECT_NE(std::string(error.what()).find("is empty"), std::string::npos) << error.what();
  }
}

TEST_F(CatalogTest, AWriterCommitsWhileAReaderGoesThroughAllRows) {
  const Catalog reader(path(), Catalog::Access::read);
  std::jthread writer;
  std::vector<DocId> seen;
  const bool complete = reader.for_each_row(1, [&](const Catalog::CheckedRow& row) {
    seen.push_back(row.document);
    EXPECT_TRUE(row.intact && row.live) << row.document;
    if (row.document != 4) return;
    writer = std::jthread([&] {
      Catalog(path(), Catalog::Access::write)
          .apply(
              {.old_commit = 1, .next_sequence = 11, .next_segment = 2, .added = {document(10)}});
    });
    // Longer than one transaction of the reader lasts: then the writer, which waits, has its turn.
    std::this_thread::sleep_for(kLongestRead + std::chrono::milliseconds(200));
  });
  EXPECT_TRUE(complete);
  EXPECT_EQ(seen.size(), 11U) << "the writer had to wait for the whole of the reading";
}

TEST_F(CatalogTest, KeepsOneCodebookAsTheLastCommitSaysIt) {
  const auto read = [&] { return Catalog(path(), Catalog::Access::read).read_state().codebook; };
  EXPECT_FALSE(read());
  const auto set = [&](const std::optional<CodebookRecord>& codebook) {
    Catalog catalog(path(), Catalog::Access::write);
    CatalogChange change{.old_commit = catalog.read_commit(),
                         .next_sequence = 10,
                         .next_segment = 9,
                         .id_type = IdType::string,
                         .codebook = codebook};
    catalog.apply(change);
  };
  // Errors that are whole numbers, which SQLite stores as such, and others.
  for (const CodebookRecord& record :
       {CodebookRecord{3, ~uint64_t{0}, 0, 0.0}, CodebookRecord{3, ~uint64_t{0}, 12, 4.0},
        CodebookRecord{8, 5, uint64_t{1} << 40, 0.1}}) {
    set(record);
    EXPECT_EQ(read(), record);
  }
  set(std::nullopt);
  EXPECT_FALSE(read());
}

TEST_F(CatalogTest, ADamagedCodebookRowIsRefused) {
  std::string row = "INSERT INTO codebooks VALUES (3, 4, 5, 6.5, ";
  row.append(std::to_string(static_cast<int64_t>(codebook_checksum({3, 4, 5, 6.5})))).append(");");
  execute(path(), row);
  EXPECT_TRUE(Catalog(path(), Catalog::Access::read).read_state().codebook);
  fs::remove(path());
  SetUp();
  for (const char* damage :
       {"number = 2", "header_checksum = 5", "num_added = 6", "added_error = 6.75",
        "added_error = 'x'", "checksum = checksum + 1"}) {
    expect_refusal(row + "UPDATE codebooks SET " + damage);
  }
  expect_refusal(row + "INSERT INTO codebooks SELECT 4, 4, 5, 6.5, checksum FROM codebooks");
}

}  // namespace
}  // namespace maxsimd
