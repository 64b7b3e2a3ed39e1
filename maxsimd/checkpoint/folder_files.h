// The small JSON files of a PyLate folder, as text, and what the other layouts' share with them.
// Key order and unknown keys of files that were read are kept; JSON as Python writes it (indent 2,
// ASCII).
#pragma once

#include <string>
#include <string_view>

#include "maxsimd/base/json.h"
#include "maxsimd/checkpoint/checkpoint.h"

namespace maxsimd {

/// JSON as Python's json.dump writes it: `indent` spaces, ASCII. Throws std::invalid_argument when
/// a text is not UTF-8.
std::string python_json(const nlohmann::ordered_json& json, int indent);

/// Parses a file's text with its keys in order; `where` starts messages. Throws FormatError.
nlohmann::ordered_json ordered_json(std::string_view text, const std::string& where);

/// config.json with torch_dtype (or dtype, where the file has that) and the architecture of the
/// layout: HF_ColBERT for Stanford's, from there back the plain encoder; of ModernBERT, for PyLate
/// and colbert-ai, also the thetas under the names of transformers 4.
std::string encoder_config_text(const Checkpoint& checkpoint, DType dtype, CheckpointLayout layout);

/// config_sentence_transformers.json: what was read, updated with the settings.
std::string settings_text(const Checkpoint& checkpoint);

/// sentence_bert_config.json, for folders that had none.
std::string transformer_config_text(const ColbertSettings& settings);

/// modules.json: a Transformer in the folder itself, then num_dense Dense modules.
std::string modules_text(size_t num_dense);

/// config.json of a Dense module; use_residual only when true, since PyLate 1.1 rejects the key.
std::string dense_config_text(const DenseLayer& layer);

/// The folder of the Dense module at a place in the chain (0 -> "1_Dense").
std::string dense_folder(size_t place);

}  // namespace maxsimd
