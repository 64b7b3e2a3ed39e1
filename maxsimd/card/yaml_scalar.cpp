#include "maxsimd/card/yaml_scalar.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "maxsimd/base/utf8.h"

namespace maxsimd {
namespace {

constexpr size_t kBestWidth = 80;

bool is_odd_break(char32_t c) {
  return c == 0x85 || c == 0x2028 || c == 0x2029;
}

bool is_space_or_end(std::u32string_view text, size_t at) {
  if (at >= text.size()) return true;
  const char32_t c = text[at];
  return c == 0 || c == U' ' || c == U'\t' || c == U'\r' || c == U'\n' || is_odd_break(c);
}

bool is_allowed_raw(char32_t c) {
  if (c == U'\n' || (c >= 0x20 && c <= 0x7E)) return true;
  return c >= 0xA0 && c != 0xFEFF && !(c >= 0xD800 && c <= 0xDFFF) && c != 0xFFFE && c != 0xFFFF &&
         c < 0x10FFFF && !is_odd_break(c);
}

bool starts_like_indicator(std::u32string_view text) {
  if (text.starts_with(U"---") || text.starts_with(U"...")) return true;
  const char32_t first = text.front();
  if (std::u32string_view(U"#,[]{}&*!|>'\"%@`").find(first) != text.npos) return true;
  return (first == U'?' || first == U':' || first == U'-') && is_space_or_end(text, 1);
}

bool holds_indicator(std::u32string_view text) {
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == U':' && is_space_or_end(text, i + 1)) return true;
    if (text[i] == U'#' && is_space_or_end(text, i - 1)) return true;
  }
  return false;
}

bool has_only(std::u32string_view text, std::u32string_view allowed) {
  return text.find_first_not_of(allowed) == text.npos;
}

// Everything that a reader of YAML 1.1 or 1.2 takes for a number or a date, and some more.
bool looks_like_number(std::u32string_view text) {
  if (text.front() == U'+' || text.front() == U'-') text.remove_prefix(1);
  if (text == U".inf" || text == U".Inf" || text == U".INF") return true;
  if (text == U".nan" || text == U".NaN" || text == U".NAN") return true;
  const auto is_digit = [&](size_t i) {
    return i < text.size() && text[i] >= U'0' && text[i] <= U'9';
  };
  if (!is_digit(0) && !(text.starts_with(U".") && is_digit(1))) return false;
  if (has_only(text, U"0123456789_.:+-eE")) return true;
  if (text[0] == U'0' && text.size() > 2 &&
      std::u32string_view(U"xob").find(text[1]) != text.npos) {
    return has_only(text.substr(2), U"0123456789abcdefABCDEF_");
  }
  const bool is_date = text.size() >= 8 && text.substr(0, 5).find(U'-') == 4;
  return is_date && has_only(text, U"0123456789-:.+TtZ \t");
}

bool is_keyword(std::u32string_view text) {
  static constexpr std::u32string_view kWords[] = {
      U"~",   U"=",  U"<<",  U"null", U"Null", U"NULL",  U"yes",   U"Yes",
      U"YES", U"no", U"No",  U"NO",   U"true", U"True",  U"TRUE",  U"on",
      U"On",  U"ON", U"off", U"Off",  U"OFF",  U"false", U"False", U"FALSE"};
  return std::find(std::begin(kWords), std::end(kWords), text) != std::end(kWords);
}

// The text being written, and where on the line it is.
struct Writer {
  std::string out;
  size_t column = 0;
  size_t indent = 0;

  void put(std::u32string_view text) {
    for (const char32_t c : text) append_utf8(out, c);
    column += text.size();
  }
  void new_line() {
    out.append("\n").append(indent, ' ');
    column = indent;
  }
};

bool is_single_space(std::u32string_view text, size_t begin, size_t end) {
  return end == begin + 1 && text[begin] == U' ';
}

size_t end_of_run(std::u32string_view text, size_t begin) {
  const char32_t first = text[begin];
  size_t end = begin;
  while (end < text.size() && text[end] == first) ++end;
  return end;
}

void write_plain(Writer& writer, std::u32string_view text) {
  for (size_t at = 0; at < text.size();) {
    if (text[at] == U' ') {
      const size_t end = end_of_run(text, at);
      if (is_single_space(text, at, end) && writer.column > kBestWidth) {
        writer.new_line();
      } else {
        writer.put(text.substr(at, end - at));
      }
      at = end;
    } else {
      const size_t end = std::min(text.find(U' ', at), text.size());
      writer.put(text.substr(at, end - at));
      at = end;
    }
  }
}

// A break in single quotes is an empty line more than it would be in plain text.
void write_breaks(Writer& writer, size_t count) {
  writer.out.append(count + 1, '\n').append(writer.indent, ' ');
  writer.column = writer.indent;
}

void write_single_quoted(Writer& writer, std::u32string_view text) {
  writer.put(U"'");
  for (size_t at = 0; at < text.size();) {
    size_t end = at + 1;
    if (text[at] == U' ') {
      end = end_of_run(text, at);
      const bool inside = at != 0 && end != text.size();
      if (inside && is_single_space(text, at, end) && writer.column > kBestWidth) {
        writer.new_line();
      } else {
        writer.put(text.substr(at, end - at));
      }
    } else if (text[at] == U'\n') {
      end = end_of_run(text, at);
      write_breaks(writer, end - at);
    } else if (text[at] == U'\'') {
      writer.put(U"''");
    } else {
      end = std::min(text.find_first_of(U" \n'", at), text.size());
      writer.put(text.substr(at, end - at));
    }
    at = end;
  }
  writer.put(U"'");
}

bool needs_escape(char32_t c) {
  if (c == U'"' || c == U'\\' || c == 0xFEFF || is_odd_break(c)) return true;
  return !((c >= 0x20 && c <= 0x7E) || (c >= 0xA0 && c <= 0xD7FF) || (c >= 0xE000 && c <= 0xFFFD));
}

std::u32string escape_of(char32_t c) {
  constexpr std::pair<char32_t, char32_t> kShort[] = {
      {0x00, U'0'},   {0x07, U'a'}, {0x08, U'b'}, {0x09, U't'},   {0x0A, U'n'},
      {0x0B, U'v'},   {0x0C, U'f'}, {0x0D, U'r'}, {0x1B, U'e'},   {U'"', U'"'},
      {U'\\', U'\\'}, {0x85, U'N'}, {0xA0, U'_'}, {0x2028, U'L'}, {0x2029, U'P'}};
  for (const auto& form : kShort) {
    if (form.first == c) return {U'\\', form.second};
  }
  std::array<char, 16> buffer;
  const char* form = c <= 0xFF ? "\\x%02X" : c <= 0xFFFF ? "\\u%04X" : "\\U%08X";
  const int size = std::snprintf(buffer.data(), buffer.size(), form, static_cast<unsigned>(c));
  return {buffer.data(), buffer.data() + size};
}

// PyYAML's loop as it stands: `start` is where the text not yet written begins.
void write_double_quoted(Writer& writer, std::u32string_view text) {
  writer.put(U"\"");
  size_t start = 0;
  for (size_t end = 0; end <= text.size(); ++end) {
    const bool at_end = end == text.size();
    if (at_end || needs_escape(text[end])) {
      if (start < end) writer.put(text.substr(start, end - start));
      start = end;
      if (!at_end) {
        writer.put(escape_of(text[end]));
        start = end + 1;
      }
    }
    const bool inside = end > 0 && end + 1 < text.size();
    if (!inside || !(text[end] == U' ' || start >= end)) continue;
    const size_t pending = start < end ? end - start : 0;
    if (writer.column + pending - (start > end ? 1 : 0) <= kBestWidth) continue;
    writer.put(text.substr(std::min(start, end), pending));
    writer.put(U"\\");
    start = std::max(start, end);
    writer.new_line();
    if (text[start] == U' ') writer.put(U"\\");
  }
  writer.put(U"\"");
}

}  // namespace

YamlStyle yaml_style_of(std::u32string_view text) {
  if (text.empty()) return YamlStyle::single_quoted;
  const auto is_blank = [](char32_t c) { return c == U' ' || c == U'\n'; };
  const bool space_then_break = text.find(U" \n") != text.npos;
  const bool break_then_space = text.find(U"\n ") != text.npos;
  if (space_then_break || break_then_space ||
      !std::all_of(text.begin(), text.end(), is_allowed_raw)) {
    return YamlStyle::double_quoted;
  }
  const bool plain = !is_blank(text.front()) && !is_blank(text.back()) &&
                     text.find(U'\n') == text.npos && !starts_like_indicator(text) &&
                     !holds_indicator(text) && !is_keyword(text) && !looks_like_number(text);
  return plain ? YamlStyle::plain : YamlStyle::single_quoted;
}

std::string yaml_scalar(std::u32string_view text, size_t column, size_t indent) {
  Writer writer{.out = {}, .column = column, .indent = indent};
  switch (yaml_style_of(text)) {
    case YamlStyle::plain:
      write_plain(writer, text);
      break;
    case YamlStyle::single_quoted:
      write_single_quoted(writer, text);
      break;
    case YamlStyle::double_quoted:
      write_double_quoted(writer, text);
      break;
  }
  return std::move(writer.out);
}

}  // namespace maxsimd
