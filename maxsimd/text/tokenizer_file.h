// The files a tokenizer comes in: tokenizer.json, or vocab.txt with tokenizer_config.json.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "maxsimd/base/json.h"
#include "maxsimd/text/text_pipeline.h"

namespace maxsimd {

/// The pipeline that the text of a tokenizer.json describes. Throws FormatError.
TextPipeline parse_tokenizer_json(std::string_view json, const std::string& where,
                                  bool lowercase_first);

/// The tokenizer.json text that BertTokenizerFast would make of FOLDER/vocab.txt and, if there is
/// one, FOLDER/tokenizer_config.json. Throws IoError, FormatError.
std::string tokenizer_json_from_vocabulary(const std::filesystem::path& folder);

/// A tokenizer.json text with its added tokens replaced.
std::string replace_added_tokens(std::string_view json, const std::string& where,
                                 const std::vector<AddedToken>& tokens);

/// The special tokens that special_tokens_map.json and tokenizer_config.json name.
struct SpecialTokenNames {
  std::optional<std::string> unk;
  std::optional<std::string> cls;
  std::optional<std::string> sep;
  std::optional<std::string> mask;
  std::optional<std::string> pad;
  std::optional<std::string> eos;
};

/// Both files may be missing. Where they differ, tokenizer_config.json wins if it is of the newer
/// kind (with added_tokens_decoder), as in transformers. Throws FormatError (file and position).
SpecialTokenNames read_special_token_names(const std::filesystem::path& folder);

}  // namespace maxsimd
