// What a layout cannot hold of a model: checked before anything is written.
#pragma once

#include <string>
#include <vector>

#include "maxsimd/checkpoint/checkpoint.h"
#include "maxsimd/text/tokenizer.h"

namespace maxsimd {

/// The name of a layout as --layout and errors say it: "pylate", "stanford",
/// "sentence-transformers".
const char* layout_name(CheckpointLayout layout);

/// Throws std::invalid_argument naming everything of the model that `layout` cannot hold, and for
/// plain_encoder, which nobody writes. `tokenizer` is the one that will lie in the folder.
void check_layout_holds(const Checkpoint& checkpoint, const Tokenizer& tokenizer,
                        CheckpointLayout layout);

/// What a reader of the new layout does otherwise and no file can say, in words: PyLate and
/// Stanford drop white space around a text, sentence-transformers keeps it; only where that changes
/// tokens. And sentence-transformers passes over skiplist words that are no tokens in a Stanford
/// folder, which stand for the unknown token here.
std::vector<std::string> layout_notes(const Checkpoint& checkpoint, const Tokenizer& tokenizer,
                                      CheckpointLayout layout);

}  // namespace maxsimd
