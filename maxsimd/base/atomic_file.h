// Writing a file so that a reader sees the old one or the new one, never a part: bytes go to a
// temporary name beside it, are fsynced, and are renamed into place by commit(). Without commit()
// the destructor removes the temporary file. Not thread-safe.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "maxsimd/base/mapped_file.h"

namespace maxsimd {

class AtomicFileWriter {
 public:
  /// Opens a temporary file in the folder of `path` (a symlink is followed). Throws IoError, also
  /// when `path` is there and is not a plain file.
  explicit AtomicFileWriter(std::filesystem::path path);
  AtomicFileWriter(const AtomicFileWriter&) = delete;
  AtomicFileWriter& operator=(const AtomicFileWriter&) = delete;
  ~AtomicFileWriter();

  /// Appends bytes. Throws IoError (disk full, for one); the target is then untouched.
  void write(std::span<const std::byte> bytes);
  void write(std::string_view text);

  /// Replaces bytes already written (a size known only at the end). Throws IoError.
  /// REQUIRES: offset + bytes.size() <= bytes_written().
  void overwrite(size_t offset, std::span<const std::byte> bytes);

  size_t bytes_written() const { return bytes_written_; }

  /// The bytes written so far, mapped. Throws IoError.
  MappedFile map() const;

  /// fsync, rename over the target, fsync of the folder. At most once. Throws IoError.
  void commit();

 private:
  std::filesystem::path path_;
  std::filesystem::path temporary_;
  int fd_ = -1;
  size_t bytes_written_ = 0;
};

/// Writes a whole small file atomically. Throws IoError.
void write_file_atomic(const std::filesystem::path& path, std::string_view content);

/// Reads a whole file. Throws IoError naming the path.
std::string read_file(const std::filesystem::path& path);

}  // namespace maxsimd
