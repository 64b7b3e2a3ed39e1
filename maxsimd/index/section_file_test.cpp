#include "maxsimd/index/section_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <fstream>

#include "maxsimd/base/aligned_buffer.h"
#include "maxsimd/base/errors.h"

namespace maxsimd {
namespace {

namespace fs = std::filesystem;

constexpr SectionFileKind kKind = {"TESTFILE", 3};

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

class SectionFiles : public testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        fs::temp_directory_path() / ("maxsimd-sections-" + std::to_string(::getpid()) + "-" +
                                     testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::create_directories(folder_);
    path_ = folder_ / "file.bin";
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write_small(uint32_t version = kKind.version) const {
    SectionFileWriter writer(path_, {kKind.magic, version});
    writer.begin_section("letters");
    writer.write(bytes_of("abc"));
    writer.begin_section("nothing");
    writer.begin_section("sixteen_letters_");
    const std::vector<uint64_t> numbers = {1, 2, 3};
    writer.write_values(std::span<const uint64_t>(numbers));
    writer.commit();
  }

  std::string problem() const {
    try {
      SectionFile::open(path_, kKind);
    } catch (const FormatError& error) {
      return error.what();
    }
    return {};
  }

  fs::path folder_, path_;
};

TEST_F(SectionFiles, GivesBackWhatWasWritten) {
  write_small();
  const SectionFile file = SectionFile::open(path_, kKind);
  EXPECT_EQ(file.section_names(),
            (std::vector<std::string>{"letters", "nothing", "sixteen_letters_"}));
  EXPECT_EQ(text_of(file.section("letters")), "abc");
  EXPECT_TRUE(file.section("nothing").empty());
  EXPECT_EQ(file.values<uint64_t>("sixteen_letters_", 3)[2], 3U);
  EXPECT_TRUE(file.contains("nothing"));
  EXPECT_FALSE(file.contains("sixteen_letters"));
  for (const std::string& name : file.section_names()) file.verify_section(name);
  EXPECT_EQ(file.size_bytes(), fs::file_size(path_));
  EXPECT_EQ(file.name(), path_.string());
}

TEST_F(SectionFiles, SectionsLieAtMultiplesOf64WithAHeaderOf4096Bytes) {
  write_small();
  const SectionFile file = SectionFile::open(path_, kKind);
  const MappedFile raw = MappedFile::open(path_);
  EXPECT_EQ(raw.text().substr(0, 8), "TESTFILE");
  EXPECT_EQ(raw.text().substr(4096, 3), "abc");
  EXPECT_EQ(file.size_bytes(), 4096U + 64 + 3 * sizeof(uint64_t));
  for (const std::string& name : file.section_names()) {
    EXPECT_EQ(reinterpret_cast<uintptr_t>(file.section(name).data()) % 64, 0U) << name;
  }
  uint64_t stored = 0;
  std::memcpy(&stored, raw.bytes().data() + 4088, sizeof(stored));
  EXPECT_EQ(stored, checksum(raw.bytes().first(4088)));
  EXPECT_EQ(file.header_checksum(), stored);
}

TEST_F(SectionFiles, PiecesOfAnySizeGiveTheSameFile) {
  std::string content(size_t{3} << 20, ' ');
  for (size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>(i * 7 % 251);
  std::vector<std::string> files;
  for (const size_t piece :
       {size_t{1000}, (size_t{1} << 20) - 1, size_t{1} << 20, content.size()}) {
    SectionFileWriter writer(path_, kKind);
    writer.begin_section("a");
    uint64_t before = writer.size_bytes();
    for (size_t at = 0; at < content.size(); at += piece) {
      writer.write(bytes_of(std::string_view(content).substr(at, piece)));
      EXPECT_GT(writer.size_bytes(), before);
      before = writer.size_bytes();
    }
    writer.begin_section("b");
    writer.write(bytes_of("end"));
    EXPECT_EQ(writer.size_bytes(), 4096 + content.size() + 3);
    writer.commit();
    files.push_back(read_file(path_));
    SectionFile::open(path_, kKind).verify_section("a");
  }
  for (const std::string& file : files) EXPECT_TRUE(file == files[0]);
  EXPECT_EQ(files[0].substr(4096, content.size()), content);
}

TEST_F(SectionFiles, WithoutCommitNothingRemains) {
  {
    SectionFileWriter writer(path_, kKind);
    writer.begin_section("a");
    writer.write(bytes_of(std::string(size_t{2} << 20, 'x')));
  }
  EXPECT_TRUE(fs::is_empty(folder_));
  EXPECT_FALSE(SectionFile::open_if_exists(path_, kKind).has_value());
  EXPECT_THROW(SectionFile::open(path_, kKind), IoError);
}

TEST_F(SectionFiles, AsManySectionsAsTheHeaderHolds) {
  SectionFileWriter writer(path_, kKind);
  for (size_t s = 0; s < kMaxSections; ++s) {
    writer.begin_section("section " + std::to_string(s));
    writer.write(bytes_of(std::to_string(s)));
  }
  writer.commit();
  const SectionFile file = SectionFile::open(path_, kKind);
  EXPECT_EQ(text_of(file.section("section 100")), "100");
}

TEST_F(SectionFiles, AnotherKindAndANewerVersionAreCalledThat) {
  write_small();
  try {
    SectionFile::open(path_, {"OTHERONE", 0});
    FAIL() << "nothing was thrown";
  } catch (const FormatError& error) {
    EXPECT_NE(std::string(error.what())
                  .find("file.bin: expected a file that starts with \"OTHERONE\", found \"TEST"),
              std::string::npos)
        << error.what();
  }
  write_small(4);
  EXPECT_NE(problem().find("file.bin: expected format version 3 or older, found 4; use the newer"),
            std::string::npos)
      << problem();
  write_small(2);
  EXPECT_EQ(problem(), "");
  EXPECT_THROW(SectionFile::open(path_, {kKind.magic, 3, 3}), FormatError) << "older than any read";
}

TEST_F(SectionFiles, WrongSizesAndNamesAreToldByTheReadersRequests) {
  write_small();
  const SectionFile file = SectionFile::open(path_, kKind);
  EXPECT_THROW(file.section("missing"), FormatError);
  EXPECT_THROW(file.verify_section("missing"), FormatError);
  EXPECT_THROW(file.values<uint64_t>("sixteen_letters_", 2), FormatError);
  EXPECT_THROW(file.values<uint64_t>("letters", 0), FormatError);
  // 2^61 + 3 values of 8 bytes are 24 bytes in 64-bit arithmetic.
  EXPECT_THROW(file.values<uint64_t>("sixteen_letters_", (uint64_t{1} << 61) + 3), FormatError);
}

TEST_F(SectionFiles, EveryTruncationAndExtensionIsRefusedByName) {
  write_small();
  const std::string whole = read_file(path_);
  for (size_t size = 0; size < whole.size(); ++size) {
    AlignedBuffer<std::byte> part(size);
    std::memcpy(part.data(), whole.data(), size);
    EXPECT_THROW(SectionFile::parse(part.span(), "part", kKind), FormatError) << size;
  }
  write_file_atomic(path_, whole + '\0');
  EXPECT_NE(problem().find("file.bin: expected " + std::to_string(whole.size()) + " bytes, found "),
            std::string::npos)
      << problem();
}

// A header that is wrong in itself, not by damage: its checksum is made to fit.
class HostileHeaders : public SectionFiles {
 protected:
  void SetUp() override {
    SectionFiles::SetUp();
    write_small();
    bytes_ = read_file(path_);
  }
  void put(size_t offset, uint64_t value, size_t size = 8) {
    std::memcpy(bytes_.data() + offset, &value, size);
  }
  std::string problem_after_repair() {
    put(4088, checksum(bytes_of(bytes_).first(4088)));
    write_file_atomic(path_, bytes_);
    return problem();
  }
  std::string bytes_;
};

constexpr size_t kFirstOffset = 16 + 16, kFirstSize = kFirstOffset + 8;

TEST_F(HostileHeaders, SizesThatOverflowAreRefused) {
  for (const uint64_t size : {uint64_t{89}, uint64_t{1} << 40, ~uint64_t{0}, ~uint64_t{0} - 4095}) {
    put(kFirstSize, size);
    EXPECT_NE(problem_after_repair().find("section letters: "), std::string::npos) << size;
  }
}

TEST_F(HostileHeaders, OffsetsThatOverlapOrLeaveTheFileAreRefused) {
  for (const uint64_t offset : {uint64_t{0}, uint64_t{4095}, uint64_t{4160}, ~uint64_t{63}}) {
    put(kFirstOffset, offset);
    EXPECT_NE(problem_after_repair().find("section letters: expected at byte 4096"),
              std::string::npos)
        << offset;
  }
}

TEST_F(HostileHeaders, TooManySectionsAreRefused) {
  put(12, 4, 4);
  EXPECT_NE(problem_after_repair().find("section 3 has no name"), std::string::npos);
  for (const uint64_t count : {uint64_t{102}, uint64_t{0xffffffff}}) {
    put(12, count, 4);
    EXPECT_NE(problem_after_repair().find("expected at most 101 sections"), std::string::npos);
  }
}

TEST_F(HostileHeaders, NamesGivenTwiceAndEmptyOnesAreRefused) {
  std::memcpy(bytes_.data() + 16 + 40, "letters\0\0\0\0\0\0\0\0\0", 16);
  EXPECT_NE(problem_after_repair().find("section 1 has no name, or that of another"),
            std::string::npos);
  std::memset(bytes_.data() + 16 + 40, 0, 16);
  EXPECT_NE(problem_after_repair().find("section 1 has no name"), std::string::npos);
}

}  // namespace
}  // namespace maxsimd
