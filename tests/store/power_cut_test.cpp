// The power goes at any instant: what has been synced is there, the rest by chance. A commit that
// has returned is there whole; the one in flight is there whole or not at all.
#include <gtest/gtest.h>

#include "tests/store/recorded_disk.h"
#include "tests/store/store_folder.h"
#include "tests/store/store_process.h"

namespace maxsimd::store_testing {
namespace {

namespace fs = std::filesystem;

constexpr ScriptShape kShape{.seed = 6, .num_ids = 9, .largest_batch = 4, .largest_burst = 12};
constexpr size_t kNumSteps = 9;

std::vector<RecordedCall> record(const StoreFolder& folder) {
  ChildProcess::Options options;
  const fs::path trace = folder.root() / "trace";
  options.environment = {{"LD_PRELOAD", STORE_FAULTS},
                         {"STORE_FAULT_FOLDER", folder.work().string()},
                         {"STORE_FAULT_TRACE", trace.string()}};
  ChildProcess writer(child_command("write", folder.index(), kShape, kNumSteps), options);
  const ChildProcess::Result result = writer.wait();
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  return read_recorded_calls(trace);
}

// Cuts the power after each of the calls.
void cut_everywhere(Survival survival, const Script& script) {
  const StoreFolder folder;
  const std::vector<RecordedCall> calls = record(folder);
  ASSERT_GT(calls.size(), 100U);
  ThreadPool pool(1);
  std::mt19937_64 random(1);
  RecordedDisk disk(folder.work());
  const fs::path survivors = folder.root() / "survivors";
  size_t done = 0, num_opened = 0;
  for (size_t c = 0; c < calls.size() && !testing::Test::HasFailure(); ++c) {
    disk.apply(calls[c]);
    if (calls[c].name == "say") {
      done = step_in(calls[c].bytes.substr(0, calls[c].bytes.size() - 1));
    }
    SCOPED_TRACE("power cut after call " + std::to_string(c) + ", " + calls[c].name + ' ' +
                 calls[c].path + ", step " + std::to_string(done) + " done");
    fs::remove_all(survivors);
    disk.write_survivors(survivors, survival, random);
    const fs::path index = survivors / "index";
    if (done == 0 && !is_index(index)) continue;
    expect_whole(index, script, done, done + 1, pool);
    IndexWriter writer = IndexWriter::open(index);  // sweeps
    script.play(1, writer);
    ++num_opened;
  }
  EXPECT_EQ(done, kNumSteps);
  std::printf("%zu power cuts, %zu of them with an index\n", calls.size(), num_opened);
}

class PowerCut : public testing::Test {
 protected:
  Script script_{kShape, kNumSteps};
};

TEST_F(PowerCut, KeepsEveryReportedCommitWhenOnlyWhatWasSyncedIsThere) {
  cut_everywhere(Survival::synced_only, script_);
}

TEST_F(PowerCut, KeepsEveryReportedCommitWhenUnsyncedFilesAreEmpty) {
  cut_everywhere(Survival::names_only, script_);
}

TEST_F(PowerCut, KeepsEveryReportedCommitWhenUnsyncedWritesAreThereByChance) {
  cut_everywhere(Survival::names_and_chance, script_);
}

}  // namespace
}  // namespace maxsimd::store_testing
