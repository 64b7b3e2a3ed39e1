// What a writer and verify make of a catalog whose damage no checksum shows, or a forger hid.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "maxsimd/base/errors.h"
#include "maxsimd/index/catalog_impl.h"
#include "maxsimd/index/index_writer.h"
#include "maxsimd/index/verify.h"
#include "tests/support/temp_folder.h"

namespace maxsimd {
namespace {

namespace fs = std::filesystem;

class DamagedCatalog : public testing::Test {
 protected:
  // Two segments that no merge touches.
  DamagedCatalog() {
    IndexWriter writer = IndexWriter::create(folder(), {.dim = 1});
    add(writer, {"a", "b"});
    add(writer, {"c", "d"});
  }

  fs::path folder() const { return temporary_.path() / "index"; }

  static void add(IndexWriter& writer, const std::vector<std::string>& ids) {
    Embeddings embeddings;
    embeddings.dim = 1;
    for (size_t d = 0; d < ids.size(); ++d) {
      embeddings.values.push_back(1.0F);
      embeddings.offsets.push_back(embeddings.values.size());
    }
    writer.add({.ids = ids, .embeddings = &embeddings, .texts = ids});
    writer.commit();
  }

  // Changes the file as nobody should. No catalog may be open meanwhile (SQLite's locks).
  void execute(const std::string& sql) const {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open((folder() / "catalog.sqlite").c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
        << sql << ": " << sqlite3_errmsg(database);
    sqlite3_close(database);
  }

  // A forger's: its checksum fits.
  void set_head(const CatalogHead& head) const {
    std::string sql = "UPDATE state SET commit_number = ";
    sql.append(std::to_string(head.commit)).append(", next_sequence = ");
    sql.append(std::to_string(head.next_sequence)).append(", next_segment = ");
    sql.append(std::to_string(head.next_segment)).append(", purged_commit = ");
    sql.append(std::to_string(head.purged_commit)).append(", checksum = ");
    execute(sql.append(std::to_string(static_cast<int64_t>(head_checksum(head)))));
  }

 private:
  testing_support::TempFolder temporary_;
};

TEST_F(DamagedCatalog, NeverCostsASegmentThatLives) {
  // Number 1 lives; number 3 is the next one, which must outlive the commit that makes it.
  execute("INSERT INTO dropped VALUES (1, 2), (3, 1000)");
  IndexWriter writer = IndexWriter::open(folder());
  add(writer, {"e"});
  EXPECT_EQ(verify_index(folder()).problems, std::vector<std::string>());
  add(writer, {"f"});
  EXPECT_EQ(verify_index(folder()).problems, std::vector<std::string>());
  EXPECT_EQ(Index::open(folder()).size(), 6U);
}

TEST_F(DamagedCatalog, ThatLacksADocumentIsToldBeforeItsTextIsEncoded) {
  remove_index(folder());
  const IndexSettings settings{
      .dim = 1, .kind = IndexKind::plaid, .codec = Codec::residual, .nbits = 4, .store_text = true};
  const IndexWriterOptions options{.num_centroids = 1, .fewest_listed_vectors = 1};
  {
    IndexWriter writer = IndexWriter::create(folder(), settings, options);
    add(writer, {"a", "b", "c"});
    writer.optimize();
  }
  execute("DELETE FROM documents WHERE id = 'b'");
  IndexWriter writer = IndexWriter::open(folder(), options);
  const auto encode = [](std::span<const std::string>) -> Embeddings {
    throw std::logic_error("called");
  };
  try {
    writer.compact({.retrain = true, .encode = encode});
    FAIL() << "encoded";
  } catch (const FormatError& error) {
    EXPECT_NE(std::string(error.what()).find("number 0 to 2 the catalog lacks one"),
              std::string::npos)
        << error.what();
  }
}

TEST_F(DamagedCatalog, DoesNotStopAWriterByADroppedSegmentThatIsDroppedAgain) {
  execute("INSERT INTO dropped VALUES (2, 1000)");
  IndexWriter writer = IndexWriter::open(folder());
  EXPECT_TRUE(writer.remove(std::vector<std::string>{"c", "d"}).empty());
  writer.commit();
  EXPECT_EQ(verify_index(folder()).problems, std::vector<std::string>());
  EXPECT_EQ(Index::open(folder()).size(), 2U);
}

TEST_F(DamagedCatalog, IsToldForRowsAndSegmentsOfCommitsToCome) {
  // find_live() takes it for removed: its id could be added once more beside it.
  const std::vector<std::pair<std::string, std::string>> damages = {
      {"UPDATE documents SET removed_at = 7 WHERE id = 'b'", "still to come"},
      {"UPDATE documents SET removed_at = -1 WHERE id = 'b'", "still to come"},
      {"UPDATE documents SET sequence = 70 WHERE id = 'd'", "still to come"},
      {"INSERT INTO dropped VALUES (1, 2)", "number 1 is noted as dropped, but it lives"},
      {"INSERT INTO dropped VALUES (9, 2)", "number 9 is noted as dropped, but was never made"}};
  for (const auto& pair : damages) {
    const std::string& damage = pair.first;
    const std::string& expected = pair.second;
    const fs::path whole = folder().parent_path() / "whole";
    fs::copy(folder(), whole, fs::copy_options::recursive);
    execute(damage);
    const VerifyReport report = verify_index(folder());
    EXPECT_TRUE(std::ranges::any_of(report.problems, [&](const std::string& problem) {
      return problem.find(expected) != std::string::npos;
    })) << damage;
    if (damage.starts_with("UPDATE documents SET removed_at")) {
      EXPECT_THROW(IndexWriter::open(folder()), FormatError) << damage;
    }
    fs::remove_all(folder());
    fs::rename(whole, folder());
  }
  EXPECT_EQ(verify_index(folder()).problems, std::vector<std::string>());
}

// SQLite reads such a file, but writes to it no more, or in another mode.
TEST_F(DamagedCatalog, IsRefusedForAFormatInItsHeaderThatIsNotOurs) {
  for (const size_t offset : {size_t{18}, size_t{19}}) {
    for (const char version : {'\2', '\3'}) {
      std::fstream file(folder() / "catalog.sqlite",
                        std::ios::in | std::ios::out | std::ios::binary);
      file.seekp(static_cast<std::streamoff>(offset)).put(version).flush();
      EXPECT_FALSE(verify_index(folder()).problems.empty()) << offset << ": " << int{version};
      EXPECT_THROW(IndexWriter::open(folder()), FormatError) << offset << ": " << int{version};
      file.seekp(static_cast<std::streamoff>(offset)).put('\1').flush();
    }
  }
  EXPECT_EQ(verify_index(folder()).problems, std::vector<std::string>());
}

TEST_F(DamagedCatalog, IsRefusedForNumbersThatNoCommitHas) {
  constexpr uint64_t kHuge = INT64_MAX;
  const CatalogHead whole = {
      .commit = 2, .next_sequence = 4, .next_segment = 3, .id_type = IdType::string};
  set_head(whole);
  EXPECT_EQ(Index::open(folder()).size(), 4U);
  std::vector<CatalogHead> forged(4, whole);
  forged[0].commit = kHuge;
  forged[1].next_sequence = kHuge;
  forged[2].next_segment = kHuge;
  forged[3].purged_commit = 3;  // verify went round for ever
  for (const CatalogHead& head : forged) {
    set_head(head);
    EXPECT_THROW(Index::open(folder()), FormatError);
    EXPECT_THROW(IndexWriter::open(folder()), FormatError);
    EXPECT_FALSE(verify_index(folder()).problems.empty());
  }
}

}  // namespace
}  // namespace maxsimd
