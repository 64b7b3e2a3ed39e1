// The settings of a MultiVectorEncoder of sentence-transformers 6: lengths and query expansion in
// the Transformer module, the skiplist in MultiVectorMask, prefixes as prompts. Followed:
// sentence_transformers 6.2 (multi_vector_encoder/model.py, modules/multi_vector_mask.py,
// base/modules/transformer.py).
#pragma once

#include <string>
#include <vector>

#include "maxsimd/checkpoint/checkpoint.h"
#include "maxsimd/checkpoint/modules.h"

namespace maxsimd {

/// Fills what `options` leaves open, and settings.multi_vector; settings.prompts were read already.
/// A prompt that is one token of the tokenizer becomes the prefix, which is the same ids. Skiplist
/// words outside the vocabulary are left out, as there. Throws FormatError: a module in between, no
/// Normalize at the end, an allowlist of token ids, a task that is no feature extraction.
void read_multi_vector_settings(const Checkpoint& checkpoint, const ModuleList& modules,
                                CheckpointOptions& options, ColbertSettings& settings,
                                std::vector<std::string>& notes);

}  // namespace maxsimd
