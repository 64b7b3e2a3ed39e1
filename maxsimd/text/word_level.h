// The WordLevel model: a word is a token of the vocabulary or unknown, by Hugging Face's rules.
//
// Source: HF models/wordlevel. Immutable; const methods are safe from any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "maxsimd/text/token_model.h"
#include "maxsimd/text/vocabulary.h"

namespace maxsimd {

class WordLevel final : public TokenModel {
 public:
  /// unk_token need not be in the vocabulary: then a word that is not either is an error.
  WordLevel(Vocabulary vocabulary, std::string unk_token);

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
  std::string unk_token_;
  std::optional<int32_t> unk_id_;
};

}  // namespace maxsimd
