// Wrong arguments that only the library's own checks find.
#pragma once

#include <CLI/CLI.hpp>
#include <stdexcept>

namespace maxsimd::cli {

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
