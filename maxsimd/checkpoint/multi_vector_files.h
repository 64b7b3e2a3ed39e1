// The folder of a MultiVectorEncoder as sentence-transformers 6.2 saves it: prefixes as prompts,
// lengths and query expansion in the Transformer's file, MultiVectorMask and Normalize as modules.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "maxsimd/checkpoint/checkpoint.h"
#include "maxsimd/text/tokenizer.h"

namespace maxsimd {

/// The small files of the folder but config.json and the tokenizer's, by path
/// ("1_Dense/config.json" too). A skiplist word that is no token stands for the unknown token in
/// PyLate: that is named.
std::map<std::string, std::string> multi_vector_files(const Checkpoint& checkpoint,
                                                      const Tokenizer& tokenizer);

/// Adds the prefixes to a tokenizer that does not find them in a text by itself, as PyLate does
/// when it loads; returns those that were added.
std::vector<std::string> add_prefix_tokens(const ColbertSettings& settings, Tokenizer& tokenizer);

}  // namespace maxsimd
