// Where a reader's bytes come from: a file (plain or gzip, told apart by its first bytes) or
// memory. Sequential; a source belongs to one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace maxsimd {

class ByteSource {
 public:
  virtual ~ByteSource() = default;

  /// Fills out from the front and returns how many bytes it wrote; 0 only at the end.
  /// Throws IoError (the system), FormatError (a damaged or truncated gzip stream).
  virtual size_t read(std::span<char> out) = 0;

  /// Bytes taken from the file or memory so far, packed as they lie there.
  virtual uint64_t position() const = 0;
};

/// Throws IoError unless the path, links followed, is a plain file; opens nothing, so a pipe cannot
/// hang it. `why` ends the message: why no other file will do.
void check_is_regular_file(const std::filesystem::path& path, const std::string& why);

/// Opens a file; gzip is recognised by its magic bytes, not by the name. Throws IoError.
std::unique_ptr<ByteSource> open_byte_source(const std::filesystem::path& path);

/// Reads from bytes in memory, which must outlive the source.
std::unique_ptr<ByteSource> memory_byte_source(std::string_view bytes);

}  // namespace maxsimd
