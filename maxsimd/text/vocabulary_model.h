// What the models that look tokens up by their text have in common: WordPiece, WordLevel, BPE.
#pragma once

#include <optional>
#include <string_view>
#include <utility>

#include "maxsimd/text/token_model.h"
#include "maxsimd/text/vocabulary.h"

namespace maxsimd {

/// A model whose ids are those of its vocabulary.
class VocabularyModel : public TokenModel {
 public:
  std::optional<int32_t> token_to_id(std::string_view token) const final {
    return vocabulary_.find(token);
  }
  std::optional<std::string_view> id_to_token(int32_t id) const final {
    return vocabulary_.name_of(id);
  }
  size_t size() const final { return vocabulary_.size(); }
  int32_t max_id() const final { return vocabulary_.max_id(); }

 protected:
  explicit VocabularyModel(Vocabulary vocabulary) : vocabulary_(std::move(vocabulary)) {}

  Vocabulary vocabulary_;
};

}  // namespace maxsimd
