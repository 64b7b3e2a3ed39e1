// JSON configuration files.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "maxsimd/hyperparameters/config_tree.h"

namespace maxsimd::detail {

/// The entries of the file's object. `where` starts every message ("run.json", then ":LINE:").
/// Throws FormatError: not JSON, past the limits, a key twice.
std::vector<ConfigEntry> json_entries(std::string_view text, const std::string& where);

}  // namespace maxsimd::detail
