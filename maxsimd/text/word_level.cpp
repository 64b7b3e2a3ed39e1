#include "maxsimd/text/word_level.h"

#include <utility>

#include "maxsimd/base/errors.h"

namespace maxsimd {

WordLevel::WordLevel(Vocabulary vocabulary, std::string unk_token)
    : VocabularyModel(std::move(vocabulary)), unk_token_(std::move(unk_token)) {
  unk_id_ = vocabulary_.find(unk_token_);
}

void WordLevel::tokenize(std::string_view text, TextSpan word, std::vector<TextToken>& out) const {
  const std::string_view wanted = text.substr(word.begin, word.end - word.begin);
  std::optional<int32_t> id = vocabulary_.find(wanted);
  if (!id) id = unk_id_;
  if (!id) {
    throw FormatError("WordLevel model: '" + std::string(wanted) +
                      "' is not in its vocabulary, nor is its unk_token '" + unk_token_ + "'");
  }
  out.push_back({*id, word});
}

}  // namespace maxsimd
