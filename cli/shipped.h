// Models and files by name: a folder, or what comes with maxsimd.
#pragma once

#include <filesystem>
#include <string>

namespace maxsimd::cli {

/// The folder of a MODEL argument: an existing folder, or `mini`, the embedded default. Throws
/// IoError that says what was looked for.
std::filesystem::path find_model(const std::string& model);

/// A file or folder that comes with maxsimd ("models/mini", "examples/data"): looked for in the
/// build tree's source, beside the executable, and under PREFIX/share/maxsimd. Empty when absent.
std::filesystem::path find_shipped(const std::string& relative);

}  // namespace maxsimd::cli
