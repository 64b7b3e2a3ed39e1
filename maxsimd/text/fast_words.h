// The fast ways from a normalized text to tokens, for pre-tokenizers and models that go together:
// words are found in one pass over the bytes, without a copy of the text, and the tokens of common
// words are remembered. They give what the pre-tokenizer and the model give one after the other.
//
// Thread rule: const methods are safe from any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>
#include <vector>

#include "maxsimd/base/types.h"
#include "maxsimd/text/pre_tokenizer.h"
#include "maxsimd/text/token_model.h"

namespace maxsimd {

/// A part of a text after the normalizer, which did nothing to it or recorded where each byte is
/// from.
class FastSection {
 public:
  /// A part of the original text as it is; it begins `base` bytes into it.
  FastSection(std::string_view text, size_t base) : text_(text), base_(base) {}
  explicit FastSection(const NormalizedText& normalized)
      : text_(normalized.text()), origins_(normalized.origins()) {}

  std::string_view text() const { return text_; }
  /// The bytes of the original text behind the characters that hold text()[begin, end), which is
  /// not empty.
  ByteRange origin(size_t begin, size_t end) const noexcept {
    if (!origins_.empty()) return {origins_[begin].begin, origins_[end - 1].end};
    while (begin > 0 && continues(begin)) --begin;
    while (end < text_.size() && continues(end)) ++end;
    return {static_cast<uint32_t>(base_ + begin), static_cast<uint32_t>(base_ + end)};
  }

 private:
  bool continues(size_t i) const noexcept {
    return (static_cast<uint8_t>(text_[i]) & 0xC0U) == 0x80;
  }

  std::string_view text_;
  size_t base_ = 0;
  std::span<const ByteRange> origins_;
};

/// Where the tokens go.
struct FastOutput {
  std::vector<int32_t>& ids;
  std::vector<ByteRange>* offsets = nullptr;  // nullptr = not wanted
  size_t enough = SIZE_MAX;                   // stop behind the word that brings `ids` to it
};

class FastWords {
 public:
  virtual ~FastWords() = default;
  /// Appends the tokens of a part of a section, which no added token interrupts.
  virtual void tokenize(const FastSection& section, TextSpan piece, FastOutput& out) const = 0;
};

/// The fast way for a pre-tokenizer and a model, or nullptr. Must not outlive the model.
std::unique_ptr<FastWords> make_fast_words(const PreTokenizer* pre_tokenizer,
                                           const TokenModel& model);

}  // namespace maxsimd
