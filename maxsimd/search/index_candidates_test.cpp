// Rerank, alignments and damage on an index folder.
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <iterator>

#include "maxsimd/base/errors.h"
#include "maxsimd/search/index_search_testing.h"
#include "maxsimd/search/maxsim.h"
#include "maxsimd/search/rerank.h"

namespace maxsimd {
namespace {

using index_search_testing::Ids;
using index_search_testing::MirroredIndex;
using index_search_testing::numbered;
using index_search_testing::unit_rows;
using index_testing::batch_of;
using index_testing::item_of;
using index_testing::kCodecs;
using index_testing::message_of;
using index_testing::random_batch;
using index_testing::random_lengths;

constexpr size_t kDim = 24;

void fill(MirroredIndex& mirrored) {
  for (uint32_t commit = 0; commit < 3; ++commit) {
    Ids ids;
    for (size_t i = 0; i < 20; ++i) ids.push_back(numbered("d", 15 * commit + i));
    mirrored.add(ids, random_batch(kDim, random_lengths(20, 0, 15, 121 + commit), 131 + commit));
    mirrored.commit();
  }
  mirrored.remove({"d0", "d49"});
  mirrored.commit();
}

TEST(IndexRerank, OfAllDocumentsIsTheSearchAndOfSomeIsItsOrder) {
  for (const Codec codec : kCodecs) {
    MirroredIndex mirrored(kDim, codec);
    fill(mirrored);
    const Index index = mirrored.open();
    const Embeddings queries = random_batch(kDim, {9, 0, 33}, 141);
    ThreadPool pool(2);
    const auto all = retrieve(queries, index, {.k = 1000}, pool);
    const std::vector<Ids> candidates(3, mirrored.list().ids());
    EXPECT_EQ(rerank(candidates, queries, index, {}, pool), all);
    const std::vector<Ids> some = {{"d30", "d7", "d30", "d16"}, {"d5"}, {}};
    const auto hits = rerank(some, queries, index, {}, pool);
    ASSERT_EQ(hits[0].size(), 4U);
    for (const Hit& hit : hits[0]) EXPECT_EQ(std::ranges::count(all[0], hit), 1) << hit.id;
    EXPECT_TRUE(std::ranges::is_sorted(hits[0], std::greater{}, &Hit::score));
    EXPECT_TRUE(hits[1].empty());
    EXPECT_TRUE(hits[2].empty());
  }
}

TEST(IndexRerank, B41PylateMaskingPadsToTheLongestCandidateOfTheQuery) {
  MirroredIndex mirrored(2);
  mirrored.add({"A", "B"}, batch_of(2, {{{-1, 0}}, {{0, 1}, {0.6F, 0.8F}}}));
  mirrored.commit();
  const Index index = mirrored.open();
  const Embeddings query = batch_of(2, {{{1, 0}}});
  ThreadPool pool(1);
  const std::vector<Ids> both = {{"A", "B"}};
  EXPECT_EQ(rerank(both, query, index, {}, pool)[0], (std::vector<Hit>{{"B", 0.6F}, {"A", -1.0F}}));
  EXPECT_EQ(rerank(both, query, index, {.masking = Masking::pylate}, pool)[0],
            (std::vector<Hit>{{"B", 0.6F}, {"A", 0.0F}}));
}

TEST(IndexRerank, UnknownAndRemovedIdsAreRefusedByName) {
  MirroredIndex mirrored(kDim);
  fill(mirrored);
  const Index index = mirrored.open();
  const Embeddings queries = random_batch(kDim, {3, 3}, 142);
  ThreadPool pool(1);
  for (const std::string id : {"nope", "d0", ""}) {
    const std::vector<Ids> candidates = {{"d1"}, {"d2", id}};
    EXPECT_EQ(message_of([&] { rerank(candidates, queries, index, {}, pool); }),
              "rerank: query 1: no document \"" + id + "\" in " + mirrored.folder().string());
  }
  const std::vector<Ids> too_few = {{"d1"}};
  EXPECT_EQ(message_of([&] { rerank(too_few, queries, index, {}, pool); }),
            "rerank: expected candidate ids for 2 queries, got 1");
  const std::vector<Ids> one = {{"d1"}};
  EXPECT_EQ(message_of([&] { rerank(one, random_batch(9, {3}, 1), index, {}, pool); }),
            "index dim 24, got 9 (query 0)");
}

TEST(IndexAlign, IsThatOfTheStoredRows) {
  for (const Codec codec : kCodecs) {
    MirroredIndex mirrored(kDim, codec);
    fill(mirrored);
    const Index index = mirrored.open();
    const Embeddings query = random_batch(kDim, {9}, 143);
    const CodedEmbeddings list = mirrored.list().coded(codec);
    const Ids ids = mirrored.list().ids();
    for (size_t place = 0; place < ids.size(); ++place) {
      EXPECT_EQ(align(query.matrix(0), index, *index.find(ids[place])),
                align(query.matrix(0), list, place));
    }
  }
}

TEST(IndexAlign, RefusesDocumentsThatDoNotLive) {
  MirroredIndex mirrored(2);
  mirrored.add({"a", "b"}, unit_rows(2, {0, 1}));
  mirrored.commit();
  const Index before = mirrored.open();
  const DocId removed = *before.find("a");
  mirrored.remove({"a"});
  mirrored.commit();
  const Index index = mirrored.open();
  const Embeddings query = unit_rows(2, {0});
  EXPECT_EQ(align(query.matrix(0), before, removed).size(), 1U);
  EXPECT_THROW(align(query.matrix(0), index, removed), std::invalid_argument);
  EXPECT_THROW(align(query.matrix(0), index, 12345), std::invalid_argument);
}

std::filesystem::path only_segment(const std::filesystem::path& folder) {
  const std::filesystem::directory_iterator segments(folder / "segments");
  return segments->path() / kSegmentFileName;
}

// Puts `bad` in the place of `value`, which is in the file once.
void overwrite(const std::filesystem::path& path, float value, float bad) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  std::string pattern(sizeof(float), '\0');
  std::memcpy(pattern.data(), &value, sizeof(float));
  const size_t place = bytes.find(pattern);
  ASSERT_NE(place, std::string::npos);
  ASSERT_EQ(bytes.find(pattern, place + 1), std::string::npos);
  file.seekp(static_cast<std::streamoff>(place));
  file.write(reinterpret_cast<const char*>(&bad), sizeof(float));
}

TEST(DamagedIndex, B30VectorsThatAreNotFiniteAreAnErrorInSearchRerankAndAlign) {
  for (const float bad : {std::nanf(""), INFINITY}) {
    MirroredIndex mirrored(2);
    mirrored.add({"a", "b"}, batch_of(2, {{{0.25F, 1}}, {{0.125F, 0.0625F}}}));
    mirrored.commit();
    overwrite(only_segment(mirrored.folder()), 0.0625F, bad);
    const Index index = mirrored.open();
    const Embeddings query = batch_of(2, {{{0.5F, 1}}});
    ThreadPool pool(2);
    const std::vector<Ids> candidates = {{"a", "b"}};
    EXPECT_THROW(retrieve(query, index, {}, pool), FormatError);
    EXPECT_THROW(rerank(candidates, query, index, {}, pool), FormatError);
    EXPECT_THROW(align(query.matrix(0), index, *index.find("b")), FormatError);
    // What is whole can still be had.
    const Filter whole = index.filter_ids(Ids{"a"});
    EXPECT_EQ(retrieve(query, index, {.filter = &whole}, pool)[0],
              (std::vector<Hit>{{"a", 1.125F}}));
  }
}

}  // namespace
}  // namespace maxsimd
