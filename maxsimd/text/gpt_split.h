// Hand-written forms of the regular expressions that split text for byte-level BPE, those of GPT-2
// (ByteLevel's own, also ModernBERT's and RoBERTa's), Llama 3 and Qwen 2: the same matches as the
// regexes have, several times faster. The regexes match every character, so the matches are all
// there is.
//
// All functions are pure and safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "maxsimd/text/normalized_text.h"

namespace maxsimd {

enum class GptSplit {
  none,
  gpt2,
  llama3,  // up to three digits together; line breaks end a word; 'S is split off as 's is
  qwen2    // the same, each digit alone
};

/// The regular expression that a form stands for, as tokenizer.json files spell it.
std::string_view gpt_split_regex(GptSplit split) noexcept;
/// The form of a regular expression; none if it has none.
GptSplit gpt_split_of(std::string_view regex) noexcept;

/// Walks over the words of well-formed UTF-8 text, which must outlive it.
class GptWords {
 public:
  GptWords(std::string_view text, GptSplit split) noexcept;
  /// The next word; an empty one at the end.
  TextSpan next() noexcept;

 private:
  enum class Kind : uint8_t { other, letter, number, space, line_break };
  struct Char {
    Kind kind = Kind::other;
    size_t end = 0;
  };
  static Kind kind_of(char32_t c) noexcept;
  Char char_at(size_t position) const noexcept;
  size_t skip(Kind kind, size_t position) const noexcept;
  size_t skip_numbers(size_t position) const noexcept;
  size_t contraction(size_t position) const noexcept;
  size_t spaces_end(size_t position) const noexcept;
  size_t gpt2_end(size_t position) const noexcept;
  size_t llama3_end(size_t position) const noexcept;

  std::string_view text_;
  size_t position_ = 0;
  bool is_gpt2_;
  bool ignores_case_;
  size_t max_numbers_;
};

}  // namespace maxsimd
