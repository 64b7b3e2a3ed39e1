#include "maxsimd/card/markdown_table.h"

#include <algorithm>

#include "maxsimd/base/utf8.h"
#include "maxsimd/card/python_text.h"

namespace maxsimd {
namespace {

void append_line(std::string& out, const std::vector<std::string>& cells,
                 const std::vector<size_t>& widths) {
  for (size_t i = 0; i < widths.size(); ++i) {
    const std::string& cell = cells[i];
    out.append("| ").append(cell).append(widths[i] - num_code_points(cell) + 1, ' ');
  }
  out.append("|\n");
}

bool is_letter_or_digit(std::string_view text, size_t at) {
  if (at >= text.size()) return false;
  const auto byte = static_cast<unsigned char>(text[at]);
  return byte >= 0x80 || (byte >= '0' && byte <= '9') ||
         ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z');
}

// Whether GitHub-flavoured Markdown gives the character at `at` a meaning inside a line. "_" inside
// a word has none.
bool is_markdown(std::string_view text, size_t at) {
  constexpr std::string_view kMarkdown = "\\`*_[]~|";
  if (kMarkdown.find(text[at]) == kMarkdown.npos) return false;
  const bool inside_word =
      at > 0 && is_letter_or_digit(text, at - 1) && is_letter_or_digit(text, at + 1);
  return text[at] != '_' || !inside_word;
}

bool is_line_break(char32_t c) {
  return c == U'\n' || c == U'\r' || c == 0x85 || c == 0x2028 || c == 0x2029;
}

std::string literal(std::string_view text, std::string_view line_break) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    if (text.substr(at, 2) == "\r\n") ++at;
    const Utf8Decoded decoded = decode_utf8(text, at);
    const char32_t c = decoded.code_point;
    if (c == U'&') {
      out.append("&amp;");
    } else if (c == U'<') {
      out.append("&lt;");
    } else if (c == U'>') {
      out.append("&gt;");
    } else if (is_line_break(c)) {
      out.append(line_break);
    } else if (c < 0x20 || c == 0x7F) {
      out.push_back(' ');
    } else {
      out.append(is_markdown(text, at) ? "\\" : "");
      append_utf8(out, c);
    }
    at += decoded.length;
  }
  return out;
}

}  // namespace

std::string markdown_table(const std::vector<std::string>& header,
                           const std::vector<std::vector<std::string>>& rows, TableAlign align) {
  std::vector<size_t> widths;
  for (size_t i = 0; i < header.size(); ++i) {
    size_t width = num_code_points(header[i]);
    for (const auto& row : rows) width = std::max(width, num_code_points(row[i]));
    widths.push_back(width);
  }
  std::string out;
  append_line(out, header, widths);
  for (const size_t width : widths) {
    out.append("|:").append(width, '-').append(align == TableAlign::center ? ":" : "-");
  }
  out.append("|\n");
  for (const auto& row : rows) append_line(out, row, widths);
  return out;
}

std::string pylate_cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') {
      out.append("<br>");
    } else if (c == '|') {
      out.append("\\|");
    } else {
      out.push_back(c);
    }
  }
  return out;
}

std::string literal_cell(std::string_view text) {
  return literal(text, "<br>");
}

std::string literal_line(std::string_view text) {
  return literal(text, " ");
}

}  // namespace maxsimd
