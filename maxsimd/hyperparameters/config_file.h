// Configuration files: one flat YAML mapping or JSON object of names and values
// (docs/hyperparameters.md has an example). Later files and flags overrule earlier ones.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "maxsimd/hyperparameters/hyperparameter_set.h"

namespace maxsimd {

enum class ConfigFormat { kYaml, kJson };

/// Gives `set` what the file says. The ending decides: .yaml and .yml, or .json. Throws
/// IoError, FormatError (no YAML or JSON mapping), std::invalid_argument (another ending; names and
/// values that cannot be, "run.yaml:7: learning_rat: ..."); what stands before it is taken then.
void read_hyperparameters(const std::filesystem::path& path, HyperparameterSet& set);

/// The same of a text; `where` starts every message.
void parse_hyperparameters(std::string_view text, ConfigFormat format, const std::string& where,
                           HyperparameterSet& set);

}  // namespace maxsimd
