// What every model of tokenizer.json (WordPiece, WordLevel, BPE, Unigram) does: one word of
// normalized text to tokens; and the vocabulary behind it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "maxsimd/text/normalized_text.h"

namespace maxsimd {

/// A token of a text and the bytes of that (normalized) text it covers.
struct TextToken {
  int32_t id = 0;
  TextSpan span;
};

/// Immutable; const methods are safe from any thread.
class TokenModel {
 public:
  virtual ~TokenModel() = default;

  /// Appends the tokens of text[word.begin, word.end), which must be well-formed UTF-8. Throws
  /// FormatError when the word holds what the vocabulary has no token for, and no unknown token.
  virtual void tokenize(std::string_view text, TextSpan word,
                        std::vector<TextToken>& out) const = 0;

  virtual std::optional<int32_t> token_to_id(std::string_view token) const = 0;
  virtual std::optional<std::string_view> id_to_token(int32_t id) const = 0;
  /// Number of tokens as Hugging Face counts them; ids need not be dense.
  virtual size_t size() const = 0;
  virtual int32_t max_id() const = 0;  // -1 if the vocabulary is empty
  /// The id of unknown text; a model may have none.
  virtual std::optional<int32_t> unk_id() const = 0;
  /// Whether a token's text, where Hugging Face looks at it, is the text it covers rather than its
  /// entry in the vocabulary.
  virtual bool names_tokens_by_text() const { return false; }
};

}  // namespace maxsimd
