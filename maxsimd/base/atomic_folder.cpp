#include "maxsimd/base/atomic_folder.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/sync_folder.h"

namespace maxsimd {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& path, const char* what, const std::error_code& error) {
  throw IoError(path_to_be(path).string() + ": cannot " + what + ": " + error.message());
}

std::error_code last_error() {
  return {errno, std::generic_category()};
}

// "out/" and "out" are the same target; rename needs the one without the slash.
fs::path without_trailing_slash(const fs::path& path) {
  const fs::path absolute = fs::absolute(path).lexically_normal();
  return absolute.has_filename() ? absolute : absolute.parent_path();
}

constexpr std::string_view kTemporaryEnd = ".tmp-";

std::string temporary_prefix(const fs::path& target) {
  return std::string(".").append(target.filename().string()).append(kTemporaryEnd);
}

fs::path temporary_beside(const fs::path& target) {
  static std::atomic<unsigned> counter{0};  // two writers of one process must not collide
  std::string name = temporary_prefix(target);
  name.append(std::to_string(::getpid())).append("-").append(std::to_string(counter++));
  return target.parent_path() / name;
}

bool is_number(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](char digit) { return digit >= '0' && digit <= '9'; });
}

// NAME of NAME.tmp-PID-N.
std::optional<std::string> without_temporary_end(std::string_view name) {
  const size_t end = name.rfind(kTemporaryEnd);
  if (end == name.npos || end == 0) return std::nullopt;
  const std::string_view numbers = name.substr(end + kTemporaryEnd.size());
  const size_t dash = numbers.find('-');
  if (dash == numbers.npos) return std::nullopt;
  if (!is_number(numbers.substr(0, dash)) || !is_number(numbers.substr(dash + 1))) {
    return std::nullopt;
  }
  return std::string(name.substr(0, end));
}

// What is at `old` goes to `away`, then `fresh` to `old`: for file systems that cannot exchange.
void rename_twice(const fs::path& fresh, const fs::path& old, const fs::path& away) {
  if (::rename(old.c_str(), away.c_str()) != 0) fail(old, "rename away", last_error());
  if (::rename(fresh.c_str(), old.c_str()) == 0) return;
  const std::error_code error = last_error();
  (void)::rename(away.c_str(), old.c_str());
  fail(old, "rename into place", error);
}

}  // namespace

std::optional<std::string> target_of_temporary_name(std::string_view name) {
  std::optional<std::string> target = without_temporary_end(name);
  if (!target.has_value()) return std::nullopt;
  if (target->starts_with('.') && target->size() > 1) target->erase(0, 1);
  const auto outer = target_of_temporary_name(*target);
  return outer.has_value() ? outer : target;
}

fs::path path_to_be(const fs::path& path) {
  fs::path named;
  for (const fs::path& part : path) {
    named /= target_of_temporary_name(part.string()).value_or(part.string());
  }
  return named;
}

void remove_folder_atomic(const fs::path& folder) {
  const fs::path named = without_trailing_slash(folder);
  const fs::path away = temporary_beside(named);
  if (::rename(named.c_str(), away.c_str()) != 0) fail(named, "rename away", last_error());
  std::error_code error;
  fs::remove_all(away, error);
  if (error) fail(away, "remove folder", error);
}

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

AtomicFolderWriter::AtomicFolderWriter(const fs::path& target, WhenThere when_there)
    : target_(without_trailing_slash(target)), when_there_(when_there) {
  std::error_code error;
  const bool is_folder = fs::is_directory(target_, error);
  const bool can_be_taken =
      is_folder && (when_there == WhenThere::replace || fs::is_empty(target_));
  if (fs::exists(target_, error) && !can_be_taken) {
    throw std::invalid_argument(path_to_be(target_).string() +
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
  move_into_place();
  sync_folder(target_.parent_path());
  std::error_code ignored;  // the new folder is in its place, whatever becomes of the old one
  fs::remove_all(std::exchange(temporary_, {}), ignored);
}

// Afterwards what was at the target, if anything, is under a temporary name.
void AtomicFolderWriter::move_into_place() {
  if (::rename(temporary_.c_str(), target_.c_str()) == 0) return;
  const bool is_in_the_way = errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR;
  if (when_there_ == WhenThere::refuse || !is_in_the_way) {
    fail(target_, "rename into place", last_error());
  }
  const char* fresh = temporary_.c_str();
  if (::renameat2(AT_FDCWD, fresh, AT_FDCWD, target_.c_str(), RENAME_EXCHANGE) == 0) return;
  const fs::path away = temporary_beside(target_);
  rename_twice(temporary_, target_, away);
  temporary_ = away;
}

}  // namespace maxsimd
