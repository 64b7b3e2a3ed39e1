// Lines of a text file, streamed: memory is one buffer, as large as the longest line.
//
// Only LF ends a line (U+2028, U+0085 and a lone CR are text); one CR before it is dropped, as is a
// UTF-8 byte order mark at the start of the file. The last line needs no LF. Files in UTF-16 or
// UTF-32 are refused by name. One reader belongs to one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "maxsimd/data/byte_source.h"

namespace maxsimd {

inline constexpr size_t kMaxLineBytes = size_t{1} << 30;

class LineReader {
 public:
  /// Reads a file, plain or gzip. Throws IoError.
  explicit LineReader(const std::filesystem::path& path, size_t max_line_bytes = kMaxLineBytes);

  /// Reads from any source; `name` stands for the file in messages.
  LineReader(std::unique_ptr<ByteSource> source, std::string name,
             size_t max_line_bytes = kMaxLineBytes);

  /// The next line without its end, or nothing at the end of the file. The view is valid until
  /// the next call. Throws IoError; FormatError for UTF-16/32 and for a line above the limit.
  std::optional<std::string_view> next();

  /// The next line that is not only spaces and tabs.
  std::optional<std::string_view> next_nonblank();

  /// Number of the last returned line, from 1.
  size_t line_number() const { return line_number_; }

  /// Offset in the (unpacked) file of the first byte of the last returned line.
  uint64_t line_offset() const { return line_offset_; }

  /// Bytes taken from the file so far, packed ones as they lie there: what progress is told by.
  uint64_t bytes_taken() const { return source_->position(); }

  const std::string& name() const { return name_; }

  /// "file:12", the place of the last returned line, for messages.
  std::string where() const;

  /// Describes the first byte of the last returned line that is not valid UTF-8, or nothing.
  std::optional<std::string> utf8_problem(std::string_view line) const;

 private:
  void fill();
  void check_encoding();
  std::string_view take(size_t length, size_t skip);

  std::unique_ptr<ByteSource> source_;
  std::string name_;
  size_t max_line_bytes_;
  std::vector<char> buffer_;
  size_t begin_ = 0;  // unread bytes are buffer_[begin_, end_)
  size_t end_ = 0;
  bool started_ = false;
  bool at_end_ = false;
  size_t line_number_ = 0;
  uint64_t line_offset_ = 0;
  uint64_t next_offset_ = 0;
};

/// Names the encoding (UTF-16LE ...) when the first bytes of a file (4 are enough) show one that is
/// not UTF-8.
std::optional<std::string_view> detect_wide_encoding(std::string_view head) noexcept;

/// The message that goes with it.
std::string wide_encoding_problem(std::string_view encoding);

/// Describes the first byte of a line, which lies at `line_offset` of its file, that is not valid
/// UTF-8, or nothing.
std::optional<std::string> utf8_problem(std::string_view line, uint64_t line_offset);

/// Offset of the first ill-formed byte, or nothing: base's find_invalid_utf8 behind a fast path
/// for ASCII.
std::optional<size_t> find_invalid_utf8_fast(std::string_view text) noexcept;

}  // namespace maxsimd
