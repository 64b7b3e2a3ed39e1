// For tests: a folder that disappears with the object, and files in it. One per test.
#pragma once

#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>

namespace maxsimd {

class TestFolder {
 public:
  TestFolder() {
    std::random_device seed;
    path_ = std::filesystem::temp_directory_path() / ("maxsimd-test-" + std::to_string(seed()));
    std::filesystem::create_directories(path_);
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  ~TestFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::filesystem::path& path() const { return path_; }

  std::filesystem::path write(const std::string& name, std::string_view content) const {
    const std::filesystem::path file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary)
        .write(content.data(), static_cast<std::streamsize>(content.size()));
    return file;
  }

  std::filesystem::path write_gzip(const std::string& name, std::string_view content) const {
    const std::filesystem::path file = path_ / name;
    gzFile out = ::gzopen(file.c_str(), "wb");
    ::gzwrite(out, content.data(), static_cast<unsigned>(content.size()));
    ::gzclose(out);
    return file;
  }

 private:
  std::filesystem::path path_;
};

/// Runs an action that must throw an E and returns its message.
template <class E, class Action>
std::string message_of(Action&& action) {
  try {
    action();
  } catch (const E& error) {
    return error.what();
  }
  throw std::logic_error("expected an exception, none was thrown");
}

}  // namespace maxsimd
