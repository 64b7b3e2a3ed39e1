// A paragraph for a terminal: wrapped, with some bytes of it underlined.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "maxsimd/base/types.h"

namespace maxsimd::cli {

/// Wraps the text at spaces to about 92 columns, indented, and marks the ranges: with ANSI
/// underline on a terminal, else with a line of '^' below each line that has one. Ranges grow to
/// whole words.
std::string underline(std::string_view text, const std::vector<ByteRange>& ranges, bool terminal);

}  // namespace maxsimd::cli
