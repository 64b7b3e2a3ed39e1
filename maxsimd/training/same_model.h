// Whether the model that a run is given fits the weights of the checkpoint it goes on from.
#pragma once

#include <filesystem>

#include "maxsimd/colbert/colbert.h"
#include "maxsimd/training/parameters.h"

namespace maxsimd::training {

/// Of the model only its weights come from the checkpoint; architecture, tokenizer and settings are
/// the given model's, wherever it lies, and must be those that the checkpoint holds. JSON is
/// compared by its values. Throws std::invalid_argument that names the folder and the file that
/// differs, IoError, FormatError.
void check_same_model(const ColBERT& model, const Parameters& parameters,
                      const std::filesystem::path& checkpoint);

}  // namespace maxsimd::training
