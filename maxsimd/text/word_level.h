// The WordLevel model: a word is a token of the vocabulary or unknown, by Hugging Face's rules.
//
// Source: HF models/wordlevel. Immutable; const methods are safe from any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "maxsimd/text/vocabulary_model.h"

namespace maxsimd {

class WordLevel final : public VocabularyModel {
 public:
  /// unk_token need not be in the vocabulary: then a word that is not either is an error.
  WordLevel(Vocabulary vocabulary, std::string unk_token);

  void tokenize(std::string_view text, TextSpan word, std::vector<TextToken>& out) const override;

  std::optional<int32_t> unk_id() const override { return unk_id_; }

 private:
  std::string unk_token_;
  std::optional<int32_t> unk_id_;
};

}  // namespace maxsimd
