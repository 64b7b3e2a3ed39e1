// For the tests of the text room: a model folder of the wanted files, removed at the end.
#pragma once

#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "maxsimd/text/test_texts.h"

namespace maxsimd::text_tests {

class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / unique_name()) {
    std::filesystem::create_directories(path_);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }

  const std::filesystem::path& path() const { return path_; }
  void copy(const char* name) const {
    std::filesystem::copy_file(mini_folder() / name, path_ / name);
  }
  void write(const char* name, const std::string& text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
  }

 private:
  static std::string unique_name() {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    return std::string("maxsimd_text_") + test->name() + "_" + std::to_string(::getpid());
  }
  std::filesystem::path path_;
};

}  // namespace maxsimd::text_tests
