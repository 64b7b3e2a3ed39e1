// What a layout's readers need changed in a tokenizer's files, which are otherwise copied as they
// are. `files` holds their texts by name; `checkpoint` names them in errors.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "maxsimd/checkpoint/checkpoint.h"
#include "maxsimd/text/tokenizer.h"

namespace maxsimd {

/// The padding token is the encoder's own again. colbert-ai drops every token that is the padding
/// token, so where that is the mask token, as in PyLate's folders, query expansion would be lost.
void restore_padding_token(const Checkpoint& checkpoint, const Tokenizer& tokenizer,
                           std::map<std::string, std::string>& files);

/// What transformers 5 writes and 4 (PyLate 1.1, colbert-ai) cannot read, in words both know: the
/// class TokenizersBackend (PreTrainedTokenizerFast) and a list of extra_special_tokens
/// (additional_special_tokens).
void write_for_transformers_4(const Checkpoint& checkpoint,
                              std::map<std::string, std::string>& files);

/// Puts a tokenizer with added prefixes among the files: tokenizer.json, and added_tokens_decoder,
/// which transformers reads instead where it is there.
void put_added_tokens(const Checkpoint& checkpoint, const Tokenizer& tokenizer,
                      const std::vector<std::string>& tokens,
                      std::map<std::string, std::string>& files);

}  // namespace maxsimd
