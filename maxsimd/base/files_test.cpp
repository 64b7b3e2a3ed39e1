#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "maxsimd/base/atomic_file.h"
#include "maxsimd/base/errors.h"
#include "maxsimd/base/mapped_file.h"

namespace maxsimd {
namespace {

namespace fs = std::filesystem;

class Files : public testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        fs::temp_directory_path() / ("maxsimd-files-" + std::to_string(::getpid()) + "-" +
                                     testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  size_t entries() const {
    return static_cast<size_t>(std::distance(fs::directory_iterator(folder_), {}));
  }
  fs::path folder_;
};

TEST_F(Files, MapsWhatWasWritten) {
  write_file_atomic(folder_ / "a", "hello");
  EXPECT_EQ(MappedFile::open(folder_ / "a").text(), "hello");
  EXPECT_EQ(read_file(folder_ / "a"), "hello");
}

TEST_F(Files, OverwriteReplacesBytesInPlace) {
  AtomicFileWriter writer(folder_ / "a");
  writer.write("hello world");
  writer.overwrite(6, std::as_bytes(std::span("there", 5)));
  writer.write("!");
  writer.commit();
  EXPECT_EQ(read_file(folder_ / "a"), "hello there!");
}

TEST_F(Files, EmptyFileGivesEmptyBytes) {
  write_file_atomic(folder_ / "a", "");
  EXPECT_TRUE(MappedFile::open(folder_ / "a").bytes().empty());
}

TEST_F(Files, MissingFileAndFolderAreNamed) {
  try {
    MappedFile::open(folder_ / "missing");
    FAIL();
  } catch (const IoError& error) {
    EXPECT_NE(std::string(error.what()).find("missing: cannot open"), std::string::npos);
  }
  EXPECT_THROW(MappedFile::open(folder_), IoError);
}

TEST_F(Files, OpenIfExistsGivesNothingOnlyWhenThereIsNoFile) {
  EXPECT_FALSE(MappedFile::open_if_exists(folder_ / "missing").has_value());
  EXPECT_FALSE(MappedFile::open_if_exists(folder_ / "no" / "folder").has_value());
  EXPECT_THROW(MappedFile::open_if_exists(folder_), IoError);
  write_file_atomic(folder_ / "a", "hello");
  EXPECT_EQ(MappedFile::open_if_exists(folder_ / "a")->text(), "hello");
}

// Resident memory of this process.
size_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  size_t pages = 0;
  file >> pages >> pages;
  return pages * static_cast<size_t>(::sysconf(_SC_PAGESIZE));
}

TEST_F(Files, ReleasedPagesLeaveMemoryAndAreReadAgain) {
  std::string content(size_t{16} << 20, 'x');
  for (size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>('a' + i % 23);
  write_file_atomic(folder_ / "a", content);
  const MappedFile file = MappedFile::open(folder_ / "a");
  ASSERT_EQ(file.text(), content);
  const size_t before = resident_bytes();
  file.release(1, content.size() - 1);  // the first page is not whole: kept
  EXPECT_LT(resident_bytes() + (size_t{12} << 20), before);
  file.release(content.size(), 0);
  file.release(10, 20);
  EXPECT_EQ(file.text(), content);
}

TEST_F(Files, MappingOutlivesUnlinkAndMoves) {
  write_file_atomic(folder_ / "a", "hello");
  MappedFile file = MappedFile::open(folder_ / "a");
  fs::remove(folder_ / "a");
  const MappedFile moved = std::move(file);
  EXPECT_EQ(moved.text(), "hello");
}

TEST_F(Files, WithoutCommitTheOldFileStaysAndNothingIsLeft) {
  write_file_atomic(folder_ / "a", "old");
  {
    AtomicFileWriter writer(folder_ / "a");
    writer.write("new");
  }
  EXPECT_EQ(read_file(folder_ / "a"), "old");
  EXPECT_EQ(entries(), 1U);
}

TEST_F(Files, CommitReplaces) {
  write_file_atomic(folder_ / "a", "old");
  AtomicFileWriter writer(folder_ / "a");
  writer.write("n");
  writer.write("ew");
  EXPECT_EQ(writer.bytes_written(), 3U);
  writer.commit();
  EXPECT_EQ(read_file(folder_ / "a"), "new");
  EXPECT_EQ(entries(), 1U);
}

TEST_F(Files, OnlyPlainFilesAreReplaced) {
  fs::create_directory(folder_ / "folder");
  ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  fs::create_symlink("nowhere", folder_ / "dangling");
  for (const char* name : {"folder", "pipe", "dangling"}) {
    EXPECT_THROW(AtomicFileWriter(folder_ / name), IoError) << name;
  }
  EXPECT_THROW(AtomicFileWriter("/dev/null"), IoError);
  EXPECT_THROW(AtomicFileWriter(""), IoError);
  EXPECT_EQ(entries(), 3U);
}

TEST_F(Files, ASymlinkIsFollowed) {
  write_file_atomic(folder_ / "a", "old");
  fs::create_symlink("a", folder_ / "link");
  write_file_atomic(folder_ / "link", "new");
  EXPECT_EQ(read_file(folder_ / "a"), "new");
  EXPECT_TRUE(fs::is_symlink(folder_ / "link"));
}

TEST_F(Files, APipeIsNotMapped) {  // and opening it does not hang
  ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  EXPECT_THROW(MappedFile::open(folder_ / "pipe"), IoError);
}

TEST_F(Files, UnwritableFolderIsAnIoError) {
  EXPECT_THROW(AtomicFileWriter(folder_ / "no" / "such" / "a"), IoError);
}

}  // namespace
}  // namespace maxsimd
