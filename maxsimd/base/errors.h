// The kinds of error maxsimd throws. Exactly three:
//   std::invalid_argument  the caller's mistake (a width that does not fit, k = 0)
//   maxsimd::IoError       the system's (open, read, map, disk full)
//   maxsimd::FormatError   the bytes' (bad magic, malformed JSON, a length that cannot be)
// A message says what was being done, to what, what was expected, what was found, and what to do
// next. They are caught in cli/main.cpp and in the Python module only.
#pragma once

#include <stdexcept>
#include <string>

namespace maxsimd {

/// The operating system refused: a file cannot be opened, read, mapped or written.
class IoError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The bytes of a file are not what their format demands.
class FormatError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

namespace detail {
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line) noexcept;
}

}  // namespace maxsimd

// Guards our own invariants, never input. On in debug and sanitizer builds.
#ifdef MAXSIMD_ENABLE_ASSERTS
#define MAXSIMD_ASSERT(condition) \
  ((condition) ? void() : ::maxsimd::detail::assertion_failed(#condition, __FILE__, __LINE__))
#else
#define MAXSIMD_ASSERT(condition) void()
#endif
