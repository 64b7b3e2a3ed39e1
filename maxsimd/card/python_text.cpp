#include "maxsimd/card/python_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <string>

#include "maxsimd/base/utf8.h"
#include "maxsimd/text/unicode/code_points.h"

namespace maxsimd {
namespace {

constexpr size_t kLongestDouble = 400;  // 309 digits, a point, decimals

std::string digits_text(double value, std::chars_format format, int precision) {
  std::array<char, kLongestDouble> buffer;
  const auto done =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, format, precision);
  return {buffer.data(), done.ptr};
}

bool is_printable(char32_t c) {
  if (c == U' ') return true;
  switch (properties_of(c).category()) {
    case GeneralCategory::Cn:
    case GeneralCategory::Cc:
    case GeneralCategory::Cf:
    case GeneralCategory::Co:
    case GeneralCategory::Zs:
    case GeneralCategory::Zl:
    case GeneralCategory::Zp:
      return false;
    default:
      return true;
  }
}

void append_escape(std::string& out, char32_t c) {
  std::array<char, 16> buffer;
  const char* form = c <= 0xFF ? "\\x%02x" : c <= 0xFFFF ? "\\u%04x" : "\\U%08x";
  std::snprintf(buffer.data(), buffer.size(), form, static_cast<unsigned>(c));
  out.append(buffer.data());
}

void append_repr(std::string& out, char32_t c, char quote) {
  if (c == U'\\' || c == static_cast<char32_t>(quote)) {
    out.push_back('\\');
    out.push_back(static_cast<char>(c));
  } else if (c == U'\n') {
    out.append("\\n");
  } else if (c == U'\r') {
    out.append("\\r");
  } else if (c == U'\t') {
    out.append("\\t");
  } else if (is_printable(c)) {
    append_utf8(out, c);
  } else {
    append_escape(out, c);
  }
}

bool ends_line(char32_t c) {
  return (c >= 0x0A && c <= 0x0D) || (c >= 0x1C && c <= 0x1E) || c == 0x85 || c == 0x2028 ||
         c == 0x2029;
}

bool is_python_space(char32_t c) {
  return ends_line(c) || c == U'\t' || c == 0x1F ||
         (c >= 0x20 && properties_of(c).category() == GeneralCategory::Zs);
}

}  // namespace

std::string python_fixed(double value, int digits) {
  if (!std::isfinite(value)) return python_float(value);
  return digits_text(value, std::chars_format::fixed, digits);
}

double python_round(double value, int digits) {
  if (!std::isfinite(value)) return value;
  const std::string text = python_fixed(value, digits);
  double rounded = value;
  std::from_chars(text.data(), text.data() + text.size(), rounded);
  return rounded;
}

std::string table_number(double value) {
  constexpr int kDecimals = 4;
  const std::string text = python_float(value);
  const size_t point = text.find('.');
  const bool is_long = point != std::string::npos && text.size() - point - 1 > kDecimals;
  return is_long ? python_fixed(value, kDecimals) : text;
}

std::string python_repr(std::string_view text) {
  const bool has_single = text.find('\'') != text.npos, has_double = text.find('"') != text.npos;
  const char quote = has_single && !has_double ? '"' : '\'';
  std::string out(1, quote);
  for (size_t at = 0; at < text.size();) {
    const Utf8Decoded decoded = decode_utf8(text, at);
    append_repr(out, decoded.code_point, quote);
    at += decoded.length;
  }
  return out.append(1, quote);
}

std::string with_thousands(uint64_t value) {
  const std::string digits = std::to_string(value);
  std::string out;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) out.push_back(',');
    out.push_back(digits[i]);
  }
  return out;
}

size_t num_code_points(std::string_view text) {
  size_t count = 0;
  for (size_t at = 0; at < text.size(); at += decode_utf8(text, at).length) ++count;
  return count;
}

std::string_view first_code_points(std::string_view text, size_t count) {
  size_t at = 0;
  for (size_t i = 0; i < count && at < text.size(); ++i) at += decode_utf8(text, at).length;
  return text.substr(0, at);
}

std::string python_title(std::string_view text) {
  std::string out;
  bool after_letter = false;
  for (const char c : text) {
    const bool small = c >= 'a' && c <= 'z', capital = c >= 'A' && c <= 'Z';
    const bool flip = after_letter ? capital : small;
    out.push_back(flip ? static_cast<char>(c ^ 0x20) : c);
    after_letter = small || capital;
  }
  return out;
}

std::string python_indent(std::string_view text) {
  std::string out, line;
  bool is_blank = true;
  const auto finish_line = [&] {
    out.append(is_blank ? "" : "  ").append(line);
    line.clear();
    is_blank = true;
  };
  for (size_t at = 0; at < text.size();) {
    const Utf8Decoded decoded = decode_utf8(text, at);
    line.append(text.substr(at, decoded.length));
    at += decoded.length;
    is_blank = is_blank && is_python_space(decoded.code_point);
    const bool before_newline = decoded.code_point == U'\r' && at < text.size() && text[at] == '\n';
    if (ends_line(decoded.code_point) && !before_newline) finish_line();
  }
  finish_line();
  return out;
}

}  // namespace maxsimd
