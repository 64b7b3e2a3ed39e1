#include "maxsimd/training/resume_folder.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <stdexcept>

#include "tests/support/temp_folder.h"
#include "tests/support/tiny_model.h"

namespace maxsimd::training {
namespace {

namespace fs = std::filesystem;

std::string error_of(const fs::path& folder) {
  try {
    check_resume_folder({.resume_from_checkpoint = folder.string()});
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

TEST(ResumeFolder, WhatIsNoCheckpointIsToldWhatToGive) {
  const testing_support::TempFolder folder;
  const std::string run = "resume_from_checkpoint: " + folder.path().string();
  EXPECT_EQ(error_of(folder.path()), run +
                                         " is no checkpoint: it has no trainer_state.json; "
                                         "expected a folder checkpoint-STEP of a run");
  EXPECT_EQ(error_of(folder.path() / "none"),
            run + "/none is not there; expected a folder checkpoint-STEP of a run");
  testing_support::write_text(folder.path() / "checkpoint-3" / "trainer_state.json", "{}");
  EXPECT_EQ(error_of(folder.path() / "checkpoint-3"), "");  // reading it says what is wrong in it
  EXPECT_EQ(error_of(folder.path() / "checkpoint-3" / "trainer_state.json"),
            run +
                "/checkpoint-3/trainer_state.json is no folder; expected a folder "
                "checkpoint-STEP of a run");
  EXPECT_EQ(error_of(""), "");
}

}  // namespace
}  // namespace maxsimd::training
