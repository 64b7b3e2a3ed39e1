#include "maxsimd/base/atomic_folder.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/sync_folder.h"

namespace maxsimd {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& path, const char* what, const std::error_code& error) {
  throw IoError(path.string() + ": cannot " + what + ": " + error.message());
}

std::error_code last_error() {
  return {errno, std::generic_category()};
}

// "out/" and "out" are the same target; rename needs the one without the slash.
fs::path without_trailing_slash(const fs::path& path) {
  const fs::path absolute = fs::absolute(path).lexically_normal();
  return absolute.has_filename() ? absolute : absolute.parent_path();
}

std::string temporary_prefix(const fs::path& target) {
  return std::string(".").append(target.filename().string()).append(".tmp-");
}

fs::path temporary_beside(const fs::path& target) {
  static std::atomic<unsigned> counter{0};  // two writers of one process must not collide
  std::string name = temporary_prefix(target);
  name.append(std::to_string(::getpid())).append("-").append(std::to_string(counter++));
  return target.parent_path() / name;
}

}  // namespace

std::vector<fs::path> temporary_folders_of(const fs::path& target) {
  const fs::path named = without_trailing_slash(target);
  const std::string prefix = temporary_prefix(named);
  std::vector<fs::path> found;
  std::error_code error;  // no parent yet: nothing is there
  for (const fs::directory_entry& entry : fs::directory_iterator(named.parent_path(), error)) {
    if (entry.path().filename().string().starts_with(prefix)) found.push_back(entry.path());
  }
  return found;
}

AtomicFolderWriter::AtomicFolderWriter(const fs::path& target)
    : target_(without_trailing_slash(target)) {
  std::error_code error;
  if (fs::exists(target_, error) && !(fs::is_directory(target_) && fs::is_empty(target_))) {
    throw std::invalid_argument(target_.string() +
                                ": exists already; give a new or empty folder to write to");
  }
  fs::create_directories(target_.parent_path(), error);
  if (error) fail(target_.parent_path(), "create folder", error);
  // A killed process of the same number may have left a folder of the same name.
  fs::path temporary = temporary_beside(target_);
  while (!fs::create_directory(temporary, error)) {
    if (error) fail(temporary, "create folder", error);
    temporary = temporary_beside(target_);
  }
  temporary_ = temporary;
}

AtomicFolderWriter::~AtomicFolderWriter() {
  std::error_code ignored;
  if (!temporary_.empty()) fs::remove_all(temporary_, ignored);
}

fs::path AtomicFolderWriter::make_folder(const std::string& name) const {
  std::error_code error;
  fs::create_directory(temporary_ / name, error);
  if (error) fail(temporary_ / name, "create folder", error);
  return temporary_ / name;
}

void AtomicFolderWriter::commit() {
  MAXSIMD_ASSERT(!temporary_.empty());
  for (const fs::directory_entry& entry : fs::directory_iterator(temporary_)) {
    if (entry.is_directory()) sync_folder(entry.path());
  }
  sync_folder(temporary_);
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) {
    fail(target_, "rename into place", last_error());
  }
  temporary_.clear();
  sync_folder(target_.parent_path());
}

}  // namespace maxsimd
