// The settings of a MultiVectorEncoder of sentence-transformers 6: lengths and query expansion in
// the Transformer module, the skiplist in MultiVectorMask, prefixes as prompts. Followed:
// sentence_transformers 6.2 (multi_vector_encoder/model.py, modules/multi_vector_mask.py,
// base/modules/transformer.py).
#pragma once

#include <string>
#include <vector>

#include "maxsimd/checkpoint/checkpoint.h"
#include "maxsimd/checkpoint/modules.h"
#include "maxsimd/text/tokenizer.h"

namespace maxsimd {

/// Whether the tokenizer reads `prompt` at the beginning of a text as the token `id`, and what
/// follows as it reads it alone.
bool is_read_apart(const Tokenizer& tokenizer, TokenId id, const std::string& prompt);

/// Whether the tokenizer reads `prompt` at the beginning of a text as one token, and what follows
/// as it reads it alone: then a prompt before the text and a prefix token give the same ids.
bool is_one_token(const Tokenizer& tokenizer, const std::string& prompt);

/// Fills what `options` leaves open, and settings.multi_vector; settings.prompts were read already.
/// A prompt that is one token of the tokenizer becomes the prefix, which is the same ids, and an
/// empty prompt. Skiplist words outside the vocabulary are left out, as there, unless the unknown
/// token itself is listed, for which they then stand. Throws FormatError:
/// a module in between, no Normalize at the end, an allowlist of token ids, a task that is no
/// feature extraction.
void read_multi_vector_settings(const Checkpoint& checkpoint, const ModuleList& modules,
                                CheckpointOptions& options, ColbertSettings& settings,
                                std::vector<std::string>& notes);

}  // namespace maxsimd
