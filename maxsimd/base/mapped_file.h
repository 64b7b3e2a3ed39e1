// A whole file, mapped read-only into memory. Immutable after open; const methods are safe from
// any thread. The mapping lives as long as the object, also when the file is unlinked meanwhile.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace maxsimd {

class MappedFile {
 public:
  /// Maps a regular file. Throws IoError naming the path when it is missing, is a directory, or
  /// cannot be opened or mapped. An empty file gives empty bytes.
  static MappedFile open(const std::filesystem::path& path);
  /// The same; nothing when there is no such file.
  static std::optional<MappedFile> open_if_exists(const std::filesystem::path& path);

  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  std::span<const std::byte> bytes() const { return {data_, size_}; }
  std::string_view text() const { return {reinterpret_cast<const char*>(data_), size_}; }
  const std::filesystem::path& path() const { return path_; }

  /// Lets the system take the memory of the whole pages in [offset, offset + size) back; they are
  /// read from the file again when they are touched. REQUIRES: the range lies in the file.
  void release(size_t offset, size_t size) const noexcept;

 private:
  MappedFile(std::filesystem::path path, const std::byte* data, size_t size)
      : path_(std::move(path)), data_(data), size_(size) {}
  void unmap() noexcept;

  std::filesystem::path path_;
  const std::byte* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace maxsimd
