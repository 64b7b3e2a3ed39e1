// The layout of colbert-ai (Stanford's library): the encoder and `linear.weight` in one file,
// under the names of its class HF_ColBERT, and artifact.metadata. Followed: colbert-ai 0.2.22
// (modeling/hf_colbert.py, infra/config).
#pragma once

#include <map>
#include <optional>
#include <string>

#include "maxsimd/checkpoint/checkpoint.h"
#include "maxsimd/text/tokenizer.h"

namespace maxsimd {

/// What HF_ColBERT puts before the encoder's canonical names ("bert."); nothing for a model_type
/// that colbert-ai makes no HF_ColBERT of.
std::optional<std::string> stanford_weight_prefix(const Checkpoint& checkpoint);

/// artifact.metadata: those of colbert-ai's keys that say what the model is, as it writes them.
std::string artifact_metadata_text(const Checkpoint& checkpoint);

/// Tokenizer files in which the padding token is the encoder's own again, by name. colbert-ai drops
/// every token that is the padding token, so where that is the mask token, as in PyLate's folders,
/// query expansion would be lost. `files` holds the texts of those to be written.
void restore_padding_token(const Checkpoint& checkpoint, const Tokenizer& tokenizer,
                           std::map<std::string, std::string>& files);

}  // namespace maxsimd
