// What a model folder says about its tokenizer beside tokenizer.json or vocab.txt: the class
// (tokenizer_config.json, config.json), its settings, and tokens to add (tokenizer_config.json,
// special_tokens_map.json, added_tokens.json). Followed: AutoTokenizer of transformers 5.3; what
// 4.48 does alike unless said.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "maxsimd/base/json.h"
#include "maxsimd/text/added_vocabulary.h"
#include "maxsimd/text/tokenizer.h"

namespace maxsimd {

/// The special tokens that the files name.
struct SpecialTokenNames {
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

/// Where the settings win over tokenizer.json: a BertTokenizer or RobertaTokenizer is made anew
/// with them, and truncation_side counts for all.
struct TokenizerOverrides {
  std::optional<BertTokenizerSettings> bert;  // of a BertNormalizer
  std::optional<bool> add_prefix_space;       // of a ByteLevel pre-tokenizer
  std::optional<TruncationSide> truncation_side;

  /// Puts them into a parsed tokenizer.json; returns whether that changed anything.
  bool apply(nlohmann::json& document) const;
};

/// A token to add, unless it is there: by its content, or (`with_flags`) with these flags too.
struct ConfiguredToken {
  AddedToken token;
  bool with_flags = false;
};

struct TokenizerConfig {
  std::string class_name;   // without "Fast"; "" when no file says it
  std::string class_place;  // the file and field that say it
  std::string model_type;   // of config.json, or ""
  SpecialTokenNames names;
  BertTokenizerSettings bert;
  TokenizerOverrides overrides;
  std::vector<ConfiguredToken> added;  // in the order in which they get ids
};

/// All of the files may be missing. Throws FormatError (file, field, expected, found): malformed, a
/// setting of another type, split_special_tokens.
TokenizerConfig read_tokenizer_config(const std::filesystem::path& folder);

/// For folders with vocab.txt only. Throws FormatError, which names file and field and says what to
/// do, unless the class is a plain WordPiece one, with settings that its slow and fast form take
/// alike: do_basic_tokenize, never_split, clean_text, wordpieces_prefix, word_tokenizer_type.
void check_word_piece_class(const TokenizerConfig& config, const std::filesystem::path& folder);

}  // namespace maxsimd
