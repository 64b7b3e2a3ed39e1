// Text from files and servers, as it may go to a terminal.
#pragma once

#include <string>
#include <string_view>

namespace maxsimd {

/// The text with what a terminal would obey written out: control characters as "\x1b" (C1 as
/// "\x9b"), but for newlines and tabs, and bytes that are no UTF-8 as "\xff".
std::string printable(std::string_view text);

}  // namespace maxsimd
