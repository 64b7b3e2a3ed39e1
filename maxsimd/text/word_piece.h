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

#include "maxsimd/text/vocabulary_model.h"

namespace maxsimd {

struct WordPieceOptions {
  std::string unk_token = "[UNK]";
  std::string continuing_subword_prefix = "##";
  size_t max_input_chars_per_word = 100;
};

class WordPiece final : public VocabularyModel {
 public:
  /// Throws FormatError when unk_token is not in the vocabulary.
  WordPiece(Vocabulary vocabulary, const WordPieceOptions& options);

  void tokenize(std::string_view text, TextSpan word, std::vector<TextToken>& out) const override;

  std::optional<int32_t> unk_id() const override { return unk_id_; }

 private:
  ByteTrie::Node continuation_ = ByteTrie::kNone;
  size_t max_chars_ = 0;
  int32_t unk_id_ = -1;
};

}  // namespace maxsimd
