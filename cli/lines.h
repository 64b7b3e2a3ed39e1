// Lines of text from standard input.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

namespace maxsimd::cli {

/// Calls `line(text, number)` for each line of standard input (1-based), without its LF or CRLF. A
/// last line without an end counts. Throws IoError when it cannot be read to its end.
void for_each_line(const std::function<void(std::string& text, size_t number)>& line);

}  // namespace maxsimd::cli
