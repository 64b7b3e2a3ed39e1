#include "maxsimd/data/line_reader.h"

#include <algorithm>
#include <cstring>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/utf8.h"

namespace maxsimd {
namespace {

constexpr size_t kFirstBufferBytes = size_t{1} << 18;
constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";

std::string hex_byte(char c) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  const auto byte = static_cast<uint8_t>(c);
  return {'0', 'x', digits[byte >> 4], digits[byte & 15U]};
}

}  // namespace

LineReader::LineReader(const std::filesystem::path& path, size_t max_line_bytes)
    : LineReader(open_byte_source(path), path.string(), max_line_bytes) {}

LineReader::LineReader(std::unique_ptr<ByteSource> source, std::string name, size_t max_line_bytes)
    : source_(std::move(source)), name_(std::move(name)), max_line_bytes_(max_line_bytes) {}

std::string LineReader::where() const {
  return name_ + ":" + std::to_string(line_number_);
}

// Makes room (moving the unread bytes to the front, growing when they fill the buffer) and reads.
void LineReader::fill() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ > max_line_bytes_) {
    throw FormatError(name_ + ":" + std::to_string(line_number_ + 1) +
                      ": the line is longer than " + std::to_string(max_line_bytes_) +
                      " bytes; expected one record a line");
  }
  if (end_ == buffer_.size()) buffer_.resize(std::max(kFirstBufferBytes, buffer_.size() * 2));
  const size_t got = source_->read({buffer_.data() + end_, buffer_.size() - end_});
  at_end_ = got == 0;
  end_ += got;
}

void LineReader::check_encoding() {
  started_ = true;
  while (!at_end_ && end_ < 4) fill();
  const std::string_view head(buffer_.data(), std::min<size_t>(end_, 4));
  if (const auto encoding = detect_wide_encoding(head)) {
    throw FormatError(name_ + ": " + wide_encoding_problem(*encoding));
  }
  if (head.starts_with(kUtf8Mark)) {
    begin_ = kUtf8Mark.size();
    next_offset_ = kUtf8Mark.size();
  }
}

// Hands out the first `length` unread bytes as a line and passes over `skip` more (its LF).
std::string_view LineReader::take(size_t length, size_t skip) {
  std::string_view line(buffer_.data() + begin_, length);
  begin_ += length + skip;
  ++line_number_;
  line_offset_ = next_offset_;
  next_offset_ += length + skip;
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::optional<std::string_view> LineReader::next() {
  if (!started_) check_encoding();
  size_t searched = 0;
  while (true) {
    const char* start = buffer_.data() + begin_;
    const size_t unread = end_ - begin_;
    if (unread > searched) {
      const void* newline = std::memchr(start + searched, '\n', unread - searched);
      if (newline != nullptr) {
        return take(static_cast<size_t>(static_cast<const char*>(newline) - start), 1);
      }
    }
    if (at_end_) {
      if (unread == 0) return std::nullopt;
      return take(unread, 0);
    }
    searched = unread;
    fill();
  }
}

std::optional<std::string_view> LineReader::next_nonblank() {
  while (true) {
    const std::optional<std::string_view> line = next();
    if (!line || line->find_first_not_of(" \t\r") != std::string_view::npos) return line;
  }
}

std::optional<std::string> LineReader::utf8_problem(std::string_view line) const {
  return maxsimd::utf8_problem(line, line_offset_);
}

std::optional<std::string> utf8_problem(std::string_view line, uint64_t line_offset) {
  const std::optional<size_t> bad = find_invalid_utf8_fast(line);
  if (!bad) return std::nullopt;
  return "invalid UTF-8: byte " + hex_byte(line[*bad]) + " at byte " + std::to_string(*bad) +
         " of the line, byte " + std::to_string(line_offset + *bad) +
         " of the file; expected UTF-8 (for Latin-1 try 'iconv -f LATIN1 -t UTF-8')";
}

// The longer marks first: UTF-32LE's begins with UTF-16LE's.
std::optional<std::string_view> detect_wide_encoding(std::string_view head) noexcept {
  using namespace std::string_view_literals;
  if (head.starts_with("\xFF\xFE\0\0"sv)) return "UTF-32LE";
  if (head.starts_with("\0\0\xFE\xFF"sv)) return "UTF-32BE";
  if (head.starts_with("\xFF\xFE"sv)) return "UTF-16LE";
  if (head.starts_with("\xFE\xFF"sv)) return "UTF-16BE";
  if (head.size() < 2) return std::nullopt;
  // No mark: a file that starts with an ASCII character shows the zero bytes beside it.
  if (head.size() >= 4 && head.starts_with("\0\0\0"sv) && head[3] != 0) return "UTF-32BE";
  if (head[0] == 0 && head[1] != 0) return "UTF-16BE";
  if (head[0] != 0 && head[1] == 0)
    return head.substr(1, 3) == "\0\0\0"sv ? "UTF-32LE" : "UTF-16LE";
  return std::nullopt;
}

std::string wide_encoding_problem(std::string_view encoding) {
  const std::string name(encoding);
  return "the file is " + name + ", expected UTF-8; convert it with 'iconv -f " + name +
         " -t UTF-8'";
}

std::optional<size_t> find_invalid_utf8_fast(std::string_view text) noexcept {
  constexpr uint64_t kHighBits = 0x8080808080808080ULL;
  size_t position = 0;
  while (position < text.size()) {
    uint64_t word = 0;
    while (position + sizeof(word) <= text.size()) {
      std::memcpy(&word, text.data() + position, sizeof(word));
      if ((word & kHighBits) != 0) break;
      position += sizeof(word);
    }
    // At most eight code points one by one, then try whole words again.
    for (size_t i = 0; i < sizeof(word) && position < text.size(); ++i) {
      const Utf8Decoded decoded = decode_utf8(text, position);
      if (!decoded.valid) return position;
      position += decoded.length;
    }
  }
  return std::nullopt;
}

}  // namespace maxsimd
