// The vocabulary of a tokenizer.json read apart from the rest of it: two thirds of a load would
// otherwise go into a JSON tree of 30,000 tokens.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "maxsimd/text/word_piece.h"

namespace maxsimd {

/// What stands in the place of the vocabulary.
inline constexpr const char* kVocabularyMark = "(cut out)";

struct CutVocabulary {
  WordPiece::Vocabulary vocabulary;  // in the order of the file; a repeated token appears again
  std::string rest;                  // the JSON with "vocab": kVocabularyMark
};

/// Cuts the object at /model/vocab out of a JSON text. Nothing when there is no such object or
/// anything about the text is not plain: then the JSON parser reads it all, or says what is wrong.
std::optional<CutVocabulary> cut_vocabulary(std::string_view json);

}  // namespace maxsimd
