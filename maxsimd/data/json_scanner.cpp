#include "maxsimd/data/json_scanner.h"

#include <cstdint>
#include <cstring>

#include "maxsimd/base/utf8.h"

namespace maxsimd {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// A bit in each byte of the word that is '"', '\\' or below 0x20 (a SWAR test; bytes after the
// first hit may be false alarms, so only "none" is trusted).
bool has_special(uint64_t word) {
  constexpr uint64_t ones = 0x0101010101010101ULL;
  constexpr uint64_t high = 0x8080808080808080ULL;
  const uint64_t quote = word ^ (ones * '"');
  const uint64_t slash = word ^ (ones * '\\');
  const uint64_t zero_bytes = ((quote - ones) & ~quote) | ((slash - ones) & ~slash);
  const uint64_t control = (word - ones * 0x20) & ~word;
  return ((zero_bytes | control) & high) != 0;
}

// The first position >= `position` of '"', '\\' or a control character (or the end).
size_t find_special(std::string_view text, size_t position) {
  uint64_t word = 0;
  while (position + sizeof(word) <= text.size()) {
    std::memcpy(&word, text.data() + position, sizeof(word));
    if (has_special(word)) break;
    position += sizeof(word);
  }
  while (position < text.size()) {
    const char c = text[position];
    if (c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20) break;
    ++position;
  }
  return position;
}

char32_t hex4(std::string_view digits) {
  char32_t value = 0;
  for (const char c : digits.substr(0, 4)) {
    value = value * 16 + static_cast<char32_t>(hex_value(c));
  }
  return value;
}

bool is_high_surrogate(char32_t unit) {
  return unit >= 0xD800 && unit <= 0xDBFF;
}
bool is_low_surrogate(char32_t unit) {
  return unit >= 0xDC00 && unit <= 0xDFFF;
}

struct UnicodeEscape {
  char32_t code_point = 0;
  size_t length = 0;  // bytes of raw taken: 6, or 12 for a pair
  bool lone_surrogate = false;
};

// raw[position] is the backslash of a checked \uXXXX.
UnicodeEscape decode_unicode_escape(std::string_view raw, size_t position) {
  const char32_t unit = hex4(raw.substr(position + 2));
  if (is_high_surrogate(unit) && raw.substr(position + 6).starts_with("\\u")) {
    const char32_t second = hex4(raw.substr(position + 8));
    if (is_low_surrogate(second)) {
      return {0x10000 + ((unit - 0xD800) << 10) + (second - 0xDC00), 12, false};
    }
  }
  if (is_high_surrogate(unit) || is_low_surrogate(unit)) return {kReplacementCharacter, 6, true};
  return {unit, 6, false};
}

char simple_escape(char c) {
  switch (c) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return c;  // '"', '\\' and '/' stand for themselves
  }
}

// Calls visit(position, escape) for each \uXXXX of a checked raw value.
template <class Visit>
void for_each_unicode_escape(std::string_view raw, Visit&& visit) {
  size_t position = raw.find('\\');
  while (position != std::string_view::npos) {
    size_t length = 2;
    if (raw[position + 1] == 'u') {
      const UnicodeEscape escape = decode_unicode_escape(raw, position);
      visit(position, escape);
      length = escape.length;
    }
    position = raw.find('\\', position + length);
  }
}

}  // namespace

JsonObjectScanner::JsonObjectScanner(std::string_view text) : text_(text) {
  skip_space();
  if (!consume('{')) fail("'{' (one JSON object a line)");
}

bool JsonObjectScanner::fail(const char* expected) {
  done_ = true;
  if (error_.empty()) {
    error_ = "not valid JSON: at byte " + std::to_string(position_) + " of the line expected " +
             expected + (position_ >= text_.size() ? ", found the end of the line" : "");
  }
  return false;
}

void JsonObjectScanner::skip_space() {
  while (position_ < text_.size()) {
    const char c = text_[position_];
    if (c != ' ' && c != '\t' && c != '\r' && c != '\n') return;
    ++position_;
  }
}

bool JsonObjectScanner::consume(char c) {
  if (!at(c)) return false;
  ++position_;
  return true;
}

bool JsonObjectScanner::next(JsonMember& member) {
  if (done_) return false;
  skip_space();
  if (at('}') || (!first_ && !at(','))) {
    if (!consume('}')) return fail("',' or '}'");
    skip_space();
    if (position_ != text_.size()) return fail("the end of the line after '}'");
    done_ = true;
    return false;
  }
  if (!first_) consume(',');
  first_ = false;
  skip_space();
  std::string_view raw_key;
  if (!at('"')) return fail("a key in quotes");
  if (!scan_string(raw_key)) return false;
  member.key.clear();
  append_json_string(member.key, raw_key);
  skip_space();
  if (!consume(':')) return fail("':'");
  return scan_value(member.kind, member.raw, 1);
}

bool JsonObjectScanner::scan_string(std::string_view& raw) {
  const size_t begin = ++position_;
  while (true) {
    position_ = find_special(text_, position_);
    if (position_ >= text_.size()) return fail("the closing '\"' of a string");
    const char c = text_[position_];
    if (c == '"') break;
    if (c != '\\') return fail("an escape (such as \\t or \\u0000), not a bare control character");
    if (!scan_escape()) return false;
  }
  raw = text_.substr(begin, position_ - begin);
  ++position_;
  return true;
}

bool JsonObjectScanner::scan_escape() {
  ++position_;
  if (position_ >= text_.size()) return fail("an escape character");
  const char c = text_[position_];
  if (std::string_view("\"\\/bfnrt").find(c) != std::string_view::npos) {
    ++position_;
    return true;
  }
  if (c != 'u') return fail("one of \" \\ / b f n r t u after '\\'");
  ++position_;
  for (int i = 0; i < 4; ++i, ++position_) {
    if (position_ >= text_.size() || hex_value(text_[position_]) < 0) {
      return fail("four hexadecimal digits after '\\u'");
    }
  }
  return true;
}

bool JsonObjectScanner::scan_digits() {
  const size_t begin = position_;
  while (position_ < text_.size() && is_digit(text_[position_])) ++position_;
  return position_ > begin || fail("a digit");
}

bool JsonObjectScanner::scan_number() {
  consume('-');
  if (!consume('0') && !scan_digits()) return false;
  if (consume('.') && !scan_digits()) return false;
  if (at('e') || at('E')) {
    ++position_;
    if (!consume('+')) consume('-');
    if (!scan_digits()) return false;
  }
  return true;
}

bool JsonObjectScanner::scan_word(std::string_view word) {
  if (!text_.substr(position_).starts_with(word)) return fail("a JSON value");
  position_ += word.size();
  return true;
}

bool JsonObjectScanner::scan_value(JsonKind& kind, std::string_view& raw, size_t depth) {
  skip_space();
  if (position_ >= text_.size()) return fail("a value");
  const size_t begin = position_;
  const char c = text_[position_];
  bool ok = false;
  if (c == '"') {
    kind = JsonKind::string;
    return scan_string(raw);
  }
  if (c == '{') {
    kind = JsonKind::object;
    ok = scan_object(depth + 1);
  } else if (c == '[') {
    kind = JsonKind::array;
    ok = scan_array(depth + 1);
  } else if (c == 't' || c == 'f') {
    kind = JsonKind::boolean;
    ok = scan_word(c == 't' ? "true" : "false");
  } else if (c == 'n') {
    kind = JsonKind::null;
    ok = scan_word("null");
  } else if (c == '-' || is_digit(c)) {
    kind = JsonKind::number;
    ok = scan_number();
  } else {
    return fail("a JSON value");
  }
  raw = text_.substr(begin, position_ - begin);
  return ok;
}

bool JsonObjectScanner::scan_object(size_t depth) {
  if (depth > kMaxDepth) return fail("at most 64 levels of nesting");
  ++position_;
  skip_space();
  if (consume('}')) return true;
  JsonKind kind{};
  std::string_view raw;
  do {
    skip_space();
    if (!at('"')) return fail("a key in quotes");
    if (!scan_string(raw)) return false;
    skip_space();
    if (!consume(':')) return fail("':'");
    if (!scan_value(kind, raw, depth)) return false;
    skip_space();
  } while (consume(','));
  return consume('}') || fail("',' or '}'");
}

bool JsonObjectScanner::scan_array(size_t depth) {
  if (depth > kMaxDepth) return fail("at most 64 levels of nesting");
  ++position_;
  skip_space();
  if (consume(']')) return true;
  JsonKind kind{};
  std::string_view raw;
  do {
    if (!scan_value(kind, raw, depth)) return false;
    skip_space();
  } while (consume(','));
  return consume(']') || fail("',' or ']'");
}

void append_json_string(std::string& out, std::string_view raw) {
  size_t position = 0;
  while (true) {
    const size_t slash = raw.find('\\', position);
    out.append(raw.substr(position, slash - position));
    if (slash == std::string_view::npos) return;
    if (raw[slash + 1] != 'u') {
      out.push_back(simple_escape(raw[slash + 1]));
      position = slash + 2;
      continue;
    }
    const UnicodeEscape escape = decode_unicode_escape(raw, slash);
    append_utf8(out, escape.code_point);
    position = slash + escape.length;
  }
}

bool has_lone_surrogate(std::string_view raw) {
  bool found = false;
  for_each_unicode_escape(raw, [&found](size_t, const UnicodeEscape& escape) {
    found = found || escape.lone_surrogate;
  });
  return found;
}

void repair_lone_surrogates(std::string& raw) {
  for_each_unicode_escape(raw, [&raw](size_t position, const UnicodeEscape& escape) {
    if (escape.lone_surrogate) raw.replace(position + 2, 4, "fffd");
  });
}

}  // namespace maxsimd
