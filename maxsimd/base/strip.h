// Python's str.strip(): what PyLate does to every text before it is tokenized, and what joins a
// document's title and text.
#pragma once

#include <string_view>

namespace maxsimd {

/// The text without leading and trailing white space, as Python's str.isspace() defines it
/// (tab .. carriage return, U+001C .. U+001F, space, U+0085, U+00A0, U+1680, U+2000 .. U+200A,
/// U+2028, U+2029, U+202F, U+205F, U+3000). Ill-formed bytes are not white space.
std::string_view strip_whitespace(std::string_view text) noexcept;

}  // namespace maxsimd
