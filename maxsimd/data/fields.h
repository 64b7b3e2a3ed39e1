// Splitting a line into columns; the views point into the line.
#pragma once

#include <string_view>
#include <vector>

namespace maxsimd {

/// White space of the TREC formats: what C's isspace() says in the C locale.
inline constexpr std::string_view kTrecSpace = " \t\n\v\f\r";

/// The runs of bytes that are not kTrecSpace. `out` is reused.
inline void split_trec_fields(std::string_view line, std::vector<std::string_view>& out) {
  out.clear();
  size_t begin = line.find_first_not_of(kTrecSpace);
  while (begin != std::string_view::npos) {
    const size_t end = line.find_first_of(kTrecSpace, begin);
    out.push_back(line.substr(begin, end - begin));
    begin = line.find_first_not_of(kTrecSpace, end);
  }
}

/// The parts between TABs, empty ones included. `out` is reused.
inline void split_tab_fields(std::string_view line, std::vector<std::string_view>& out) {
  out.clear();
  while (true) {
    const size_t tab = line.find('\t');
    out.push_back(line.substr(0, tab));
    if (tab == std::string_view::npos) return;
    line.remove_prefix(tab + 1);
  }
}

}  // namespace maxsimd
