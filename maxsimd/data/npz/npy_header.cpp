#include "maxsimd/data/npz/npy_header.h"

#include <bit>
#include <charconv>
#include <limits>
#include <optional>
#include <stdexcept>

#include "maxsimd/base/errors.h"

namespace maxsimd {
namespace {

static_assert(std::endian::native == std::endian::little,
              "arrays are read and written as they are");

constexpr std::string_view kMagic = "\x93NUMPY";

[[noreturn]] void fail(const std::string& where, const std::string& problem) {
  throw FormatError(where + ": " + problem);
}

char kind_letter(NpyKind kind) {
  switch (kind) {
    case NpyKind::floating:
      return 'f';
    case NpyKind::signed_integer:
      return 'i';
    case NpyKind::unsigned_integer:
      return 'u';
    case NpyKind::boolean:
      return 'b';
    case NpyKind::unicode:
      return 'U';
  }
  return '?';
}

// Reads the dictionary, a small part of Python's literals: strings, True, False, tuples of numbers.
class HeaderParser {
 public:
  HeaderParser(std::string_view text, const std::string& where) : text_(text), where_(where) {}

  NpyHeader parse() {
    NpyHeader header;
    bool has_type = false;
    bool has_order = false;
    bool has_shape = false;
    expect('{');
    while (!accept('}')) {
      const std::string_view key = quoted();
      expect(':');
      if (key == "descr") {
        header.type = parse_type();
        has_type = true;
      } else if (key == "fortran_order") {
        is_fortran_ = parse_boolean();
        has_order = true;
      } else if (key == "shape") {
        header.shape = parse_shape();
        has_shape = true;
      } else {
        fail(where_, "unknown key '" + std::string(key) + "' in the npy header");
      }
      if (!accept(',') && peek() != '}') malformed();
    }
    if (!has_type || !has_order || !has_shape) malformed();
    // One row or column lies the same both ways.
    if (is_fortran_ && header.shape.size() > 1) {
      fail(where_, "the array is in Fortran order; save it with numpy.ascontiguousarray(array)");
    }
    return header;
  }

 private:
  [[noreturn]] void malformed() const {
    fail(where_,
         "malformed npy header; expected {'descr': ..., 'fortran_order': ..., 'shape': ...}");
  }

  char peek() {
    while (position_ < text_.size() && (text_[position_] == ' ' || text_[position_] == '\n')) {
      ++position_;
    }
    return position_ < text_.size() ? text_[position_] : '\0';
  }

  bool accept(char c) {
    if (peek() != c) return false;
    ++position_;
    return true;
  }

  void expect(char c) {
    if (!accept(c)) malformed();
  }

  std::string_view quoted() {
    const char quote = peek();
    if (quote != '\'' && quote != '"') malformed();
    const size_t end = text_.find(quote, position_ + 1);
    if (end == std::string_view::npos) malformed();
    const std::string_view inside = text_.substr(position_ + 1, end - position_ - 1);
    position_ = end + 1;
    return inside;
  }

  bool parse_boolean() {
    peek();
    for (const bool value : {true, false}) {
      const std::string_view word = value ? "True" : "False";
      if (!text_.substr(position_).starts_with(word)) continue;
      position_ += word.size();
      return value;
    }
    malformed();
  }

  std::vector<uint64_t> parse_shape() {
    constexpr size_t kMaxAxes = 32;  // numpy's own limit
    std::vector<uint64_t> shape;
    expect('(');
    while (!accept(')')) {
      peek();
      uint64_t extent = 0;
      const char* begin = text_.data() + position_;
      const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), extent);
      if (error != std::errc() || shape.size() == kMaxAxes) malformed();
      position_ += static_cast<size_t>(end - begin);
      shape.push_back(extent);
      if (!accept(',') && peek() != ')') malformed();
    }
    return shape;
  }

  NpyType parse_type() {
    if (peek() == '[') fail(where_, "record arrays are not read; save plain arrays");
    const std::string_view descr = quoted();
    if (descr == "|O") {
      fail(where_,
           "an object array (a Python pickle) is never read; for ids save "
           "numpy.array(ids, dtype=str)");
    }
    if (descr.size() < 3) malformed();
    const std::optional<NpyType> type = known_type(descr);
    if (!type) {
      fail(where_, "element type '" + std::string(descr) +
                       "'; expected little-endian f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 u8 b1 or U");
    }
    return *type;
  }

  static std::optional<NpyType> known_type(std::string_view descr) {
    size_t size = 0;
    const auto [end, error] = std::from_chars(descr.data() + 2, descr.data() + descr.size(), size);
    if (error != std::errc() || end != descr.data() + descr.size()) return std::nullopt;
    const bool is_byte = descr[0] == '|' && size == 1;
    if (descr[0] != '<' && !is_byte) return std::nullopt;
    const bool is_word = size == 2 || size == 4 || size == 8;
    constexpr size_t kMaxUnicodeLength = 1U << 20;
    switch (descr[1]) {
      case 'f':
        return is_word ? std::optional(NpyType{NpyKind::floating, size}) : std::nullopt;
      case 'i':
        if (!is_word && size != 1) return std::nullopt;
        return NpyType{NpyKind::signed_integer, size};
      case 'u':
        if (!is_word && size != 1) return std::nullopt;
        return NpyType{NpyKind::unsigned_integer, size};
      case 'b':
        return is_byte ? std::optional(NpyType{NpyKind::boolean, 1}) : std::nullopt;
      case 'U':
        if (size > kMaxUnicodeLength) return std::nullopt;
        return NpyType{NpyKind::unicode, size * 4};
      default:
        return std::nullopt;
    }
  }

  std::string_view text_;
  const std::string& where_;
  size_t position_ = 0;
  bool is_fortran_ = false;
};

// The product of the extents and the item size must not overflow, also where an extent is 0.
void check_size(const NpyHeader& header, const std::string& where) {
  uint64_t room = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  if (header.type.item_bytes > 0) room /= header.type.item_bytes;
  for (const uint64_t extent : header.shape) {
    if (extent > room) fail(where, "the shape in the npy header is larger than any memory");
    if (extent > 0) room /= extent;
  }
  if (header.type.item_bytes == 0 && header.count() > 0) {
    fail(where, "texts of length 0; expected at least 1 (numpy writes '<U1')");
  }
}

}  // namespace

uint64_t NpyHeader::count() const {
  uint64_t product = 1;
  for (const uint64_t extent : shape) product *= extent;
  return product;
}

std::string npy_descr(const NpyType& type) {
  const size_t size = type.kind == NpyKind::unicode ? type.item_bytes / 4 : type.item_bytes;
  const char order = size == 1 && type.kind != NpyKind::unicode ? '|' : '<';
  return std::string{order, kind_letter(type.kind)} + std::to_string(size);
}

std::string format_npy_header(const NpyHeader& header, size_t size_bytes) {
  std::string text =
      "{'descr': '" + npy_descr(header.type) + "', 'fortran_order': False, 'shape': (";
  for (const uint64_t extent : header.shape) text.append(std::to_string(extent)).append(", ");
  // Python's tuples: (), (3,), (3, 4)
  if (header.shape.size() == 1) text.pop_back();
  if (header.shape.size() > 1) text.resize(text.size() - 2);
  text += "), }";
  constexpr size_t kPreamble = 10;  // magic, two version bytes, a 16-bit length
  constexpr size_t kAlignment = 64;
  const size_t needed = kPreamble + text.size() + 1;
  if (size_bytes == 0) size_bytes = (needed + kAlignment - 1) / kAlignment * kAlignment;
  if (needed > size_bytes || size_bytes - kPreamble >= kMaxNpyHeaderBytes) {
    throw std::invalid_argument("the npy header does not fit: too many axes");
  }
  text.resize(size_bytes - kPreamble - 1, ' ');
  text += '\n';
  std::string bytes(kMagic);
  bytes += '\x01';
  bytes += '\0';
  bytes += static_cast<char>(text.size() & 0xFFU);
  bytes += static_cast<char>(text.size() >> 8);
  return bytes + text;
}

size_t npy_header_bytes(std::string_view start, const std::string& where) {
  if (start.size() < 10 || !start.starts_with(kMagic)) fail(where, "not an npy array");
  const auto byte = [start](size_t i) {
    return static_cast<size_t>(static_cast<unsigned char>(start[i]));
  };
  const size_t version = byte(6);
  if (version < 1 || version > 3) {
    fail(where, "npy version " + std::to_string(version) + "; expected 1, 2 or 3");
  }
  if (version == 1) return 10 + (byte(8) | byte(9) << 8);
  if (start.size() < 12) fail(where, "not an npy array");
  const size_t length = byte(8) | byte(9) << 8 | byte(10) << 16 | byte(11) << 24;
  if (length > kMaxNpyHeaderBytes) fail(where, "the npy header is longer than 65536 bytes");
  return 12 + length;
}

NpyHeader parse_npy_header(std::string_view header, const std::string& where) {
  const size_t preamble = header[6] == '\x01' ? 10 : 12;
  NpyHeader parsed = HeaderParser(header.substr(preamble), where).parse();
  check_size(parsed, where);
  return parsed;
}

}  // namespace maxsimd
