// YAML, as configuration files of transformers are written: one document of mappings, lists and
// scalars. Parsing is yaml-cpp's. Anchors, aliases and tags are refused: an alias can make a small
// file a huge value.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "maxsimd/hyperparameters/config_tree.h"

namespace maxsimd::detail {

/// The entries of the file's mapping. `where` starts every message ("run.yaml", then ":LINE:").
/// Throws FormatError: not YAML, not UTF-8, past the limits, more than one document.
std::vector<ConfigEntry> yaml_entries(std::string_view text, const std::string& where);

/// One value, in the forms that YAML, JSON and Python share: [a, 'b'], {'x': 1}. Throws FormatError
/// whose text says what is wrong, without a place.
HyperparameterValue parse_yaml_value(std::string_view text);

}  // namespace maxsimd::detail
