// Indexes on media and in folders that cannot be written, also after a writer was killed there.
#include <gtest/gtest.h>
#include <sys/mount.h>

#include "maxsimd/base/errors.h"
#include "tests/store/store_faults.h"

namespace maxsimd::store_testing {
namespace {

constexpr size_t kNumSteps = 12;
constexpr ScriptShape kShape{.seed = 2};
constexpr unsigned kNobody = 65534;

namespace fs = std::filesystem;

const Script& script() {
  static const Script script(kShape, kNumSteps);
  return script;
}

void build(const fs::path& folder, size_t num_steps = kNumSteps) {
  IndexWriter writer = IndexWriter::create(folder, script().settings(), script_writer_options());
  for (size_t step = 1; step <= num_steps; ++step) script().play(step, writer);
}

// The folder seen through a mount that cannot be written; unmounted at the end.
class ReadOnlyMount {
 public:
  ReadOnlyMount(const fs::path& folder, const fs::path& at) : at_(at) {
    fs::create_directories(at);
    if (::mount(folder.c_str(), at.c_str(), nullptr, MS_BIND, nullptr) != 0) return;
    mounted_ = true;
    read_only_ =
        ::mount(nullptr, at.c_str(), nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY, nullptr) == 0;
  }
  ReadOnlyMount(const ReadOnlyMount&) = delete;
  ReadOnlyMount& operator=(const ReadOnlyMount&) = delete;
  ~ReadOnlyMount() {
    if (mounted_) ::umount2(at_.c_str(), MNT_DETACH);
  }
  bool works() const { return mounted_ && read_only_; }

 private:
  fs::path at_;
  bool mounted_ = false, read_only_ = false;
};

void set_permissions(const fs::path& folder, fs::perms of_folders, fs::perms of_files) {
  std::vector<fs::path> paths = {folder};
  for (const auto& entry : fs::recursive_directory_iterator(folder)) paths.push_back(entry.path());
  for (const fs::path& path : paths) {
    fs::permissions(path, fs::is_directory(path) ? of_folders : of_files);
  }
}

void expect_told_to_roll_back(const fs::path& folder) {
  try {
    Index::open(folder);
    FAIL() << "a half-written catalog was read";
  } catch (const IoError& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find(folder.string()), std::string::npos) << message;
    EXPECT_NE(message.find("write permission"), std::string::npos) << message;
  }
}

TEST(ReadOnlyMount, IsSearched) {
  const StoreFolder folder;
  ThreadPool pool(1);
  build(folder.index());
  const fs::path at = folder.root() / "mounted";
  const ReadOnlyMount mount(folder.index(), at);
  if (!mount.works()) GTEST_SKIP() << "no permission to mount";
  EXPECT_EQ(expect_whole(at, script(), kNumSteps, kNumSteps, pool), kNumSteps);
  EXPECT_EQ(Index::open(at).refresh().size(), script().state(kNumSteps).size());
  EXPECT_THROW(IndexWriter::open(at), IoError);
}

TEST(ReadOnlyMount, AfterAKilledWriterSaysWhatToDo) {
  const StoreFolder folder;
  ThreadPool pool(1);
  build(folder.index(), 4);
  leave_hot_journal(folder, kShape, kNumSteps);
  const fs::path at = folder.root() / "mounted";
  {
    const ReadOnlyMount mount(folder.index(), at);
    if (!mount.works()) GTEST_SKIP() << "no permission to mount";
    expect_told_to_roll_back(at);
  }
  EXPECT_EQ(expect_whole(folder.index(), script(), 4, 4, pool), 4U);
}

TEST(ReadOnlyFolder, OfAnotherUserIsSearched) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root, to become another user";
  const StoreFolder folder;
  build(folder.index());
  // The program's own folder may be closed to that user.
  const fs::path program = folder.root() / "store_child";
  fs::copy_file(STORE_CHILD, program);
  fs::permissions(folder.root(), fs::perms(0755));
  set_permissions(folder.work(), fs::perms(0555), fs::perms(0444));
  std::vector<std::string> command = child_command("search", folder.index(), kShape, kNumSteps);
  command[0] = program.string();
  ChildProcess reader(command, {.environment = {}, .user = kNobody});
  const ChildProcess::Result result = reader.wait();
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_EQ(result.output, "state " + std::to_string(kNumSteps) + "\n");

  command[1] = "hold";
  ChildProcess writer(command, {.environment = {}, .user = kNobody});
  const ChildProcess::Result refused = writer.wait();
  EXPECT_EQ(refused.exit_code, 3) << refused.errors;
  EXPECT_NE(refused.errors.find(folder.index().string()), std::string::npos) << refused.errors;
}

TEST(ReadOnlyFolder, AfterAKilledWriterSaysWhatToDo) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root, to become another user";
  const StoreFolder folder;
  ThreadPool pool(1);
  build(folder.index(), 4);
  leave_hot_journal(folder, kShape, kNumSteps);
  const fs::path program = folder.root() / "store_child";
  fs::copy_file(STORE_CHILD, program);
  fs::permissions(folder.root(), fs::perms(0755));
  set_permissions(folder.work(), fs::perms(0555), fs::perms(0444));
  std::vector<std::string> command = child_command("search", folder.index(), kShape, kNumSteps);
  command[0] = program.string();
  ChildProcess reader(command, {.environment = {}, .user = kNobody});
  const ChildProcess::Result result = reader.wait();
  EXPECT_EQ(result.exit_code, 3) << result.errors;
  EXPECT_NE(result.errors.find("write permission"), std::string::npos) << result.errors;
  EXPECT_EQ(expect_whole(folder.index(), script(), 4, 4, pool), 4U);
}

}  // namespace
}  // namespace maxsimd::store_testing
