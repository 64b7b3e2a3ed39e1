// What becomes of an index after thousands of small changes: few segments, no waste, quick commits
// (B28).
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "maxsimd/index/index_testing.h"
#include "tests/store/store_folder.h"
#include "tests/store/store_search.h"
#include "tests/support/tiny_model.h"

namespace maxsimd::store_testing {
namespace {

using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

uint64_t folder_bytes(const std::filesystem::path& folder) {
  uint64_t bytes = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) bytes += entry.file_size();
  }
  return bytes;
}

IndexSettings settings_of(size_t dim) {
  IndexSettings settings;
  settings.dim = dim;
  settings.store_text = true;
  return settings;
}

std::vector<std::string> numbered_ids(size_t count, size_t first = 0) {
  std::vector<std::string> ids(count);
  for (size_t i = 0; i < count; ++i) ids[i] = std::to_string(first + i);
  return ids;
}

// The fastest of several searches, of both indexes in turn so that a busy machine slows both.
std::pair<double, double> search_milliseconds(const Index& a, const Index& b,
                                              const Embeddings& query) {
  constexpr int kRounds = 60;
  ThreadPool pool(1);
  double best_a = 1e9, best_b = 1e9;
  for (int round = 0; round < kRounds; ++round) {
    auto begin = Clock::now();
    search_exact(query, a, {.k = 10}, pool);
    best_a = std::min(best_a, milliseconds_since(begin));
    begin = Clock::now();
    search_exact(query, b, {.k = 10}, pool);
    best_b = std::min(best_b, milliseconds_since(begin));
  }
  return {best_a, best_b};
}

TEST(ManySmallAdds, Leave30SegmentsAtMostAndSearchAsFastAsOneBuild) {
  constexpr size_t kNumDocuments = 2000, kDim = 96;
  const Embeddings all =
      index_testing::random_batch(kDim, index_testing::random_lengths(kNumDocuments, 10, 60, 1), 2);
  const std::vector<std::string> ids = numbered_ids(kNumDocuments);
  const StoreFolder folder;
  IndexWriter single = IndexWriter::create(folder.work() / "single", settings_of(kDim));
  size_t most_segments = 0;
  const auto begin = Clock::now();
  for (size_t i = 0; i < kNumDocuments; ++i) {
    const Embeddings one = index_testing::item_of(all, i);
    single.add({std::span(ids).subspan(i, 1), &one});
    single.commit();
    most_segments = std::max(most_segments, single.snapshot().num_segments());
  }
  const double add_ms = milliseconds_since(begin) / kNumDocuments;
  IndexWriter whole = IndexWriter::create(folder.work() / "whole", settings_of(kDim));
  whole.add({ids, &all});
  whole.commit();

  const Index a = Index::open(folder.work() / "single"), b = Index::open(folder.work() / "whole");
  EXPECT_LE(most_segments, 30U);
  const Embeddings query = index_testing::random_batch(kDim, {32}, 3);
  ThreadPool pool(2);
  EXPECT_EQ(difference(search_index(a, query, 100, nullptr, pool),
                       search_index(b, query, 100, nullptr, pool), 100),
            "");
  const auto [single_ms, whole_ms] = search_milliseconds(a, b, query);
  std::printf(
      "2,000 adds of one: %.2f ms each, at most %zu segments, %zu at the end; a search "
      "takes %.2f ms, %.2f ms in one build\n",
      add_ms, most_segments, a.num_segments(), single_ms, whole_ms);
  EXPECT_LE(single_ms, 1.5 * whole_ms);
}

TEST(ManyReplacements, OfOneIdLeaveAFolderOfTwiceAFreshBuildAtMostB28) {
  constexpr size_t kDim = 96;
  const std::vector<std::string> ids = {"a"}, metadata = {"{\"year\":2026}"};
  const std::vector<std::string> texts = {std::string(3000, 't')};
  const StoreFolder folder;
  const auto add = [&](IndexWriter& writer, uint32_t seed) {
    const Embeddings rows = index_testing::random_batch(kDim, {80}, seed);
    writer.add({ids, &rows, metadata, texts});
    writer.commit();
  };
  IndexWriter writer = IndexWriter::create(folder.work() / "replaced", settings_of(kDim));
  for (uint32_t seed = 1; seed <= 1000; ++seed) add(writer, seed);
  const uint64_t before = folder_bytes(folder.work() / "replaced");
  const CompactReport report = writer.compact();
  const uint64_t after = folder_bytes(folder.work() / "replaced");
  IndexWriter fresh = IndexWriter::create(folder.work() / "fresh", settings_of(kDim));
  add(fresh, 1000);
  const uint64_t fresh_bytes = folder_bytes(folder.work() / "fresh");
  std::printf(
      "1,000 adds of one id: %zu bytes, compacted %zu, a fresh build has %zu; the report "
      "says %zu -> %zu\n",
      size_t{before}, size_t{after}, size_t{fresh_bytes}, size_t{report.bytes_before},
      size_t{report.bytes_after});
  EXPECT_LE(after, 2 * fresh_bytes);
  EXPECT_EQ(report.bytes_after, after);
  EXPECT_EQ(Index::open(folder.work() / "replaced").size(), 1U);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// Milliseconds of remove() and commit(), one document at a time; the median.
double deletion_milliseconds(const std::filesystem::path& folder) {
  constexpr size_t kNumDocuments = 100'000, kBatch = 10'000, kDim = 8;
  IndexWriter writer = IndexWriter::create(folder, settings_of(kDim));
  for (size_t first = 0; first < kNumDocuments; first += kBatch) {
    const Embeddings rows = index_testing::random_batch(kDim, std::vector<size_t>(kBatch, 1), 1);
    const std::vector<std::string> ids = numbered_ids(kBatch, first);
    writer.add({ids, &rows});
  }
  writer.commit();
  std::vector<double> milliseconds;
  for (size_t i = 0; i < 15; ++i) {
    const auto begin = Clock::now();
    const std::vector<std::string> ids = {std::to_string(i * 6007)};
    EXPECT_EQ(writer.remove(ids).size(), 0U);
    writer.commit();
    milliseconds.push_back(milliseconds_since(begin));
  }
  EXPECT_EQ(Index::open(folder).size(), kNumDocuments - 15);
  return median(milliseconds);
}

TEST(Deletion, OfOneOf100000DocumentsTakes20MillisecondsAtMost) {
  const StoreFolder folder;
  const double in_memory = deletion_milliseconds(folder.index());
  const testing_support::TempFolder disk;
  const double on_disk = deletion_milliseconds(disk.path() / "index");
  std::printf("deleting 1 of 100,000 documents: %.2f ms, and %.2f ms on the file system of %s\n",
              in_memory, on_disk, disk.path().c_str());
  EXPECT_LE(in_memory, 20.0);
}

TEST(Readers, OpenedThousandTimesDuringHundredCompactionsNeverFail) {
  constexpr size_t kNumOpened = 1000, kNumCompactions = 100;
  const Script script({.seed = 4}, 3 * kNumCompactions + 10'000);
  const StoreFolder folder;
  ThreadPool pool(1);
  IndexWriter writer =
      IndexWriter::create(folder.index(), script.settings(), script_writer_options());
  std::atomic<size_t> num_compactions = 0, num_opened = 0;
  std::thread compactor([&] {
    for (size_t step = 1; step <= script.num_steps(); ++step) {
      if (num_compactions >= kNumCompactions && num_opened >= kNumOpened) break;
      script.play(step, writer);
      if (step % 2 != 0) continue;
      writer.compact();
      ++num_compactions;
    }
  });
  size_t earliest = 0, num_outdated = 0;
  while (num_compactions < kNumCompactions || num_opened < kNumOpened) {
    const Observation seen =
        observe(Index::open(folder.index()), script, earliest, script.num_steps(), pool);
    EXPECT_EQ(seen.problem + seen.row_problem, "");
    if (HasFailure()) num_opened = kNumOpened, num_compactions = kNumCompactions;
    earliest = seen.step;
    num_outdated += seen.outdated ? 1 : 0;
    ++num_opened;
  }
  compactor.join();
  std::printf("%zu opened during %zu compactions; %zu were overtaken by two before all was read\n",
              num_opened.load(), num_compactions.load(), num_outdated);
}

}  // namespace
}  // namespace maxsimd::store_testing
