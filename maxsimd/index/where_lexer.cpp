#include "maxsimd/index/where_lexer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>
#include <system_error>

namespace maxsimd::detail {
namespace {

constexpr std::array<std::string_view, 9> kKeywords = {"AND", "OR",   "NOT",  "IN",   "LIKE",
                                                       "IS",  "NULL", "TRUE", "FALSE"};
// Longer ones first.
constexpr std::array<std::string_view, 12> kSymbols = {"==", "!=", "<>", "<=", ">=", "=",
                                                       "<",  ">",  "(",  ")",  ",",  "."};
constexpr size_t kShownBytes = 60;  // of the condition, before and after the error

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_name_character(char c) {
  return is_name_start(c) || is_digit(c);
}
bool continues_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}
char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

// Bytes [begin, end) of a text, moved inwards to whole characters, on one line.
std::string excerpt(std::string_view text, size_t begin, size_t end) {
  while (begin < end && continues_character(text[begin])) ++begin;
  while (end > begin && end < text.size() && continues_character(text[end])) --end;
  std::string shown(text.substr(begin, end - begin));
  std::ranges::replace_if(
      shown, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
  return (begin > 0 ? "..." : "") + shown + (end < text.size() ? "..." : "");
}

size_t count_digits(std::string_view text, size_t begin) {
  size_t end = begin;
  while (end < text.size() && is_digit(text[end])) ++end;
  return end - begin;
}

// [+-] digits [. digits] [e [+-] digits]; 0 when there is no such number.
struct NumberShape {
  size_t size = 0;
  bool is_integer = true;
};
NumberShape number_shape(std::string_view text) {
  size_t size = !text.empty() && (text[0] == '+' || text[0] == '-') ? 1 : 0;
  const size_t whole = count_digits(text, size);
  if (whole == 0) return {};
  size += whole;
  NumberShape shape{size, true};
  if (size < text.size() && text[size] == '.') {
    const size_t fraction = count_digits(text, size + 1);
    if (fraction == 0) return {};
    shape = {size += 1 + fraction, false};
  }
  if (size < text.size() && upper(text[size]) == 'E') {
    ++size;
    if (size < text.size() && (text[size] == '+' || text[size] == '-')) ++size;
    const size_t exponent = count_digits(text, size);
    if (exponent == 0) return {};
    shape = {size + exponent, false};
  }
  return shape;
}

const char* advice(char c) {
  if (c == '&') return "; write AND";
  if (c == '|') return "; write OR";
  if (c == '!') return "; write NOT, or != between a field and a value";
  return "; a name with other characters than ASCII letters, digits and _ is written in double "
         "quotes, a text in single quotes";
}

}  // namespace

bool WhereToken::is_keyword(std::string_view keyword) const {
  return kind == Kind::word &&
         std::ranges::equal(source, keyword, [](char a, char b) { return upper(a) == b; });
}

bool WhereToken::is_keyword() const {
  return std::ranges::any_of(kKeywords, [&](std::string_view word) { return is_keyword(word); });
}

void fail_where(std::string_view text, size_t byte, const std::string& message) {
  const size_t begin = byte > kShownBytes ? byte - kShownBytes : 0;
  const size_t end = std::min(text.size(), byte + kShownBytes);
  throw std::invalid_argument("where: " + message + ", at byte " + std::to_string(byte) +
                              " of: " + excerpt(text, begin, end));
}

std::string describe(const WhereToken& token) {
  if (token.kind == WhereToken::Kind::end) return "the end";
  return excerpt(token.source, 0, std::min(token.source.size(), kShownBytes));
}

WhereToken WhereLexer::next() {
  while (position_ < text_.size() && is_space(text_[position_])) ++position_;
  if (position_ == text_.size()) return token(WhereToken::Kind::end, 0);
  const char first = text_[position_];
  if (is_name_start(first)) {
    size_t end = position_ + 1;
    while (end < text_.size() && is_name_character(text_[end])) ++end;
    return token(WhereToken::Kind::word, end - position_);
  }
  if (first == '\'') return quoted(WhereToken::Kind::text);
  if (first == '"') return quoted(WhereToken::Kind::quoted_name);
  if (is_digit(first) || first == '+' || first == '-') return number();
  return symbol();
}

WhereToken WhereLexer::token(WhereToken::Kind kind, size_t size) {
  WhereToken token;
  token.kind = kind;
  token.source = text_.substr(position_, size);
  token.byte = position_;
  position_ += size;
  return token;
}

WhereToken WhereLexer::quoted(WhereToken::Kind kind) {
  const char quote = text_[position_];
  std::string value;
  for (size_t end = position_ + 1; end < text_.size(); ++end) {
    if (text_[end] == quote) {
      const bool is_doubled = end + 1 < text_.size() && text_[end + 1] == quote;
      if (!is_doubled) {
        WhereToken result = token(kind, end + 1 - position_);
        result.value = std::move(value);
        return result;
      }
      ++end;
    }
    value += text_[end];
  }
  fail_where(text_, position_,
             std::string(kind == WhereToken::Kind::text ? "a text" : "a name") +
                 " begins here and has no closing " + quote);
}

WhereToken WhereLexer::number() {
  const NumberShape shape = number_shape(text_.substr(position_));
  const size_t end = position_ + shape.size;
  if (shape.size == 0 ||
      (end < text_.size() && (is_name_character(text_[end]) || text_[end] == '.'))) {
    fail_where(text_, position_,
               "expected a number like 5, -5, 0.5 or 5e3 (a text is written in single quotes, a "
               "name that is no word in double quotes)");
  }
  WhereToken result = token(WhereToken::Kind::number, shape.size);
  const std::string_view digits = result.source.substr(result.source[0] == '+' ? 1 : 0);
  const char* last = digits.data() + digits.size();
  int64_t integer = 0;
  if (shape.is_integer && std::from_chars(digits.data(), last, integer).ec == std::errc{}) {
    result.number = integer;
    return result;
  }
  double value = 0;
  if (std::from_chars(digits.data(), last, value).ec != std::errc{}) {
    fail_where(text_, result.byte,
               "the number " + describe(result) + " is outside a double's range");
  }
  result.number = value;
  return result;
}

WhereToken WhereLexer::symbol() {
  const std::string_view rest = text_.substr(position_);
  for (const std::string_view symbol : kSymbols) {
    if (rest.starts_with(symbol)) return token(WhereToken::Kind::symbol, symbol.size());
  }
  size_t size = 1;
  while (size < rest.size() && continues_character(rest[size])) ++size;
  fail_where(text_, position_,
             "unexpected character " + excerpt(rest.substr(0, size), 0, size) + advice(rest[0]));
}

}  // namespace maxsimd::detail
