// Wrong arguments that CLI11 does not find by itself.
#pragma once

#include <CLI/CLI.hpp>
#include <stdexcept>
#include <string>

namespace maxsimd::cli {

/// Ends the program with the exit code of wrong usage.
[[noreturn]] inline void refuse(const std::string& problem) {
  throw CLI::ValidationError(problem);
}

/// What `work` returns. A std::invalid_argument of it is thrown as CLI::ValidationError, which ends
/// the program with the exit code of wrong usage: for work that looks at the arguments alone.
template <class Work>
auto as_usage(const Work& work) {
  try {
    return work();
  } catch (const std::invalid_argument& error) {
    throw CLI::ValidationError(error.what());
  }
}

}  // namespace maxsimd::cli
