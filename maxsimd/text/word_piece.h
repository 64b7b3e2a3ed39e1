// The WordPiece model: greedy longest match first, by Hugging Face's rules (a word longer than
// max_input_chars_per_word characters, or with a part that is not in the vocabulary, is one
// unknown token).
//
// Source: Schuster and Nakajima 2012, "Japanese and Korean voice search"; HF models/wordpiece.
// Immutable; const methods are safe from any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "maxsimd/text/token_model.h"
#include "maxsimd/text/vocabulary.h"

namespace maxsimd {

struct WordPieceOptions {
  std::string unk_token = "[UNK]";
  std::string continuing_subword_prefix = "##";
  size_t max_input_chars_per_word = 100;
};

class WordPiece final : public TokenModel {
 public:
  /// Throws FormatError when unk_token is not in the vocabulary.
  WordPiece(Vocabulary vocabulary, const WordPieceOptions& options);

  void tokenize(std::string_view text, TextSpan word, std::vector<TextToken>& out) const override;

  std::optional<int32_t> token_to_id(std::string_view token) const override {
    return vocabulary_.find(token);
  }
  std::optional<std::string_view> id_to_token(int32_t id) const override {
    return vocabulary_.name_of(id);
  }
  size_t size() const override { return vocabulary_.size(); }
  int32_t max_id() const override { return vocabulary_.max_id(); }
  std::optional<int32_t> unk_id() const override { return unk_id_; }

 private:
  Vocabulary vocabulary_;
  ByteTrie::Node continuation_ = ByteTrie::kNone;
  size_t max_chars_ = 0;
  int32_t unk_id_ = -1;
};

}  // namespace maxsimd
