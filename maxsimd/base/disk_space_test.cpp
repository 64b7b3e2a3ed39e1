#include "maxsimd/base/disk_space.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "maxsimd/base/errors.h"

namespace maxsimd {
namespace {

namespace fs = std::filesystem;

std::string refusal(uint64_t needed) {
  try {
    check_disk_space(fs::temp_directory_path(), needed, "segment 7");
  } catch (const IoError& error) {
    return error.what();
  }
  return {};
}

TEST(DiskSpace, AgreesWithTheStandardLibrary) {
  const auto folder = fs::temp_directory_path();
  const uint64_t before = fs::space(folder).available;
  const uint64_t ours = free_disk_bytes(folder);
  const uint64_t after = fs::space(folder).available;
  // Other programs write meanwhile: between the two within 1 GiB.
  const uint64_t slack = uint64_t{1} << 30;
  EXPECT_GE(ours + slack, std::min(before, after));
  EXPECT_LE(ours, std::max(before, after) + slack);
}

TEST(DiskSpace, WhatFitsPassesAndWhatDoesNotIsNamed) {
  EXPECT_EQ(refusal(1), "");
  const std::string message = refusal(uint64_t{5} << 60);
  EXPECT_NE(message.find("writing segment 7: needs about 5.8 EB in "), std::string::npos)
      << message;
  EXPECT_NE(message.find(fs::temp_directory_path().string()), std::string::npos) << message;
  EXPECT_NE(message.find(" are free; "), std::string::npos) << message;
  EXPECT_NE(refusal(std::numeric_limits<uint64_t>::max()), "");  // no overflow with the margin
}

TEST(DiskSpace, MissingFolderIsAnIoErrorThatNamesIt) {
  try {
    free_disk_bytes("/nowhere/at/all");
    FAIL() << "nothing was thrown";
  } catch (const IoError& error) {
    EXPECT_NE(std::string(error.what()).find("/nowhere/at/all"), std::string::npos);
  }
}

}  // namespace
}  // namespace maxsimd
