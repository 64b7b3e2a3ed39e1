// "no|steps|epoch", the form in which rows of the table keep words.
#pragma once

#include <string_view>
#include <vector>

namespace maxsimd::detail {

/// The words, in order; none of an empty text.
inline std::vector<std::string_view> split_choices(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const size_t bar = text.find('|');
    words.push_back(text.substr(0, bar));
    text = bar == text.npos ? "" : text.substr(bar + 1);
  }
  return words;
}

}  // namespace maxsimd::detail
