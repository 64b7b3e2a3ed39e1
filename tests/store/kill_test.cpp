// A writer that is killed at any instant leaves the last commit, whole, for readers at work and for
// the next writer (B30).
#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <thread>

#include "maxsimd/base/errors.h"
#include "tests/store/store_folder.h"
#include "tests/store/store_process.h"

namespace maxsimd::store_testing {
namespace {

constexpr size_t kNumReaders = 4;
constexpr size_t kStepsAhead = 400;  // more than a writer does before it is killed

std::vector<ChildProcess> start_readers(const std::filesystem::path& folder,
                                        const ScriptShape& shape, size_t num_steps) {
  std::vector<ChildProcess> readers;
  for (size_t r = 0; r < kNumReaders; ++r) {
    readers.emplace_back(child_command("read", folder, shape, num_steps));
  }
  for (ChildProcess& reader : readers) EXPECT_EQ(reader.read_line(), "ready");
  return readers;
}

void expect_clean_end(std::vector<ChildProcess>& readers) {
  size_t num_observed = 0;
  for (ChildProcess& reader : readers) reader.close_input();
  for (ChildProcess& reader : readers) {
    const ChildProcess::Result result = reader.wait();
    EXPECT_EQ(result.exit_code, 0) << "signal " << result.signal << ", " << result.errors;
    if (!result.output.empty()) {
      num_observed += step_in(result.output.substr(0, result.output.size() - 1));
    }
  }
  std::printf("%zu readers observed %zu snapshots, each one state of the script\n", readers.size(),
              num_observed);
  EXPECT_GT(num_observed, 2 * kNumReaders);
}

// Kills a writer `delay` after its first commit; returns the last step it said was done.
size_t play_and_kill(ChildProcess& writer, std::chrono::microseconds delay, size_t done) {
  for (std::string line = writer.read_line(); !line.empty(); line = writer.read_line()) {
    const bool is_first = delay.count() > 0;
    done = step_in(line);
    if (is_first) std::this_thread::sleep_for(delay);
    if (is_first) writer.kill();
    delay = {};
  }
  const ChildProcess::Result result = writer.wait();
  EXPECT_EQ(result.signal, SIGKILL) << "exit code " << result.exit_code << ", " << result.errors;
  return done;
}

// 20 kills; more where MAXSIMD_STORE_KILLS says so. MAXSIMD_STORE_SEED gives another run.
class KilledWriterOfKind : public testing::TestWithParam<StoreKind> {};

TEST_P(KilledWriterOfKind, LeavesTheStateBeforeOrAfterTheCommitWhileReadersSearchB30) {
  const size_t num_kills = number_setting("MAXSIMD_STORE_KILLS", 20);
  const ScriptShape shape{.seed = number_setting("MAXSIMD_STORE_SEED", 1), .kind = GetParam()};
  const size_t num_steps = num_kills * 40 + kStepsAhead;
  const Script script(shape, num_steps);
  ThreadPool pool(1);
  std::mt19937_64 random(shape.seed);
  const StoreFolder folder;
  { IndexWriter::create(folder.index(), script.settings(), script_writer_options()); }
  std::vector<ChildProcess> readers = start_readers(folder.index(), shape, num_steps);

  size_t step = 0, num_committed_in_flight = 0;
  for (size_t kill = 0; kill < num_kills && !testing::Test::HasFailure(); ++kill) {
    // Short steps follow each other within milliseconds: any instant of several of them is hit.
    const std::chrono::microseconds delay(1 + random() % 30'000);
    ChildProcess writer(child_command("write", folder.index(), shape, num_steps));
    const size_t done = play_and_kill(writer, delay, step);
    step = expect_whole(folder.index(), script, done, done + 1, pool);
    num_committed_in_flight += step > done ? 1 : 0;
    ASSERT_LT(step + 1, num_steps) << "the script is too short for so many kills";
  }
  std::printf("%zu kills up to step %zu; %zu commits in flight were there, the others not\n",
              num_kills, step, num_committed_in_flight);
  expect_clean_end(readers);
  EXPECT_EQ(Index::open(folder.index()).codebook().has_value(),
            index_kind(GetParam()) == IndexKind::plaid);
}

INSTANTIATE_TEST_SUITE_P(Kinds, KilledWriterOfKind, testing::ValuesIn(kStoreKinds), name_of_kind);

TEST(SecondWriter, IsToldWhichProcessHoldsTheLockAndFindsNoneAfterKill) {
  const StoreFolder folder;
  const Script script({}, 1);
  { IndexWriter::create(folder.index(), script.settings(), script_writer_options()); }
  ChildProcess holder({STORE_CHILD, "hold", folder.index().string()});
  ASSERT_EQ(holder.read_line(), "ready");
  try {
    IndexWriter::open(folder.index());
    FAIL() << "two writers at once";
  } catch (const IoError& error) {
    EXPECT_NE(std::string(error.what()).find(std::to_string(holder.pid())), std::string::npos)
        << error.what();
  }
  holder.kill();
  EXPECT_EQ(holder.wait().signal, SIGKILL);
  EXPECT_NO_THROW(IndexWriter::open(folder.index()));
}

TEST(SecondWriter, WaitsForTheFirstAsLongAsItWasTold) {
  const StoreFolder folder;
  const Script script({}, 1);
  { IndexWriter::create(folder.index(), script.settings(), script_writer_options()); }
  ChildProcess holder({STORE_CHILD, "hold", folder.index().string()});
  ASSERT_EQ(holder.read_line(), "ready");

  const auto begin = std::chrono::steady_clock::now();
  EXPECT_THROW(IndexWriter::open(folder.index(), {.lock_timeout_ms = 200}), IoError);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(200));

  std::thread release([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    holder.close_input();
  });
  EXPECT_NO_THROW(IndexWriter::open(folder.index(), {.lock_timeout_ms = 30'000}));
  release.join();
}

TEST(SecondWriter, OfTheSameProcessIsRefusedAndTheFirstGoesOn) {
  const StoreFolder folder;
  const Script script({}, 3);
  ThreadPool pool(1);
  IndexWriter writer =
      IndexWriter::create(folder.index(), script.settings(), script_writer_options());
  script.play(1, writer);
  EXPECT_THROW(IndexWriter::open(folder.index()), IoError);
  // The refused one, and readers that come and go, must not release the first one's lock.
  { Index::open(folder.index()); }
  ChildProcess other({STORE_CHILD, "hold", folder.index().string()});
  EXPECT_EQ(other.wait().exit_code, 3);
  script.play(2, writer);
  EXPECT_EQ(expect_whole(folder.index(), script, 2, 2, pool), 2U);
}

}  // namespace
}  // namespace maxsimd::store_testing
