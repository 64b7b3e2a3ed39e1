// What a verb tells beside its result: lines on stderr, with what comes from files as it may go to
// a terminal.
#pragma once

#include <span>
#include <string>

namespace maxsimd::cli {

/// "note: ..." a line.
void tell_notes(std::span<const std::string> notes);

/// "skipped: ..." a line.
void tell_skipped(std::span<const std::string> problems);

}  // namespace maxsimd::cli
