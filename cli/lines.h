// Lines of text from standard input.
#pragma once

#include <functional>
#include <istream>
#include <string>

namespace maxsimd::cli {

/// Calls `line(text, number)` for each line (1-based), without its LF or CRLF. A last line without
/// an end counts.
inline void for_each_line(std::istream& in, const std::function<void(std::string&, size_t)>& line) {
  std::string text;
  for (size_t number = 1; std::getline(in, text); ++number) {
    if (!text.empty() && text.back() == '\r') text.pop_back();
    line(text, number);
  }
}

}  // namespace maxsimd::cli
