// sentence_bert_config.json: what the Transformer module of sentence-transformers is made with.
// Followed: sentence_transformers 5.3 (models/Transformer.py; the arguments *_args) and 6.2
// (base/modules/transformer.py; *_kwargs, and what a MultiVectorEncoder adds).
#pragma once

#include <filesystem>

#include "maxsimd/checkpoint/config_reader.h"

namespace maxsimd {

/// The file, or the first of its six older names that says anything; empty where none does.
ConfigReader read_transformer_config(const std::filesystem::path& encoder_folder);

/// Refuses what would give other vectors: arguments for the model, its tokenizer or its config but
/// those that change nothing, another task or output, a tokenizer from elsewhere. `encoder` is
/// config.json. Throws FormatError, which says what may stand there.
void check_transformer_config(const ConfigReader& transformer, const ConfigReader& encoder,
                              bool is_multi_vector);

}  // namespace maxsimd
