#include "maxsimd/base/file_lock.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "maxsimd/base/errors.h"
#include "tests/support/temp_folder.h"

namespace maxsimd {
namespace {

namespace fs = std::filesystem;

TEST(FileLock, OneHolderAtATimeAndNothingIsLeft) {
  const testing_support::TempFolder folder;
  const fs::path path = folder.path() / "lock";
  {
    const auto lock = FileLock::try_take(path);
    ASSERT_TRUE(lock.has_value());
    EXPECT_FALSE(FileLock::try_take(path).has_value());
    EXPECT_EQ(FileLock::holder(path), "process " + std::to_string(::getpid()));
    EXPECT_TRUE(fs::exists(path));
  }
  EXPECT_FALSE(fs::exists(path));
  EXPECT_TRUE(FileLock::try_take(path).has_value());
}

TEST(FileLock, AKilledProcessHoldsNothing) {
  const testing_support::TempFolder folder;
  const fs::path path = folder.path() / "lock";
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto lock = FileLock::try_take(path);
    (void)!::write(ready[1], lock.has_value() ? "y" : "n", 1);
    ::pause();
    ::_exit(1);
  }
  char answer = 0;
  ASSERT_EQ(::read(ready[0], &answer, 1), 1);
  EXPECT_EQ(answer, 'y');
  EXPECT_FALSE(FileLock::try_take(path).has_value());
  EXPECT_EQ(FileLock::holder(path), "process " + std::to_string(child));
  ::kill(child, SIGKILL);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_TRUE(fs::exists(path));
  EXPECT_TRUE(FileLock::try_take(path).has_value());
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST(FileLock, APlaceWhereNoFileCanBeIsAnIoError) {
  const testing_support::TempFolder folder;
  EXPECT_THROW(FileLock::try_take(folder.path() / "nowhere" / "lock"), IoError);
  EXPECT_THROW(FileLock::try_take(folder.path()), IoError);
}

}  // namespace
}  // namespace maxsimd
