// Indexes whose vectors are residuals: coded as the codebook does it, whole after every change.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "maxsimd/base/atomic_file.h"
#include "maxsimd/base/errors.h"
#include "maxsimd/index/index_folder.h"
#include "maxsimd/index/index_testing.h"
#include "maxsimd/index/index_writer.h"
#include "maxsimd/index/residual_coding.h"
#include "maxsimd/index/stored_codebook.h"
#include "maxsimd/index/verify.h"
#include "tests/support/temp_folder.h"

namespace maxsimd {
namespace {

namespace fs = std::filesystem;
using index_testing::add_in_pieces;
using index_testing::message_of;
using index_testing::numbered_ids;
using index_testing::random_batch;
using index_testing::random_lengths;
using Ids = std::vector<std::string>;

constexpr size_t kDim = 16;

class ResidualIndex : public testing::Test {
 protected:
  IndexWriter create(const IndexWriterOptions& options) {
    return IndexWriter::create(
        folder_, {.dim = kDim, .kind = IndexKind::plaid, .codec = Codec::residual, .nbits = 4},
        options);
  }
  IndexWriterOptions small() { return {.pool = &pool_, .num_centroids = 32}; }

  void add(IndexWriter& writer, size_t count, uint32_t seed, size_t first = 0) {
    const Embeddings rows = random_batch(kDim, random_lengths(count, 0, 30, seed), seed);
    const Ids ids = numbered_ids(count, first);
    writer.add({.ids = ids, .embeddings = &rows});
  }

  // What the codebook makes of vectors, to be compared with what an index stores.
  void expect_coded(const Index& index, const std::string& id, MatrixView<const float> vectors) {
    const CodedRows stored = index.rows(*index.find(id));
    ASSERT_EQ(stored.codec, Codec::residual);
    CodedResiduals expected(*index.codebook()->codebook);
    expected.encode(vectors, pool_);
    EXPECT_TRUE(std::ranges::equal(stored.centroids, expected.rows().centroids)) << id;
    EXPECT_TRUE(std::ranges::equal(stored.codes, expected.rows().codes)) << id;
  }

  std::vector<std::string> names(const std::string& prefix) const {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(folder_)) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with(prefix)) found.push_back(name);
    }
    std::sort(found.begin(), found.end());
    return found;
  }

  void expect_whole() { index_testing::expect_whole(folder_); }
  void expect_problem(const std::string& text) {
    const VerifyReport report = verify_index(folder_);
    EXPECT_TRUE(std::ranges::any_of(
        report.problems,
        [&](const std::string& problem) { return problem.find(text) != std::string::npos; }))
        << text << ": " << (report.problems.empty() ? "no problem" : report.problems.front());
  }

  testing_support::TempFolder temporary_;
  const fs::path folder_ = temporary_.path();
  ThreadPool pool_{2};
};

TEST_F(ResidualIndex, WaitsAsFloat16UntilItIsTrainedOnAllItsVectors) {
  IndexWriter writer = create(small());
  const Embeddings rows = random_batch(kDim, random_lengths(300, 0, 30, 7), 7);
  const Ids ids = numbered_ids(300);
  for (size_t i = 0; i < 300; i += 100) {
    Embeddings piece;
    piece.dim = kDim;
    for (size_t item = i; item < i + 100; ++item) piece.append(rows.matrix(item));
    writer.add({.ids = std::span(ids).subspan(i, 100), .embeddings = &piece});
    writer.commit();
  }
  const Index raw = writer.snapshot();
  EXPECT_FALSE(raw.codebook());
  EXPECT_EQ(raw.parts().size(), 3U);
  for (const IndexPart& part : raw.parts()) {
    EXPECT_EQ(part.documents.rows.codec, Codec::float16);
    EXPECT_EQ(part.codebook, nullptr);
    EXPECT_FALSE(part.lists);
  }
  writer.remove(Ids{"5"});
  writer.optimize();

  const Index index = raw.refresh();
  ASSERT_TRUE(index.codebook());
  EXPECT_EQ(index.codebook()->codebook->num_centroids(), 32U);
  EXPECT_EQ(index.codebook()->num_added, 0U);
  ASSERT_EQ(index.parts().size(), 1U);
  EXPECT_TRUE(index.parts()[0].lists);
  EXPECT_EQ(index.num_deleted(), 0U);
  EXPECT_EQ(index.size(), 299U);
  EXPECT_EQ(index.num_tokens(), raw.num_tokens() - rows.rows(5));
  std::vector<float> halves(kDim * 30);
  for (const DocId document : index.documents()) {
    const std::string id(index.id(document));
    const std::vector<float> vectors = decode(raw.rows(*raw.find(id)), raw.kernels());
    expect_coded(index, id, {vectors.data(), vectors.size() / kDim, kDim});
  }
  expect_whole();
  // The float16 files are gone; the old snapshot still has them.
  size_t num_segments = 0;
  for (const auto& entry : fs::directory_iterator(folder_ / "segments")) {
    num_segments += entry.is_directory() ? 1 : 0;
  }
  EXPECT_EQ(num_segments, 1U);
  EXPECT_EQ(decode(raw.rows(0), raw.kernels()).size(), rows.rows(0) * kDim);
}

TEST_F(ResidualIndex, IsTheSameForAnyNumberOfThreadsCommitsAndCalls) {
  std::string first;
  for (const size_t threads : {1U, 3U}) {
    for (const size_t piece : {50U, 300U}) {
      fs::remove_all(folder_);
      ThreadPool pool(threads);
      IndexWriter writer = create({.pool = &pool, .num_centroids = 32});
      const Embeddings rows = random_batch(kDim, random_lengths(300, 0, 30, 7), 7);
      add_in_pieces(writer, rows, piece, piece == 50 ? 2 : 1);
      writer.optimize();
      const Index index = writer.snapshot();
      std::string bytes;
      const CodedRows& stored = index.parts()[0].documents.rows;
      for (const std::byte code : stored.codes) bytes.push_back(static_cast<char>(code));
      for (const uint16_t centroid : stored.centroids) bytes.append(std::to_string(centroid));
      if (first.empty()) first = bytes;
      EXPECT_EQ(bytes, first) << threads << " threads, pieces of " << piece;
    }
  }
}

TEST_F(ResidualIndex, LaterDocumentsAreCodedAtOnceAndTheirErrorIsKept) {
  IndexWriter writer = create(small());
  add(writer, 300, 1);
  writer.optimize();
  const Embeddings same = random_batch(kDim, std::vector<size_t>(40, 10), 5);
  Embeddings far = same;
  for (float& value : far.values) value *= 4.0F;
  const Ids ids = numbered_ids(40, 1000), far_ids = numbered_ids(40, 2000);
  writer.add({.ids = ids, .embeddings = &same});
  writer.commit();
  const Index after = writer.snapshot();
  for (size_t item = 0; item < 40; ++item) expect_coded(after, ids[item], same.matrix(item));
  EXPECT_EQ(after.codebook()->num_added, 400U);
  double expected = 0.0;
  for (size_t item = 0; item < 40; ++item) {
    const auto stored = decode(after.rows(*after.find(ids[item])), after.kernels());
    for (size_t v = 0; v < stored.size(); ++v) {
      const double off = double{same.matrix(item).data[v]} - double{stored[v]};
      expected += off * off;
    }
  }
  EXPECT_NEAR(after.codebook()->added_error, expected / 400, 1e-5 * expected / 400);
  EXPECT_LT(after.codebook()->drift(), 1.5);
  writer.add({.ids = far_ids, .embeddings = &far});
  writer.commit();
  EXPECT_GT(writer.snapshot().codebook()->drift(), 1.5);
  EXPECT_EQ(writer.snapshot().codebook()->num_added, 800U);
  EXPECT_FALSE(writer.snapshot().parts().back().lists) << "a small segment";
  expect_whole();
}

TEST_F(ResidualIndex, SmallOnesStayFloat16AndCommitNeverTrains) {
  IndexWriter writer = create(small());
  const Embeddings rows = random_batch(kDim, std::vector<size_t>(199, 10), 1);
  const Ids ids = numbered_ids(199), more = {"x", "y"};
  writer.add({.ids = ids, .embeddings = &rows});
  writer.optimize();
  EXPECT_FALSE(writer.snapshot().codebook());
  const Embeddings two = random_batch(kDim, {5, 5}, 2);
  writer.add({.ids = more, .embeddings = &two});
  writer.commit();
  EXPECT_FALSE(writer.snapshot().codebook()) << "2000 vectors, but only a commit";
  const uint64_t commit = writer.snapshot().commit();
  writer.optimize();
  EXPECT_TRUE(writer.snapshot().codebook());
  EXPECT_EQ(writer.snapshot().commit(), commit + 2);
  writer.optimize();
  EXPECT_EQ(writer.snapshot().commit(), commit + 2);
}

TEST_F(ResidualIndex, MergesCopyCodesAndMakeTheListsAnew) {
  IndexWriter writer = create({.pool = &pool_, .num_centroids = 32, .fewest_listed_vectors = 100});
  add(writer, 300, 1);
  writer.optimize();
  for (uint32_t i = 0; i < 12; ++i) {
    add(writer, 20, 100 + i, 1000 + 20 * i);
    writer.commit();
  }
  EXPECT_LE(writer.snapshot().num_segments(), 9U);
  const Index before = writer.snapshot();
  writer.remove(Ids{"1001", "7"});
  writer.compact();
  const Index after = writer.snapshot();
  EXPECT_EQ(after.num_deleted(), 0U);
  for (const DocId document : after.documents()) {
    const CodedRows old = before.rows(document), now = after.rows(document);
    EXPECT_TRUE(std::ranges::equal(old.codes, now.codes));
    EXPECT_TRUE(std::ranges::equal(old.centroids, now.centroids));
  }
  for (const IndexPart& part : after.parts()) EXPECT_TRUE(part.lists);
  expect_whole();
}

TEST_F(ResidualIndex, RetrainingMakesAnotherCodebookOfWhatIsStored) {
  IndexWriter writer = create(small());
  add(writer, 300, 1);
  writer.optimize();
  add(writer, 100, 2, 1000);
  writer.remove(Ids{"3"});
  writer.commit();
  const Index before = writer.snapshot();
  const Ids old_folder = names("centroids-");
  writer.compact({.retrain = true});
  const Index after = before.refresh();
  ASSERT_NE(after.codebook()->codebook, before.codebook()->codebook);
  EXPECT_FALSE(std::ranges::equal(after.codebook()->codebook->parts().centroids,
                                  before.codebook()->codebook->parts().centroids));
  EXPECT_EQ(after.codebook()->num_added, 0U);
  for (const DocId document : after.documents()) {
    const std::vector<float> vectors = decode(before.rows(document), before.kernels());
    expect_coded(after, std::string(after.id(document)),
                 {vectors.data(), vectors.size() / kDim, kDim});
  }
  EXPECT_EQ(names("centroids-").size(), 1U);
  EXPECT_NE(names("centroids-"), old_folder) << "the old one is gone";
  expect_whole();
}

TEST_F(ResidualIndex, RetrainingIsRefusedWhereThereAreNoCodebooks) {
  IndexWriter writer = IndexWriter::create(folder_, {.dim = kDim});
  EXPECT_NE(message_of([&] { writer.compact({.retrain = true}); }).find("codec float32"),
            std::string::npos);
  writer.compact();
}

TEST_F(ResidualIndex, LeftoversOfKilledWritersAreSweptAndTheirNumbersLeftOut) {
  {
    IndexWriter writer = create(small());
    add(writer, 300, 1);
    writer.optimize();
  }
  const Ids own = names("centroids-");
  ASSERT_EQ(own.size(), 1U);
  fs::copy(folder_ / own[0], folder_ / "centroids-77", fs::copy_options::recursive);
  fs::copy(folder_ / own[0], folder_ / ".centroids-78.tmp-1-1", fs::copy_options::recursive);
  fs::create_directory(folder_ / "centroids-007");
  fs::create_directory(folder_ / "centroids-79");
  std::ofstream(folder_ / "centroids-79" / "notes.txt") << "not ours";
  IndexWriter writer = IndexWriter::open(folder_, small());
  EXPECT_EQ(names("centroids-"), (Ids{"centroids-007", own[0], "centroids-79"}));
  EXPECT_TRUE(names(".centroids-").empty());
  add(writer, 30, 2);
  writer.commit();
  expect_whole();
}

// These rows have no checksum: a damaged one must not cost the codebook.
TEST_F(ResidualIndex, ACodebookThatIsNotedAsDroppedLivesOn) {
  {
    IndexWriter writer = create(small());
    add(writer, 300, 1);
    writer.optimize();
  }
  const Ids own = names("centroids-");
  const std::string number = own[0].substr(own[0].find('-') + 1);
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open((folder_ / "catalog.sqlite").c_str(), &database), SQLITE_OK);
  const std::string sql = "INSERT INTO dropped VALUES (" + number + ", 1)";
  EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(database);
  expect_problem("segment or codebook number " + number + " is noted as dropped, but it lives");
  IndexWriter writer = IndexWriter::open(folder_, small());
  add(writer, 30, 2);
  writer.commit();
  EXPECT_EQ(names("centroids-"), own);
  expect_whole();
}

TEST_F(ResidualIndex, IsRemovedWholeAndOnlyWhenAllOfItIsOurs) {
  {
    IndexWriter writer = create(small());
    add(writer, 300, 1);
    writer.optimize();
  }
  const fs::path codebook = folder_ / names("centroids-")[0];
  std::ofstream(codebook / "notes.txt") << "not ours";
  EXPECT_THROW(remove_index(folder_), std::invalid_argument);
  EXPECT_TRUE(fs::exists(codebook / kCodebookFileName));
  fs::remove(codebook / "notes.txt");
  remove_index(folder_);
  EXPECT_FALSE(fs::exists(folder_));
}

TEST_F(ResidualIndex, AMissingOrExchangedCodebookIsSaid) {
  {
    IndexWriter writer = create(small());
    add(writer, 300, 1);
    writer.optimize();
  }
  const fs::path codebook = folder_ / names("centroids-")[0];
  fs::rename(codebook, folder_ / "away");
  EXPECT_THROW(Index::open(folder_), FormatError);
  EXPECT_THROW(IndexWriter::open(folder_), FormatError);
  expect_problem("is missing, but the catalog names it");
  fs::rename(folder_ / "away", codebook);
  // Another good codebook in its place.
  ThreadPool pool(1);
  const Embeddings rows = random_batch(kDim, {500}, 9);
  const Codebook other = Codebook::train({rows.values.data(), 500, kDim}, 500,
                                         {.nbits = 4, .num_centroids = 32}, pool);
  const uint64_t number = *codebook_number(codebook.filename().string());
  fs::remove_all(codebook);
  write_codebook(folder_, number, other);
  EXPECT_THROW(Index::open(folder_), FormatError);
  expect_problem("is not the codebook that the catalog knows");
}

TEST_F(ResidualIndex, EveryFlippedByteOfItsCodebookIsFoundWhenItIsOpened) {
  IndexSettings settings{.dim = 3, .kind = IndexKind::plaid, .codec = Codec::residual, .nbits = 2};
  const Embeddings rows = random_batch(3, {50}, 9);
  const Codebook codebook =
      Codebook::train({rows.values.data(), 50, 3}, 50, {.nbits = 2, .num_centroids = 4}, pool_);
  write_codebook(folder_, 5, codebook);
  const auto isa = kernels::best_isa();
  const auto stored = open_codebook_if_exists(folder_, 5, settings, isa);
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->codebook.parts().centroids, codebook.parts().centroids);
  EXPECT_EQ(stored->codebook.parts().cutoffs, codebook.parts().cutoffs);
  EXPECT_EQ(stored->codebook.parts().weights, codebook.parts().weights);
  EXPECT_EQ(stored->codebook.parts().error, codebook.parts().error);
  EXPECT_FALSE(open_codebook_if_exists(folder_, 6, settings, isa));
  settings.nbits = 4;
  EXPECT_THROW(open_codebook_if_exists(folder_, 5, settings, isa), FormatError);
  settings.nbits = 2;
  const fs::path path = folder_ / "centroids-5" / kCodebookFileName;
  const std::string whole = read_file(path);
  for (size_t byte = 0; byte < whole.size(); ++byte) {
    std::string damaged = whole;
    damaged[byte] = static_cast<char>(damaged[byte] ^ 0x10);
    std::ofstream(path, std::ios::binary | std::ios::trunc) << damaged;
    ASSERT_THROW(open_codebook_if_exists(folder_, 5, settings, isa), FormatError) << byte;
  }
}

TEST_F(ResidualIndex, ACodebookOfManyCentroidsKeepsItsProbes) {
  CodebookParts parts{.dim = 1, .nbits = 1};
  parts.centroids.resize(8192);
  parts.cutoffs = {0.0F};
  parts.weights = {-1.0F, 1.0F};
  parts.num_probes = 17;
  const IndexSettings settings{
      .dim = 1, .kind = IndexKind::plaid, .codec = Codec::residual, .nbits = 1};
  const auto isa = kernels::best_isa();
  write_codebook(folder_, 5, Codebook::from_parts(parts, isa));
  EXPECT_EQ(open_codebook_if_exists(folder_, 5, settings, isa)->codebook.parts().num_probes, 17U);
}

TEST_F(ResidualIndex, SettingsThatDoNotFitTogetherAreRefused) {
  const auto problem = [&](const IndexSettings& settings) {
    return message_of([&] { IndexWriter::create(folder_, settings); });
  };
  EXPECT_NE(problem({.dim = 4, .kind = IndexKind::hnsw}).find("not float32"), std::string::npos);
  for (const Codec codec : {Codec::float32, Codec::int8, Codec::residual}) {
    EXPECT_NE(problem({.dim = 4, .kind = IndexKind::plaid, .codec = codec}).find("1, 2 or 4"),
              std::string::npos);
  }
  EXPECT_NE(problem({.dim = 4, .codec = Codec::residual}).find("expected 1, 2 or 4"),
            std::string::npos);
  EXPECT_NE(problem({.dim = 4, .codec = Codec::residual, .nbits = 3}).find("got 3"),
            std::string::npos);
  EXPECT_NE(problem({.dim = 4, .nbits = 4}).find("nbits: expected none"), std::string::npos);
}

}  // namespace
}  // namespace maxsimd
