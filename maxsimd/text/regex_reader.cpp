#include "maxsimd/text/regex_reader.h"

#include <utility>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/utf8.h"
#include "maxsimd/text/unicode/code_points.h"

namespace maxsimd {

RegexReader::RegexReader(const std::string& regex, const std::string& where)
    : regex_(regex), where_(where) {
  if (const auto bad = find_invalid_utf8(regex)) {
    throw FormatError(where + ": a regex holds ill-formed UTF-8 at byte " + std::to_string(*bad));
  }
}

void RegexReader::refuse(const std::string& what) const {
  throw FormatError(where_ + ": regex '" + regex_ + "' uses " + what + " (before byte " +
                    std::to_string(position_) + "), which is not supported");
}

char32_t RegexReader::take_char() {
  if (at_end()) refuse("an unfinished construct");
  const Utf8Decoded decoded = decode_utf8(regex_, position_);
  position_ += decoded.length;
  return decoded.code_point;
}

bool RegexReader::skip(std::string_view expected) {
  if (!std::string_view(regex_).substr(position_).starts_with(expected)) return false;
  position_ += expected.size();
  return true;
}

// Digits of a code point: \xHH, \x{H...}, \uHHHH.
char32_t RegexReader::hex_digits(size_t least, size_t most) {
  char32_t value = 0;
  size_t count = 0;
  for (; count < most; ++count) {
    const char c = peek();
    const bool is_digit = c >= '0' && c <= '9';
    const bool is_letter = (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (!is_digit && !is_letter) break;
    const int digit = is_digit ? c - '0' : (c | 0x20) - 'a' + 10;
    value = value * 16 + static_cast<char32_t>(digit);
    ++position_;
  }
  if (count < least || value > kLastCodePoint) refuse("a malformed hexadecimal escape");
  return value;
}

std::optional<char32_t> RegexReader::escaped_char(char32_t letter) {
  switch (letter) {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'f':
      return '\f';
    case 'v':
      return '\v';
    case 'a':
      return '\a';
    case 'e':
      return 0x1B;
    case 'u':
      return hex_digits(4, 4);
    case 'x': {
      if (skip("{")) {
        const char32_t value = hex_digits(1, 6);
        if (!skip("}")) refuse("a malformed hexadecimal escape");
        return value;
      }
      const char32_t value = hex_digits(1, 2);
      if (value >= 0x80) refuse("a byte escape of 0x80 or more");
      return value;
    }
    default:
      break;
  }
  const bool is_alnum = (letter >= '0' && letter <= '9') ||
                        ((letter | 0x20) >= 'a' && (letter | 0x20) <= 'z' && letter < 0x80);
  return is_alnum ? std::nullopt : std::optional(letter);
}

std::optional<CharSet> RegexReader::escaped_set(char32_t letter, bool in_brackets) {
  switch (letter) {
    case 'w':
    case 'W':
      return word_set(in_brackets, letter == 'W');
    case 's':
    case 'S':
      return space_set(letter == 'S');
    case 'd':
    case 'D':
      return digit_set(letter == 'D');
    case 'h':
    case 'H': {
      CharSet digits = {{'0', '9'}, {'A', 'F'}, {'a', 'f'}};
      return letter == 'H' ? complement(std::move(digits)) : digits;
    }
    case 'p':
    case 'P':
      return property_set(letter == 'P');
    default:
      return std::nullopt;
  }
}

// Names are compared without case, spaces, '-' and '_', as Oniguruma does.
CharSet RegexReader::property_set(bool negated) {
  if (!skip("{")) refuse("\\p without braces");
  if (skip("^")) negated = !negated;
  std::string name;
  while (!at_end() && peek() != '}') {
    const char c = take();
    if (c == ' ' || c == '-' || c == '_') continue;
    name.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c);
  }
  if (!skip("}")) refuse("an unfinished \\p{");
  auto set = named_set(name, negated);
  if (!set) refuse("the property \\p{" + name + "}");
  return *std::move(set);
}

// && has the lowest precedence: it cuts a class into parts that are all to hold a character.
CharSet RegexReader::class_items(bool negated, int depth) {
  constexpr int kMaxDepth = 8;
  if (depth > kMaxDepth) refuse("character classes that are nested too deep");
  std::optional<CharSet> parts_before;
  CharSet set;
  bool last_is_single = false;  // the item before may begin a range
  bool is_first = true;         // of its part; a bracket at the very start is a literal
  for (const size_t start = position_;;) {
    if (at_end()) refuse("an unfinished character class");
    if (peek() == ']' && position_ != start) break;
    if (at_and()) {
      position_ += 2;
      parts_before = parts_before ? intersection(*std::move(parts_before), std::move(set)) : set;
      set.clear();
      last_is_single = false;
      is_first = true;
      continue;
    }
    const bool ends_part = peek(1) == ']' || (peek(1) == '&' && peek(2) == '&');
    if (peek() == '-' && !is_first && !ends_part) {
      if (!last_is_single) refuse("a '-' behind a class or range");
      take();
      set.back().last = class_char();
      if (set.back().last < set.back().first) refuse("an empty range");
      last_is_single = false;
    } else if (const auto inner = class_set(depth)) {
      set.insert(set.end(), inner->begin(), inner->end());
      last_is_single = false;
    } else {
      const char32_t c = class_char();
      set.push_back({c, c});
      last_is_single = true;
    }
    is_first = false;
  }
  take();
  // Oniguruma takes a set without ranges for all of them: [^[^\D\w]a] matches nothing beyond ASCII.
  if (negated && loses_range_)
    refuse("a negated class in a negated class that is empty outside ASCII");
  return parts_before ? intersection(*std::move(parts_before), std::move(set)) : set;
}

// An item that is a set: \w, [:alpha:], [a-z].
std::optional<CharSet> RegexReader::class_set(int depth) {
  const size_t mark = position_;
  if (skip("[:")) {
    const bool negated = skip("^");
    std::string name;
    while (peek() >= 'a' && peek() <= 'z') name += take();
    auto set = posix_set(name, false, negated);
    if (!set || !skip(":]")) refuse("the POSIX bracket [:" + name);
    return set;
  }
  if (skip("[")) {
    const bool negated = skip("^");
    CharSet inner = class_items(negated, depth + 1);
    if (!negated) return inner;
    inner = complement(std::move(inner));
    loses_range_ = loses_range_ || inner.empty() || inner.back().last < 0x80;
    return inner;
  }
  if (skip("\\")) {
    if (auto set = escaped_set(take_char(), true)) return set;
    position_ = mark;
  }
  return std::nullopt;
}

char32_t RegexReader::class_char() {
  const char32_t c = take_char();
  if (c == '[') refuse("a set at the end of a range");
  if (c != '\\') return c;
  const char32_t letter = take_char();
  const auto escaped = escaped_char(letter);
  if (!escaped) refuse("an escape that is not supported in a character class");
  return *escaped;
}

}  // namespace maxsimd
