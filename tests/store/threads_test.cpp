// One snapshot serves many threads: they search it, filter it, read its rows and refresh it while a
// writer commits and compacts.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/store/store_folder.h"

namespace maxsimd::store_testing {
namespace {

class StoreThreads : public testing::TestWithParam<StoreKind> {};

TEST_P(StoreThreads, ShareOneSnapshotWhileAWriterCommits) {
  constexpr size_t kNumThreads = 3, kNumSteps = 60;
  const Script script({.seed = 5, .kind = GetParam()}, kNumSteps);
  const StoreFolder folder;
  IndexWriter writer =
      IndexWriter::create(folder.index(), script.settings(), script_writer_options());
  const Index shared = Index::open(folder.index());
  std::atomic<bool> finished = false;
  std::atomic<size_t> num_observed = 0;
  std::vector<std::string> problems(kNumThreads);
  std::vector<std::thread> threads;
  for (size_t t = 0; t < kNumThreads; ++t) {
    threads.emplace_back([&, t] {
      ThreadPool pool(1);
      for (size_t earliest = 0; !finished && problems[t].empty(); ++num_observed) {
        // All refresh the same first snapshot: they share its segments and its catalog.
        const Observation seen = observe(shared.refresh(), script, earliest, kNumSteps, pool);
        problems[t] = seen.problem + seen.row_problem;
        if (problems[t].empty()) problems[t] = observe(shared, script, 0, 0, pool).problem;
        earliest = seen.step;
      }
    });
  }
  for (size_t step = 1; step <= kNumSteps; ++step) script.play(step, writer);
  while (num_observed < 2 * kNumThreads) std::this_thread::yield();
  finished = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(problems, std::vector<std::string>(kNumThreads));
  std::printf("%zu observed by %zu threads\n", num_observed.load(), kNumThreads);
}

INSTANTIATE_TEST_SUITE_P(Kinds, StoreThreads,
                         testing::Values(StoreKind::exact, StoreKind::plaid,
                                         StoreKind::plaid_beside),
                         name_of_kind);

}  // namespace
}  // namespace maxsimd::store_testing
