// Models and files by name: a folder, what comes with maxsimd, or a model of the hub.
#pragma once

#include <filesystem>
#include <string>

namespace maxsimd::cli {

/// The folder of a MODEL argument: an existing folder, `mini`, the embedded default, or ORG/NAME on
/// the Hugging Face hub, which is downloaded when the cache does not have it. Throws IoError that
/// says what was looked for, and what hub/hub_model.h says.
std::filesystem::path find_model(const std::string& model);

/// A file or folder that comes with maxsimd ("models/mini", "examples/data"): looked for in the
/// build tree's source, beside the executable, and under PREFIX/share/maxsimd. Empty when absent.
std::filesystem::path find_shipped(const std::string& relative);

}  // namespace maxsimd::cli
