// The system fails at every call that changes the index's files, one run a call: the writer says so
// with an IoError or does without the call, and the folder holds the commit before or after (B30).
#include <gtest/gtest.h>
#include <sys/mount.h>

#include <algorithm>
#include <fstream>

#include "maxsimd/base/errors.h"
#include "tests/store/store_faults.h"

namespace maxsimd::store_testing {
namespace {

// Five small commits: documents added, replaced and removed, a compaction, and a removal alone. Of
// kind plaid, the third trains the codebook and codes what is there; of hnsw, it builds a graph.
constexpr ScriptShape kShape{.seed = 36, .num_ids = 7, .largest_batch = 3, .largest_burst = 5};
constexpr size_t kNumSteps = 5;

ScriptShape shape_of(StoreKind kind) {
  ScriptShape shape = kShape;
  shape.kind = kind;
  return shape;
}

const Script& script_of(StoreKind kind) {
  static const std::vector<Script> scripts = scripts_of_all_kinds(kShape, kNumSteps);
  return scripts[static_cast<size_t>(kind)];
}

struct Outcome {
  size_t done = 0;
  ChildProcess::Result result;
};

// Plays the script under a fault.
Outcome play(const StoreFolder& folder, StoreKind kind, const Fault& fault,
             const std::string& retry = {}) {
  ChildProcess writer(child_command("write", folder.index(), shape_of(kind), kNumSteps, retry),
                      fault_options(folder, fault));
  Outcome outcome;
  outcome.done = last_step_said(writer, 0);
  outcome.result = writer.wait();
  return outcome;
}

std::vector<CountedCall> calls_of_a_whole_run(StoreKind kind) {
  const StoreFolder folder;
  const Outcome outcome = play(folder, kind, {});
  EXPECT_EQ(outcome.result.exit_code, 0) << outcome.result.errors;
  EXPECT_EQ(outcome.done, kNumSteps);
  return take_counted_calls(folder);
}

// Before the marker file is there, there is no index: the next writer begins anew.
size_t expect_whole_or_nothing(const StoreFolder& folder, StoreKind kind, size_t earliest,
                               ThreadPool& pool) {
  if (earliest == 0 && !is_index(folder.index())) return 0;
  return expect_whole(folder.index(), script_of(kind), earliest, earliest + 1, pool);
}

// The next writer finds the folder usable and takes the script to its end.
void expect_next_writer_finishes(const StoreFolder& folder, StoreKind kind, ThreadPool& pool) {
  ChildProcess writer(child_command("write", folder.index(), shape_of(kind), kNumSteps));
  const ChildProcess::Result result = writer.wait();
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  expect_whole(folder.index(), script_of(kind), kNumSteps, kNumSteps, pool);
}

// Files of no use to the last commit: what killed writers leave is swept by the next. (One that was
// killed while it made the index leaves its temporary folder beside it.)
void expect_nothing_left_over(const StoreFolder& folder) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.index())) {
    const std::string name = entry.path().filename().string();
    EXPECT_EQ(name.find("tmp"), std::string::npos) << entry.path();
    EXPECT_EQ(name.find("journal"), std::string::npos) << entry.path();
  }
}

struct FaultKind {
  std::string name;
  bool sticky = false;
};

template <class Check>
void for_each_call(StoreKind kind, const FaultKind& fault, Check check) {
  const size_t num_calls = calls_of_a_whole_run(kind).size();
  ASSERT_GT(num_calls, 50U);
  size_t num_refused = 0;
  for (size_t at = 1; at <= num_calls && !testing::Test::HasFailure(); ++at) {
    SCOPED_TRACE(fault.name + " at call " + std::to_string(at) + " of " +
                 std::to_string(num_calls));
    num_refused += check(kind, Fault{fault.name, at, fault.sticky});
  }
  std::printf("%s%s at each of %zu calls: %zu runs ended by it\n", fault.name.c_str(),
              fault.sticky ? " from there on" : "", num_calls, num_refused);
}

// True when the writer gave up.
bool check_failing_call(StoreKind kind, const Fault& fault) {
  ThreadPool pool(1);
  const StoreFolder folder;
  const Outcome outcome = play(folder, kind, fault);
  const int code = outcome.result.exit_code;
  EXPECT_TRUE(code == 0 || code == 3) << "exit code " << code << ", signal "
                                      << outcome.result.signal << ", " << outcome.result.errors;
  if (code == 0) {
    EXPECT_EQ(outcome.done, kNumSteps);
  } else {
    EXPECT_NE(outcome.result.errors.find(folder.work().string()), std::string::npos)
        << "the message names no path: " << outcome.result.errors;
  }
  expect_whole_or_nothing(folder, kind, outcome.done, pool);
  expect_next_writer_finishes(folder, kind, pool);
  return code == 3;
}

// The writer of the same process that opens a new one after the error comes to the end.
bool check_retry(StoreKind kind, const Fault& fault) {
  ThreadPool pool(1);
  const StoreFolder folder;
  const Outcome outcome = play(folder, kind, fault, "retry");
  EXPECT_EQ(outcome.result.exit_code, 0) << outcome.result.errors;
  expect_whole(folder.index(), script_of(kind), kNumSteps, kNumSteps, pool);
  return !outcome.result.errors.empty();
}

bool check_killed_call(StoreKind kind, const Fault& fault) {
  ThreadPool pool(1);
  const StoreFolder folder;
  const Outcome outcome = play(folder, kind, fault);
  EXPECT_EQ(outcome.result.signal, SIGKILL) << outcome.result.errors;
  expect_whole_or_nothing(folder, kind, outcome.done, pool);
  expect_next_writer_finishes(folder, kind, pool);
  expect_nothing_left_over(folder);
  return true;
}

class Faults : public testing::TestWithParam<StoreKind> {};
class KilledWriter : public Faults {};
class FailingCall : public Faults {};
class ShortWrite : public Faults {};

TEST_P(Faults, AreCountedInOurCallsAndInSqlites) {
  bool sqlite_writes = false, sqlite_syncs = false, journal_goes = false,
       segment_is_renamed = false, codebook_is_renamed = false;
  for (const auto& [name, path] : calls_of_a_whole_run(GetParam())) {
    const bool is_catalog = path.ends_with("catalog.sqlite");
    sqlite_writes |= is_catalog && name == "pwrite64";
    sqlite_syncs |= is_catalog && (name == "fdatasync" || name == "fsync");
    journal_goes |= path.ends_with("catalog.sqlite-journal") && name == "unlink";
    segment_is_renamed |= path.find("segments/") != std::string::npos && name == "rename";
    codebook_is_renamed |= path.find("centroids-") != std::string::npos && name == "rename";
  }
  EXPECT_EQ(codebook_is_renamed, index_kind(GetParam()) == IndexKind::plaid);
  EXPECT_TRUE(sqlite_writes && sqlite_syncs && journal_goes && segment_is_renamed);
}

TEST_P(KilledWriter, LeavesAWholeCommitBeforeEveryCallB30) {
  for_each_call(GetParam(), {"KILL_BEFORE"}, check_killed_call);
}

TEST_P(KilledWriter, LeavesAWholeCommitInTheMiddleOfEveryWriteB30) {
  for_each_call(GetParam(), {"KILL_HALF"}, check_killed_call);
}

TEST_P(FailingCall, EioIsReportedOrDoneWithoutAndTheCommitIsWholeB30) {
  for_each_call(GetParam(), {"EIO"}, check_failing_call);
}

TEST_P(FailingCall, EaccesIsReportedOrDoneWithoutAndTheCommitIsWholeB30) {
  for_each_call(GetParam(), {"EACCES"}, check_failing_call);
}

TEST_P(FailingCall, ADiskThatDiesLeavesAWholeCommitB30) {
  for_each_call(GetParam(), {"EIO", true}, check_failing_call);
}

TEST_P(FailingCall, ADiskThatIsFullFromThereOnLeavesAWholeCommitB30) {
  for_each_call(GetParam(), {"ENOSPC", true}, check_failing_call);
}

TEST_P(FailingCall, AnotherWriterOfTheSameProcessGoesOn) {
  for_each_call(GetParam(), {"EIO"}, check_retry);
}

// What a killed writer left cannot be swept: the next one does without, or says so.
TEST_P(FailingCall, WhileLeftoversAreSweptIsReportedOrDoneWithoutB30) {
  const StoreKind kind = GetParam();
  ThreadPool pool(1);
  const std::vector<CountedCall> calls = calls_of_a_whole_run(kind);
  const auto is_rename = [](const CountedCall& call) {
    return call.name == "rename" && call.path.ends_with("segments/000002");
  };
  const auto rename = std::find_if(calls.begin(), calls.end(), is_rename);
  ASSERT_NE(rename, calls.end());
  const auto at_rename = static_cast<size_t>(rename - calls.begin()) + 1;
  size_t num_refused = 0;
  for (size_t at = 1; at <= 60 && !HasFailure(); ++at) {
    SCOPED_TRACE("EIO at call " + std::to_string(at) + " of the writer after the killed one");
    const StoreFolder folder;
    const Outcome killed = play(folder, kind, {"KILL_AFTER", at_rename});
    ASSERT_EQ(killed.result.signal, SIGKILL);
    ASSERT_TRUE(std::filesystem::exists(folder.index() / "segments" / "000002"));
    const Outcome outcome = play(folder, kind, {"EIO", at});
    const int code = outcome.result.exit_code;
    EXPECT_TRUE(code == 0 || code == 3) << "exit code " << code << ", " << outcome.result.errors;
    num_refused += code == 3 ? 1 : 0;
    const size_t done = std::max(outcome.done, killed.done);
    expect_whole(folder.index(), script_of(kind), done, done + 1, pool);
    expect_next_writer_finishes(folder, kind, pool);
    expect_nothing_left_over(folder);
  }
  std::printf("%zu of 60 runs ended by it\n", num_refused);
}

// A reader finishes what a killed writer left, by SQLite's rollback; it may fail or be killed, too.
void for_each_call_of_a_rollback(const std::string& kind) {
  ThreadPool pool(1);
  const StoreFolder folder;
  constexpr size_t kBuilt = 3;
  ChildProcess(child_command("write", folder.index(), kShape, kBuilt)).wait();
  leave_hot_journal(folder, kShape, kNumSteps);
  const std::filesystem::path copy = folder.root() / "hot";
  std::filesystem::copy(folder.index(), copy, std::filesystem::copy_options::recursive);
  const auto read = [&](const Fault& fault) {
    return ChildProcess(child_command("search", folder.index(), kShape, kNumSteps),
                        fault_options(folder, fault))
        .wait();
  };
  EXPECT_EQ(read({}).output, "state " + std::to_string(kBuilt) + "\n");
  const size_t num_calls = take_counted_calls(folder).size();
  ASSERT_GT(num_calls, 3U);
  for (size_t at = 1; at <= num_calls && !testing::Test::HasFailure(); ++at) {
    SCOPED_TRACE(kind + " at call " + std::to_string(at) + " of the reader");
    restore_index(folder, copy);
    const ChildProcess::Result result = read({kind, at});
    EXPECT_TRUE(result.exit_code == 0 || result.exit_code == 3 || result.signal == SIGKILL)
        << "exit code " << result.exit_code << ", signal " << result.signal << ", "
        << result.errors;
    expect_whole(folder.index(), script_of(kShape.kind), kBuilt, kBuilt, pool);
  }
  std::printf("%s at each of the %zu calls of a rollback\n", kind.c_str(), num_calls);
}

TEST(Reader, ThatIsKilledWhileItRollsBackLeavesThatToTheNextB30) {
  for_each_call_of_a_rollback("KILL_BEFORE");
  for_each_call_of_a_rollback("KILL_HALF");
}

TEST(Reader, ThatFailsToRollBackSaysSoB30) {
  for_each_call_of_a_rollback("EIO");
  for_each_call_of_a_rollback("EACCES");
}

TEST_P(ShortWrite, IsCarriedOn) {
  const auto check = [](StoreKind kind, const Fault& fault) {
    ThreadPool pool(1);
    const StoreFolder folder;
    const Outcome outcome = play(folder, kind, fault);
    // SQLite takes a short write for a full disk; ours go on with the rest.
    EXPECT_TRUE(outcome.result.exit_code == 0 || outcome.result.exit_code == 3)
        << outcome.result.errors;
    expect_whole_or_nothing(folder, kind, outcome.done, pool);
    return outcome.result.exit_code == 3;
  };
  for_each_call(GetParam(), {"SHORT"}, check);
}

// A small file system of its own; unmounted at the end.
class SmallDisk {
 public:
  SmallDisk(const std::filesystem::path& folder, const std::string& size) : folder_(folder) {
    std::filesystem::create_directories(folder);
    mounted_ = ::mount("tmpfs", folder.c_str(), "tmpfs", 0, ("size=" + size).c_str()) == 0;
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() {
    if (mounted_) ::umount2(folder_.c_str(), MNT_DETACH);
  }
  bool is_mounted() const { return mounted_; }

 private:
  std::filesystem::path folder_;
  bool mounted_ = false;
};

// Takes all the space there is.
void fill(const std::filesystem::path& path) {
  std::ofstream file(path, std::ios::binary);
  const std::string bytes(size_t{1} << 16, 'x');
  while (file.write(bytes.data(), static_cast<std::streamsize>(bytes.size())).flush()) {
  }
}

// The file system runs full while the writer is at work, again and again: at the check of the free
// space, in a segment or in SQLite, as it comes.
TEST(FullDisk, RefusesWhatDoesNotFitAndKeepsTheRestB30) {
  const StoreFolder folder;
  const SmallDisk disk(folder.work(), "160m");  // a compaction wants 64 MiB to spare
  if (!disk.is_mounted()) GTEST_SKIP() << "no permission to mount a small file system";
  const ScriptShape shape{.seed = 3, .num_ids = 300, .largest_batch = 100, .largest_burst = 300};
  constexpr size_t kManySteps = 4000;
  const Script script(shape, kManySteps);
  ThreadPool pool(1);
  const std::filesystem::path ballast = folder.work() / "ballast";
  size_t step = 0;
  for (int round = 0; round < 10 && !testing::Test::HasFailure(); ++round) {
    ChildProcess writer(child_command("write", folder.index(), shape, kManySteps));
    const std::string first = writer.read_line();
    ASSERT_NE(first, "") << writer.wait().errors;
    fill(ballast);
    const size_t done = last_step_said(writer, step_in(first));
    const ChildProcess::Result result = writer.wait();
    EXPECT_EQ(result.exit_code, 3) << "signal " << result.signal << ", " << result.errors;
    std::printf("after step %zu: %s", done, result.errors.c_str());
    std::filesystem::remove(ballast);
    step = expect_whole(folder.index(), script, done, done + 1, pool);
  }
  EXPECT_GE(step, 10U);
}

// 2 MB are too few even to begin.
TEST(FullDisk, TooSmallForAnythingIsSaidB30) {
  const StoreFolder folder;
  const SmallDisk disk(folder.work(), "2m");
  if (!disk.is_mounted()) GTEST_SKIP() << "no permission to mount a small file system";
  ThreadPool pool(1);
  ChildProcess writer(child_command("write", folder.index(), kShape, kNumSteps));
  const size_t done = last_step_said(writer, 0);
  const ChildProcess::Result result = writer.wait();
  EXPECT_EQ(result.exit_code, 3) << result.errors;
  EXPECT_NE(result.errors.find("are free"), std::string::npos) << result.errors;
  expect_whole_or_nothing(folder, kShape.kind, done, pool);
}

INSTANTIATE_TEST_SUITE_P(Kinds, Faults, testing::ValuesIn(kStoreKinds), name_of_kind);
INSTANTIATE_TEST_SUITE_P(Kinds, KilledWriter, testing::ValuesIn(kStoreKinds), name_of_kind);
INSTANTIATE_TEST_SUITE_P(Kinds, FailingCall, testing::ValuesIn(kStoreKinds), name_of_kind);
INSTANTIATE_TEST_SUITE_P(Kinds, ShortWrite, testing::ValuesIn(kStoreKinds), name_of_kind);

}  // namespace
}  // namespace maxsimd::store_testing
