// How a checkpoint that is of another run is refused.
#pragma once

#include <filesystem>
#include <string>

namespace maxsimd::training {

/// Throws std::invalid_argument: the checkpoint in `folder` is of another run, for `problem`.
[[noreturn]] void refuse_other_run(const std::filesystem::path& folder, const std::string& problem);

/// The same, for `what` was something else.
[[noreturn]] void refuse_other_run(const std::filesystem::path& folder, const std::string& what,
                                   const std::string& was, const std::string& is);

}  // namespace maxsimd::training
