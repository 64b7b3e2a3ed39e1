// Indexes of kind hnsw: which segments get graphs and when, and that a damaged graph is noticed.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>

#include "maxsimd/base/atomic_file.h"
#include "maxsimd/base/errors.h"
#include "maxsimd/graph/graph_builder.h"
#include "maxsimd/index/index_folder.h"
#include "maxsimd/index/index_testing.h"
#include "maxsimd/index/index_writer.h"
#include "maxsimd/index/segment_writer.h"
#include "maxsimd/index/verify.h"
#include "tests/support/temp_folder.h"

namespace maxsimd {
namespace {

namespace fs = std::filesystem;
using index_testing::message_of;
using index_testing::random_batch;
using Ids = std::vector<std::string>;

constexpr size_t kDim = 10;  // rows of 12 bytes
constexpr size_t kFewest = 100;

class GraphIndex : public testing::Test {
 protected:
  static IndexSettings settings() {
    return {
        .dim = kDim, .kind = IndexKind::hnsw, .codec = Codec::int8, .m = 4, .ef_construction = 12};
  }
  IndexWriterOptions small() { return {.pool = &pool_, .fewest_listed_vectors = kFewest}; }

  // Documents of ten rows each.
  void add(IndexWriter& writer, size_t count) {
    const Embeddings rows = random_batch(kDim, std::vector<size_t>(count, 10), ++seed_);
    Ids ids;
    for (size_t i = 0; i < count; ++i) ids.push_back(std::to_string(num_ids_++));
    writer.add({.ids = ids, .embeddings = &rows});
  }

  // The vectors of the segments that have a graph, and of those that have none, by size.
  struct Sizes {
    std::multiset<size_t> linked, others;
  };
  static Sizes sizes(const Index& index) {
    Sizes sizes;
    for (const IndexPart& part : index.parts()) {
      (part.graph != nullptr ? sizes.linked : sizes.others).insert(part.documents.rows.num_rows());
    }
    return sizes;
  }
  using Set = std::multiset<size_t>;

  // Each is the graph of just the vectors that are there.
  void expect_graphs_of_their_vectors(const Index& index) {
    for (const IndexPart& part : index.parts()) {
      if (part.graph == nullptr) continue;
      const CodedRows& rows = part.documents.rows;
      const VectorsI8 vectors = {{rows.codes_as<int8_t>(), rows.codes.size()}, 12, rows.scales};
      const auto expected = build_graph(vectors, {.m = 4, .ef_construction = 12}, pool_);
      const GraphView view = GraphView::parse(expected, rows.num_rows());
      ASSERT_EQ(part.graph->num_levels(), view.num_levels());
      EXPECT_EQ(part.graph->entry(), view.entry());
      for (size_t l = 0; l < view.num_levels(); ++l) {
        EXPECT_TRUE(std::ranges::equal(part.graph->level(l).offsets, view.level(l).offsets));
        EXPECT_TRUE(std::ranges::equal(part.graph->level(l).all_links, view.level(l).all_links));
      }
    }
  }
  void expect_whole() { index_testing::expect_whole(folder_); }

  testing_support::TempFolder temporary_;
  const fs::path folder_ = temporary_.path();
  ThreadPool pool_{2};
  uint32_t seed_ = 0;
  size_t num_ids_ = 0;
};

TEST_F(GraphIndex, GetsOneGraphOfAllCommitsWhenItIsOptimized) {
  IndexWriter writer = IndexWriter::create(folder_, settings(), small());
  for (size_t commit = 0; commit < 3; ++commit) {
    add(writer, 20);
    writer.commit();
  }
  EXPECT_EQ(sizes(writer.snapshot()).others, (Set{200, 200, 200}));
  writer.remove(Ids{"7", "33"});
  writer.optimize();
  const Index index = writer.snapshot();
  EXPECT_EQ(sizes(index).linked, Set{580});
  EXPECT_EQ(sizes(index).others, Set{});
  EXPECT_EQ(index.num_deleted(), 0U);
  expect_graphs_of_their_vectors(index);
  expect_whole();
  writer.optimize();
  EXPECT_EQ(writer.snapshot().commit(), index.commit());
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_ / "segments"), {}), 1);
}

TEST_F(GraphIndex, LeavesFewVectorsWithoutOneUntilTheyAreEnough) {
  IndexWriter writer = IndexWriter::create(folder_, settings(), small());
  add(writer, 9);
  writer.optimize();
  EXPECT_EQ(sizes(writer.snapshot()).others, Set{90});
  add(writer, 1);
  writer.optimize();
  EXPECT_EQ(sizes(writer.snapshot()).linked, Set{100});
  add(writer, 5);
  writer.optimize();
  EXPECT_EQ(sizes(writer.snapshot()).linked, Set{100});
  EXPECT_EQ(sizes(writer.snapshot()).others, Set{50});
  expect_whole();
}

TEST_F(GraphIndex, HasGraphsOfBoundedSize) {
  IndexWriterOptions options = small();
  options.graph_memory = 150 * graph_bytes_per_vector(4);
  IndexWriter writer = IndexWriter::create(folder_, settings(), options);
  add(writer, 47);
  writer.optimize();
  EXPECT_EQ(sizes(writer.snapshot()).linked, (Set{150, 150, 150}));
  EXPECT_EQ(sizes(writer.snapshot()).others, Set{20});
  const std::vector<DocId> documents = writer.snapshot().documents();
  EXPECT_EQ(documents.size(), 47U);
  expect_graphs_of_their_vectors(writer.snapshot());
  // Such segments are not merged, however many there are.
  for (size_t commit = 0; commit < 10; ++commit) {
    add(writer, 15);
    writer.optimize();
  }
  EXPECT_EQ(sizes(writer.snapshot()).linked.count(150), 13U);
  EXPECT_EQ(writer.snapshot().size(), 197U);
  expect_whole();
}

// Each call used to write all segments again, none of which was large enough for a graph.
TEST_F(GraphIndex, OfTooLittleMemoryForTheSmallestGraphHasItAllTheSame) {
  IndexWriterOptions options = small();
  options.graph_memory = 1;
  IndexWriter writer = IndexWriter::create(folder_, settings(), options);
  add(writer, 25);
  writer.optimize();
  EXPECT_EQ(sizes(writer.snapshot()).linked, (Set{100, 100}));
  EXPECT_EQ(sizes(writer.snapshot()).others, Set{50});
  const uint64_t commit = writer.snapshot().commit();
  writer.optimize();
  EXPECT_EQ(writer.snapshot().commit(), commit);
}

TEST_F(GraphIndex, MergesGraphsIntoOneAndLeavesWhatHasJustComeAlone) {
  IndexWriter writer = IndexWriter::create(folder_, settings(), small());
  for (size_t commit = 0; commit < 8; ++commit) {
    add(writer, 10);
    writer.optimize();
  }
  EXPECT_EQ(sizes(writer.snapshot()).linked, (Set{100, 100, 100, 100, 100, 100, 100, 100}));
  for (size_t commit = 0; commit < 9; ++commit) {
    add(writer, 1);
    writer.commit();
  }
  EXPECT_EQ(sizes(writer.snapshot()).linked.size(), 8U);
  EXPECT_EQ(sizes(writer.snapshot()).others, Set{90});
  add(writer, 1);
  writer.optimize();
  writer.commit();
  EXPECT_EQ(sizes(writer.snapshot()).linked.size(), 9U);
  add(writer, 1);
  writer.commit();  // nine of one size
  EXPECT_EQ(sizes(writer.snapshot()).linked, Set{900});
  EXPECT_EQ(sizes(writer.snapshot()).others, Set{10});
  expect_graphs_of_their_vectors(writer.snapshot());
}

TEST_F(GraphIndex, IsCompactedIntoGraphsWithoutHoles) {
  IndexWriter writer = IndexWriter::create(folder_, settings(), small());
  add(writer, 20);
  writer.optimize();
  add(writer, 15);
  writer.remove(Ids{"1", "2", "30"});
  writer.compact();
  const Index index = writer.snapshot();
  EXPECT_EQ(index.num_deleted(), 0U);
  EXPECT_EQ(sizes(index).others, Set{});
  EXPECT_EQ(index.num_tokens(), 320U);
  expect_graphs_of_their_vectors(index);
  Ids all;
  for (const DocId document : index.documents()) all.emplace_back(index.id(document));
  writer.remove(all);
  writer.compact();
  EXPECT_EQ(writer.snapshot().size(), 0U);
  add(writer, 10);
  writer.optimize();
  EXPECT_EQ(sizes(writer.snapshot()).linked, Set{100});
  expect_whole();
}

TEST_F(GraphIndex, TellsHowManyVectorsAreInGraphs) {
  std::vector<std::pair<uint64_t, uint64_t>> calls;
  IndexWriterOptions options = small();
  options.graph_progress = [&](uint64_t done, uint64_t total) { calls.emplace_back(done, total); };
  IndexWriter writer = IndexWriter::create(folder_, settings(), options);
  add(writer, 30);
  writer.commit();
  EXPECT_TRUE(calls.empty());
  writer.optimize();
  ASSERT_FALSE(calls.empty());
  EXPECT_EQ(calls.front(), (std::pair<uint64_t, uint64_t>{0, 300}));
  EXPECT_EQ(calls.back(), (std::pair<uint64_t, uint64_t>{300, 300}));
  EXPECT_TRUE(std::ranges::is_sorted(calls));
}

TEST_F(GraphIndex, IsTheSameForAnyNumberOfThreads) {
  std::vector<std::string> files;
  for (const size_t threads : {1U, 2U, 5U}) {
    ThreadPool pool(threads);
    IndexWriterOptions options = small();
    options.pool = &pool;
    fs::remove_all(folder_);
    seed_ = 0;
    num_ids_ = 0;
    IndexWriter writer = IndexWriter::create(folder_, settings(), options);
    add(writer, 60);
    writer.optimize();
    for (const auto& entry : fs::recursive_directory_iterator(folder_ / "segments")) {
      if (entry.is_regular_file()) files.push_back(read_file(entry.path()));
    }
  }
  ASSERT_EQ(files.size(), 3U);
  EXPECT_EQ(files[0], files[1]);
  EXPECT_EQ(files[0], files[2]);
}

TEST_F(GraphIndex, OfDamagedGraphsIsRefusedOrFoundByVerify) {
  fs::path file;
  {
    IndexWriter writer = IndexWriter::create(folder_, settings(), small());
    add(writer, 20);
    writer.optimize();
    for (const auto& entry : fs::recursive_directory_iterator(folder_ / "segments")) {
      if (entry.is_regular_file()) file = entry.path();
    }
  }
  const std::string whole = read_file(file);
  const size_t graph = whole.find("MXSDGRH1");
  ASSERT_NE(graph, std::string::npos);
  const auto damage = [&](size_t offset, uint64_t value) {
    std::string damaged = whole;
    std::memcpy(damaged.data() + offset, &value, sizeof(value));
    std::ofstream(file, std::ios::binary | std::ios::trunc) << damaged;
  };
  damage(graph + 8, 199);
  try {
    (void)Index::open(folder_);
    FAIL() << "nothing was thrown";
  } catch (const FormatError& error) {
    EXPECT_NE(std::string(error.what()).find("documents.bin: section graph: "), std::string::npos)
        << error.what();
  }
  damage(graph + 16, 5);  // another m: well-formed
  (void)Index::open(folder_);
  EXPECT_FALSE(verify_index(folder_).problems.empty());
  std::ofstream(file, std::ios::binary | std::ios::trunc) << whole;
  expect_whole();
}

TEST_F(GraphIndex, KeepsHowGraphsAreBuiltInItsSettings) {
  { (void)IndexWriter::create(folder_, settings()); }
  EXPECT_EQ(read_index_settings(folder_), settings());
  EXPECT_EQ(index_kind_from_name("voyager"), IndexKind::hnsw);
  const auto refused = [&](auto change) {
    IndexSettings other = settings();
    change(other);
    return message_of([&] { (void)IndexWriter::create(folder_ / "other", other); });
  };
  EXPECT_EQ(refused([](IndexSettings& s) { s.codec = Codec::float32; }),
            "index: kind hnsw stores vectors by codec int8, not float32");
  EXPECT_EQ(refused([](IndexSettings& s) { s.m = 1; }), "index: m: expected 2 to 1024, got 1");
  EXPECT_EQ(refused([](IndexSettings& s) { s.ef_construction = 0; }),
            "index: ef_construction: expected 1 to 65536, got 0");
}

}  // namespace
}  // namespace maxsimd
