#include "maxsimd/base/atomic_folder.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace maxsimd
