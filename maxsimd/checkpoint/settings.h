// The ColBERT settings as the files of a model folder state them. PyLate 1.6: explicit option, else
// the file's value (also when it is "", [] or false), else the default.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "maxsimd/checkpoint/checkpoint.h"

namespace maxsimd {

/// A value for what `option` leaves open.
template <class T>
void fill(std::optional<T>& option, std::optional<T> value) {
  if (!option.has_value()) option = std::move(value);
}

/// Fills what `options` leaves open from config_sentence_transformers.json, given as text ("" when
/// there is none), and reads prompts. `where` starts every message. Throws FormatError.
void read_sentence_transformers_settings(const std::string& text, const std::string& where,
                                         CheckpointOptions& options, ColbertSettings& settings);

/// Fills what `options` leaves open from FOLDER/artifact.metadata of a Stanford checkpoint; without
/// prefixes there, or without the file, they are "[unused0]" and "[unused1]".
void read_stanford_settings(const std::filesystem::path& folder, CheckpointOptions& options);

/// Moves the options given into settings, the defaults elsewhere. Throws std::invalid_argument for
/// a length of 0.
void apply_options(const CheckpointOptions& options, ColbertSettings& settings);

}  // namespace maxsimd
