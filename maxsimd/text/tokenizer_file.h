// The files a tokenizer comes in: tokenizer.json, or vocab.txt with the files beside it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "maxsimd/base/json.h"
#include "maxsimd/text/text_pipeline.h"
#include "maxsimd/text/tokenizer_config.h"

namespace maxsimd {

struct TokenizerFileOptions {
  bool lowercase_first = false;
  const TokenizerConfig* config = nullptr;  // of the files beside it, if they count
  bool has_its_tokens = false;              // the text was made with them (of a vocab.txt)
};

struct TokenizerFile {
  TextPipeline pipeline;
  bool is_changed = false;                   // the files beside it changed something
  std::vector<std::string> notes;            // where transformers 5 has other ids
  std::optional<std::string> padding_token;  // of the padding block
};

/// What the text of a tokenizer.json describes, with the files beside it. Throws FormatError; also
/// where a token comes with and without "normalized", which transformers 5 would look for twice.
TokenizerFile read_tokenizer_json(std::string_view json, const std::string& where,
                                  const TokenizerFileOptions& options = {});

/// The pipeline that it describes alone. Throws FormatError.
TextPipeline parse_tokenizer_json(std::string_view json, const std::string& where,
                                  const TokenizerFileOptions& options = {});

/// The tokenizer.json text that BertTokenizerFast would make of FOLDER/vocab.txt and the files
/// beside it. Throws IoError, FormatError (check_word_piece_class).
std::string tokenizer_json_from_vocabulary(const std::filesystem::path& folder,
                                           const TokenizerConfig& config);

/// A tokenizer.json text with its added tokens replaced, and the overrides in it.
std::string replace_added_tokens(std::string_view json, const std::string& where,
                                 const std::vector<AddedToken>& tokens,
                                 const TokenizerOverrides& overrides = {});

}  // namespace maxsimd
