// A file that one holder has at a time, be it a process or one of two in a process: an flock, which
// the system releases when the process ends, by kill -9 too. Not thread-safe.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace maxsimd {

// The parts of a lock, for those with rules of their own (index/writer_lock.h). `fd`: its open
// file.

/// Whether it is still the file at `path`: a holder may have removed or replaced it meanwhile.
bool is_file_at(const std::filesystem::path& path, int fd);
/// Writes this process into it. Only for messages: an error hurts nobody.
void write_lock_holder(int fd);
/// "process 123" that took it last, or "another process".
std::string lock_holder(int fd);

class FileLock {
 public:
  /// Takes the lock, making the file where it is missing; nothing when another has it. The file
  /// says which process took it last. A file that a killed process left is taken as any other.
  /// Where the file system has no locks it is given to everyone. Throws IoError.
  static std::optional<FileLock> try_take(const std::filesystem::path& path);
  /// "process 123" that took it last, or "another process".
  static std::string holder(const std::filesystem::path& path);

  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;
  /// Removes the file, then gives the lock back.
  ~FileLock();

 private:
  FileLock(std::filesystem::path path, int fd) : path_(std::move(path)), fd_(fd) {}

  std::filesystem::path path_;
  int fd_ = -1;
};

}  // namespace maxsimd
