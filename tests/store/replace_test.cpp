// An index that takes the place of another, with readers of the old one still there.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "maxsimd/base/errors.h"
#include "maxsimd/index/verify.h"
#include "tests/store/store_faults.h"

namespace maxsimd::store_testing {
namespace {

namespace fs = std::filesystem;

constexpr ScriptShape kOldShape{.seed = 11}, kNewShape{.seed = 12};
constexpr size_t kNumSteps = 6;

class Replacement : public testing::Test {
 protected:
  static void build(const fs::path& folder, const Script& script, size_t num_steps) {
    IndexWriter writer = IndexWriter::create(folder, script.settings(), script_writer_options());
    for (size_t step = 1; step <= num_steps; ++step) script.play(step, writer);
  }

  void replace() {
    const fs::path fresh = folder_.work() / "fresh";
    build(fresh, new_, kNumSteps / 2);
    replace_index(fresh, folder_.index());
    EXPECT_FALSE(fs::exists(fresh));
  }

  StoreFolder folder_;
  ThreadPool pool_{1};
  Script old_{kOldShape, kNumSteps}, new_{kNewShape, kNumSteps};
};

TEST_F(Replacement, LeavesOldSnapshotsWhatTheyWereAndRefreshesToTheNewIndex) {
  build(folder_.index(), old_, kNumSteps);
  const Index snapshot = Index::open(folder_.index());
  replace();
  const Observation before = observe(snapshot, old_, kNumSteps, kNumSteps, pool_);
  EXPECT_EQ(before.problem, "");
  EXPECT_NE(before.row_problem.find("replaced"), std::string::npos) << before.row_problem;
  const Observation after = observe(snapshot.refresh(), new_, kNumSteps / 2, kNumSteps / 2, pool_);
  EXPECT_EQ(after.problem + after.row_problem, "");
}

// SQLite finds the journal of a database by its name. A reader of the old catalog that meets the
// journal of the new one's killed writer must not take it for its own: it would write the pages
// into the old file and delete the journal, and the new catalog would stay half-written.
TEST_F(Replacement, KeepsReadersOfTheOldIndexFromTheJournalOfTheNewOne) {
  build(folder_.index(), old_, kNumSteps);
  const Index snapshot = Index::open(folder_.index());
  const Catalog catalog(folder_.index() / "catalog.sqlite", Catalog::Access::read);
  const uint64_t commit = catalog.read_commit();
  replace();
  leave_hot_journal(folder_, kNewShape, kNumSteps);
  const fs::path journal = folder_.index() / "catalog.sqlite-journal";
  EXPECT_GT(fs::file_size(journal), 0U);
  EXPECT_THROW(snapshot.filter_where(Where::parse("step >= 1")), IoError);
  EXPECT_THROW(snapshot.record(snapshot.documents().front()), IoError);
  EXPECT_THROW(snapshot.bytes_per_token(), IoError);
  // Even one that did not look first whether its index is in place.
  EXPECT_EQ(catalog.read_commit(), commit);
  EXPECT_TRUE(fs::exists(journal)) << "a reader of the old index has taken it away";
  expect_whole(folder_.index(), new_, kNumSteps / 2, kNumSteps / 2, pool_);
}

// Whenever it is opened, there is the one index or the other, whole.
TEST_F(Replacement, IsNeverSeenHalfWayB29) {
  constexpr size_t kNumReplacements = 100;
  build(folder_.index(), old_, kNumSteps);
  const fs::path fresh = folder_.work() / "fresh";
  std::atomic<bool> finished = false;
  std::thread replacer([&] {
    for (size_t r = 0; r < kNumReplacements; ++r) {
      build(fresh, r % 2 == 0 ? new_ : old_, kNumSteps);
      replace_index(fresh, folder_.index());
    }
    finished = true;
  });
  size_t num_opened = 0, num_overtaken = 0;
  for (; !finished && !HasFailure(); ++num_opened) {
    EXPECT_NO_THROW({
      const Index index = Index::open(folder_.index());
      const bool is_new = index.settings() == new_.settings();
      const Observation seen = observe(index, is_new ? new_ : old_, kNumSteps, kNumSteps, pool_);
      EXPECT_EQ(seen.problem, "");
      const bool is_overtaken = seen.row_problem.find("replaced") != std::string::npos;
      EXPECT_TRUE(is_overtaken || seen.row_problem.empty()) << seen.row_problem;
      num_overtaken += is_overtaken ? 1 : 0;
      const VerifyReport report = verify_index(folder_.index(), nullptr);
      EXPECT_TRUE(report.problems.empty()) << report.problems.front();
    });
  }
  replacer.join();
  std::printf("opened %zu times during %zu replacements, %zu overtaken by the next\n", num_opened,
              kNumReplacements, num_overtaken);
}

}  // namespace
}  // namespace maxsimd::store_testing
