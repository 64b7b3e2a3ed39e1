#include "maxsimd/base/atomic_folder.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <functional>

#include "maxsimd/base/atomic_file.h"
#include "maxsimd/base/errors.h"
#include "tests/support/temp_folder.h"

namespace maxsimd {
namespace {

namespace fs = std::filesystem;

class AtomicFolder : public testing::Test {
 protected:
  void write(const WhenThere when_there, const std::string& name) {
    AtomicFolderWriter writer(target_, when_there);
    write_file_atomic(writer.path() / name, name);
    writer.commit();
  }

  size_t num_entries() const {
    return static_cast<size_t>(
        std::distance(fs::directory_iterator(folder_.path()), fs::directory_iterator()));
  }

  testing_support::TempFolder folder_;
  fs::path target_ = folder_.path() / "out";
};

TEST_F(AtomicFolder, OneThatIsThereIsReplacedOnlyWhenAskedFor) {
  write(WhenThere::replace, "a");
  EXPECT_THROW(AtomicFolderWriter{target_}, std::invalid_argument);
  {
    AtomicFolderWriter writer(target_, WhenThere::replace);
    write_file_atomic(writer.path() / "b", "b");
    EXPECT_TRUE(fs::exists(target_ / "a"));
  }
  EXPECT_TRUE(fs::exists(target_ / "a"));  // without commit() the old one stays
  write(WhenThere::replace, "b");
  EXPECT_FALSE(fs::exists(target_ / "a"));
  EXPECT_EQ(read_file(target_ / "b"), "b");
  EXPECT_EQ(num_entries(), 1U);
}

TEST_F(AtomicFolder, AFileIsNeverReplaced) {
  write_file_atomic(target_, "words");
  EXPECT_THROW(AtomicFolderWriter(target_, WhenThere::replace), std::invalid_argument);
  EXPECT_EQ(read_file(target_), "words");
}

TEST_F(AtomicFolder, ARemovedOneIsGoneAndWhatALinkLeadsToStays) {
  write(WhenThere::refuse, "a");
  fs::create_directory_symlink(target_, folder_.path() / "link");
  remove_folder_atomic(folder_.path() / "link");
  EXPECT_TRUE(fs::exists(target_ / "a"));
  remove_folder_atomic(target_.string() + "/");
  EXPECT_EQ(num_entries(), 0U);
  EXPECT_THROW(remove_folder_atomic(target_), IoError);
}

TEST_F(AtomicFolder, NamesOfWhatIsNotWholeTellWhatItWillBe) {
  {
    const AtomicFolderWriter outer(target_);
    const AtomicFolderWriter inner(outer.path());
    EXPECT_EQ(target_of_temporary_name(outer.path().filename().string()), "out");
    EXPECT_EQ(target_of_temporary_name(inner.path().filename().string()), "out");
    const AtomicFileWriter file(folder_.path() / "logs.csv");
    size_t num_files = 0;
    for (const auto& entry : fs::directory_iterator(folder_.path())) {
      if (!entry.is_regular_file()) continue;
      ++num_files;
      EXPECT_EQ(target_of_temporary_name(entry.path().filename().string()), "logs.csv");
    }
    EXPECT_EQ(num_files, 1U);
  }
  EXPECT_EQ(target_of_temporary_name(".tmp-1-2"), std::nullopt);
  for (const char* name : {"", "a", "a.tmp-", "a.tmp-1", "a.tmp-1-", "a.tmp--2", "a.tmp-1-2.bak",
                           "a.tmp-x-2", "a.tmp-1-2-3", ".a", "tmp-1-2"}) {
    EXPECT_EQ(target_of_temporary_name(name), std::nullopt) << name;
  }
}

std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "no error";
}

/// A disk without room for files of more bytes, until it is gone.
class FullDisk {
 public:
  explicit FullDisk(rlim_t most_bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{most_bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    (void)std::signal(SIGXFSZ, handler_);
  }

 private:
  void (*handler_)(int);
  rlimit before_{};
};

TEST_F(AtomicFolder, ErrorsNameFilesAsTheyWillBeCalled) {
  const AtomicFolderWriter outer(target_);
  const AtomicFolderWriter twice(outer.path());  // a model in a checkpoint is written so
  const AtomicFolderWriter inner(outer.path() / "model");
  EXPECT_EQ(path_to_be(inner.path() / "a.txt"), target_ / "model" / "a.txt");
  EXPECT_EQ(path_to_be(folder_.path() / "a.txt"), folder_.path() / "a.txt");
  const std::string to_be = (target_ / "model.safetensors").string();
  const FullDisk disk(4);
  for (const fs::path& folder : {outer.path(), twice.path()}) {
    EXPECT_TRUE(error_of([&] {
                  write_file_atomic(folder / "model.safetensors", "words");
                }).starts_with(to_be + ": cannot write: "));
    EXPECT_TRUE(error_of([&] {
                  write_file_atomic(folder / "none" / "a", "word");
                }).starts_with((target_ / "none" / "a").string() + ": cannot create: "));
    fs::create_directory(folder / "b");
    EXPECT_TRUE(error_of([&] {
                  write_file_atomic(folder / "b", "word");
                }).starts_with((target_ / "b").string() + ": expected a plain file"));
    EXPECT_TRUE(error_of([&] {
                  remove_folder_atomic(folder / "none");
                }).starts_with((target_ / "none").string() + ": cannot rename away: "));
  }
  write_file_atomic(inner.path() / "a", "word");
  EXPECT_TRUE(
      error_of([&] {
        AtomicFolderWriter(outer.path() / "b").make_folder("no/such");
      }).starts_with((target_ / "b" / "no" / "such").string() + ": cannot create folder: "));
}

}  // namespace
}  // namespace maxsimd
