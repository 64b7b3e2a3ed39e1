#include "cli/underline.h"

#include <algorithm>

#include "maxsimd/base/utf8.h"

namespace maxsimd::cli {
namespace {

constexpr size_t kColumns = 92;
constexpr const char* kIndent = "        ";

bool is_word_byte(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         static_cast<unsigned char>(c) >= 0x80;
}

// One flag a byte: 1 = marked. A matched piece ("##ing") marks the word it is part of.
std::vector<uint8_t> mark_words(std::string_view text, const std::vector<ByteRange>& ranges) {
  std::vector<uint8_t> marked(text.size(), 0);
  for (const ByteRange& range : ranges) {
    size_t begin = std::min<size_t>(range.begin, text.size());
    size_t end = std::min<size_t>(range.end, text.size());
    while (begin > 0 && begin < text.size() && is_word_byte(text[begin]) &&
           is_word_byte(text[begin - 1]))
      --begin;
    while (end > 0 && end < text.size() && is_word_byte(text[end - 1]) && is_word_byte(text[end]))
      ++end;
    std::fill(marked.begin() + static_cast<std::ptrdiff_t>(begin),
              marked.begin() + static_cast<std::ptrdiff_t>(end), uint8_t{1});
  }
  return marked;
}

// One finished line: its text, and the carets below it when there is no terminal to underline.
void append_line(std::string& out, std::string_view line, const uint8_t* marked, bool terminal) {
  out += kIndent;
  std::string carets;
  bool on = false;
  for (size_t i = 0; i < line.size();) {
    const size_t length = decode_utf8(line, i).length;
    const bool mark = marked[i] != 0;
    if (terminal && mark != on) out += mark ? "\033[4m" : "\033[24m";
    on = mark;
    out += line.substr(i, length);
    carets += mark ? '^' : ' ';
    i += length;
  }
  if (terminal && on) out += "\033[24m";
  out += '\n';
  const size_t last = carets.find_last_of('^');
  if (!terminal && last != std::string::npos) out += kIndent + carets.substr(0, last + 1) + "\n";
}

}  // namespace

std::string underline(std::string_view text, const std::vector<ByteRange>& ranges, bool terminal) {
  const std::vector<uint8_t> marked = mark_words(text, ranges);
  std::string out;
  size_t line = 0;
  while (line < text.size()) {
    size_t end = line;
    size_t last_space = std::string_view::npos;
    for (size_t columns = 0; end < text.size() && columns < kColumns && text[end] != '\n';
         ++columns) {
      if (text[end] == ' ') last_space = end;
      end += decode_utf8(text, end).length;
    }
    if (end < text.size() && text[end] != '\n' && last_space != std::string_view::npos &&
        last_space > line) {
      end = last_space;
    }
    append_line(out, text.substr(line, end - line), marked.data() + line, terminal);
    line = end < text.size() && (text[end] == ' ' || text[end] == '\n') ? end + 1 : end;
  }
  return out;
}

}  // namespace maxsimd::cli
