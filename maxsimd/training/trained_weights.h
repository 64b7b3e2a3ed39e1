// The way back from trained tensors to a model: a checkpoint in memory that the native encoder
// reads (ColBERT::from_weights) and that is saved as a PyLate folder.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "maxsimd/colbert/colbert.h"
#include "maxsimd/training/parameters.h"

namespace maxsimd::training {

/// The checkpoint `model` was loaded from with the values the parameters have now. Copies them.
Checkpoint trained_checkpoint(const ColBERT& model, const Parameters& parameters);

/// Writes the model with these weights as a PyLate folder, float32, atomically; prefixes that were
/// not in the vocabulary become added tokens of its tokenizer.json. `card`: README.md, or empty for
/// none. Throws as write_checkpoint.
void save_model(const ColBERT& model, const Parameters& parameters, const std::string& card,
                const std::filesystem::path& folder);

/// What save_model() would write but weights and card, by name: "tokenizer.json" -> text. Throws as
/// it does.
std::map<std::string, std::string> model_texts(const ColBERT& model, const Parameters& parameters);

/// Sets the parameters to the weights of a folder that save_model() wrote for the same model.
/// Throws IoError, FormatError.
void restore_weights(const std::filesystem::path& folder, Parameters& parameters);

}  // namespace maxsimd::training
