// The Metaspace pre-tokenizer: spaces become a visible character (U+2581 as a rule), which begins
// each word.
//
// Source: Kudo and Richardson 2018, "SentencePiece"; HF pre_tokenizers/metaspace. Immutable; const
// methods are safe from any thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

namespace maxsimd {

enum class PrependScheme {
  always,  // before every piece
  first,   // before the piece at the beginning of the text
  never
};

struct MetaspacePlan {
  std::string replacement;
  PrependScheme prepend_scheme = PrependScheme::always;
  bool splits_whitespace_first = false;  // a WhitespaceSplit goes before it
};

}  // namespace maxsimd
