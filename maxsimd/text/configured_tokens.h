// The tokens that the files beside tokenizer.json add: those of added_tokens_decoder or
// added_tokens.json, the named special tokens ("mask_token"), the additional ones, and those under
// names of a model's own. Followed: PreTrainedTokenizerBase._from_pretrained and
// TokenizersBackend.__init__ of transformers 5.3.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "maxsimd/text/added_vocabulary.h"
#include "maxsimd/text/tokenizer_class.h"

namespace maxsimd {

/// A token as a file has it.
struct ConfiguredToken {
  AddedToken token;
  bool says_normalized = true;  // else normalized follows `special`
  bool is_listed = false;       // has the flags of the token listed under its content, if any
};

struct ConfiguredTokens {
  bool has_decoder = false;                   // added_tokens_decoder: tokenizer.json's do not count
  std::map<int64_t, ConfiguredToken> listed;  // by id
  std::map<std::string, AddedToken> by_content;  // of those listed; ids may be taken twice
  std::vector<ConfiguredToken> named;            // by name, in the order in which they get ids
  std::vector<ConfiguredToken> extra;            // behind them
  std::optional<size_t> pad_place;  // in `named`, of the padding block's token, if it counts

  /// What is added, in order, to a tokenizer with the tokens of tokenizer.json (their ids as that
  /// file has them); `is_made_anew`: to one without. `padding_token` is that of its padding block.
  std::vector<AddedToken> to_add(const std::vector<AddedToken>& of_file, bool is_made_anew,
                                 const std::optional<std::string>& padding_token = {}) const;
};

/// Throws FormatError (file, field, expected, found).
ConfiguredTokens read_configured_tokens(const std::filesystem::path& folder,
                                        TokenizerFamily family);

}  // namespace maxsimd
