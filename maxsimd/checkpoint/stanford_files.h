// The layout of colbert-ai (Stanford's library): the encoder and `linear.weight` in one file,
// under the names of its class HF_ColBERT, and artifact.metadata. Followed: colbert-ai 0.2.22
// (modeling/hf_colbert.py, infra/config).
#pragma once

#include <optional>
#include <string>

#include "maxsimd/checkpoint/checkpoint.h"

namespace maxsimd {

/// What HF_ColBERT puts before the encoder's canonical names ("bert."); nothing for a model_type
/// that colbert-ai makes no HF_ColBERT of.
std::optional<std::string> stanford_weight_prefix(const Checkpoint& checkpoint);

/// artifact.metadata: those of colbert-ai's keys that say what the model is, as it writes them.
std::string artifact_metadata_text(const Checkpoint& checkpoint);

}  // namespace maxsimd
