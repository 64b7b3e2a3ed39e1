// Which of transformers' tokenizer classes a model folder means, and whose code makes it there.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "maxsimd/base/json.h"

namespace maxsimd {

/// Whose code makes a tokenizer in transformers 5.3. All but `file` and `unknown` take vocabulary
/// and merges out of tokenizer.json and make the other parts, and the list of added tokens, anew.
enum class TokenizerFamily {
  file,  // tokenizer.json as it is
  bert,
  roberta,
  gpt2,
  xlm_roberta,
  camembert,
  unknown  // a class that may have code of its own
};

struct TokenizerClass {
  std::string name;        // without "Fast"; "" when no file says it
  std::string place;       // the file and field that say it
  std::string model_type;  // of config.json, or ""
  TokenizerFamily family = TokenizerFamily::file;

  /// Whether transformers 5 leaves out tokenizer.json's own list of added tokens.
  bool is_made_anew() const {
    return family != TokenizerFamily::file && family != TokenizerFamily::unknown;
  }
  /// Whether any file says what the tokenizer is: then special tokens are those that are named.
  bool is_known() const { return !name.empty() || !model_type.empty(); }
  /// The class for people: its name, or that of the architecture's.
  std::string title() const;
};

/// AutoTokenizer's choice: of an architecture that has a class by rule, another class named in
/// tokenizer_config.json means the tokenizer as it is in its file. Without tokenizer.json the class
/// named. Throws FormatError: a field of another type.
TokenizerClass read_tokenizer_class(const nlohmann::json& tokenizer_config,
                                    const std::filesystem::path& folder);

/// What a class takes for a named special token ("mask_token") that no file gives; "" = none.
std::string_view default_special_token(TokenizerFamily family, std::string_view key);

/// For folders with vocab.txt only. Throws FormatError, which names file and field and says what to
/// do, unless the class is a plain WordPiece one, with settings that its slow and fast form take
/// alike: do_basic_tokenize, never_split, clean_text, wordpieces_prefix, word_tokenizer_type.
void check_word_piece_class(const TokenizerClass& tokenizer_class,
                            const std::filesystem::path& folder);

}  // namespace maxsimd
