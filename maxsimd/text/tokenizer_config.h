// What a model folder says about its tokenizer beside tokenizer.json or vocab.txt: the class
// (tokenizer_config.json, config.json), its settings, and tokens to add (tokenizer_config.json,
// special_tokens_map.json, added_tokens.json). Followed: AutoTokenizer of transformers 5.3; what
// 4.48 does alike unless said.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "maxsimd/base/json.h"
#include "maxsimd/text/configured_tokens.h"
#include "maxsimd/text/tokenizer.h"
#include "maxsimd/text/tokenizer_class.h"

namespace maxsimd {

/// The special tokens that the files name, or the class by itself.
struct SpecialTokenNames {
  std::optional<std::string> bos;
  std::optional<std::string> unk;
  std::optional<std::string> cls;
  std::optional<std::string> sep;
  std::optional<std::string> mask;
  std::optional<std::string> pad;
  std::optional<std::string> eos;
};

/// BertTokenizer's arguments, with its defaults.
struct BertTokenizerSettings {
  bool do_lower_case = true;
  bool tokenize_chinese_chars = true;
  std::optional<bool> strip_accents;  // nothing = as do_lower_case
};

/// Where the settings win over tokenizer.json: a tokenizer of a class with code of its own is made
/// anew with them, and truncation_side counts for all.
struct TokenizerOverrides {
  std::optional<BertTokenizerSettings> bert;  // of a BertNormalizer
  // add_prefix_space, of a pre-tokenizer of this type
  std::optional<bool> byte_level_prefix_space;
  std::optional<bool> metaspace_prefix_space;
  std::optional<TruncationSide> truncation_side;

  /// Puts them into a parsed tokenizer.json; returns whether that changed anything.
  bool apply(nlohmann::json& document) const;
};

struct TokenizerConfig {
  TokenizerClass tokenizer_class;
  SpecialTokenNames names;
  BertTokenizerSettings bert;
  TokenizerOverrides overrides;
  ConfiguredTokens tokens;
  bool has_token_types = true;    // "model_input_names" lets the model have them
  bool has_padding_side = false;  // "right"; then the padding block's direction does not count
};

/// The object in a JSON file, or an empty one where there is no such file. Throws FormatError.
nlohmann::json read_json_object(const std::filesystem::path& path);

/// All of the files may be missing. Throws FormatError (file, field, expected, found): malformed, a
/// setting of another type, split_special_tokens, padding on the left.
TokenizerConfig read_tokenizer_config(const std::filesystem::path& folder);

}  // namespace maxsimd
