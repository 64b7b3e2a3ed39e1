// A text that is being rewritten while every byte keeps the range of the original text it came
// from: Hugging Face's NormalizedString, in UTF-8.
//
// Not thread-safe; one is made per encode() call.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "maxsimd/base/types.h"
#include "maxsimd/base/utf8.h"
#include "maxsimd/text/unicode/normal_forms.h"

namespace maxsimd {

/// A part of a text, in bytes: [begin, end).
struct TextSpan {
  size_t begin = 0;
  size_t end = 0;

  bool operator==(const TextSpan&) const = default;
};

class NormalizedText {
 public:
  NormalizedText() = default;
  /// The text as it is; ill-formed UTF-8 becomes U+FFFD, whose origin is the bytes it replaces.
  /// It begins `begin` bytes into the whole text. REQUIRES: the whole is less than 4 GiB.
  explicit NormalizedText(std::string_view original, size_t begin = 0);

  std::string_view text() const { return text_; }
  /// text() as code points.
  std::u32string code_points() const;
  /// The origin of each byte of text().
  std::span<const ByteRange> origins() const { return origins_; }
  /// Where this part of the original text begins, in bytes.
  size_t begin() const { return origin_begin_; }
  /// The bytes of the original text behind a non-empty part of text().
  ByteRange origin(TextSpan span) const {
    return {origins_[span.begin].begin, origins_[span.end - 1].end};
  }

  /// A copy of a part, which is then rewritten on its own.
  NormalizedText slice(TextSpan span) const;

  /// Replaces everything; between them `chars` must account for every source character.
  void rewrite(std::span<const RewrittenChar> chars);

  /// Replaces each code point c by those that edit_one(c, put) hands to put(code point); they all
  /// share the origin of c.
  template <class EditOne>
  void edit(EditOne edit_one) {
    NormalizedText edited;
    edited.text_.reserve(text_.size() + text_.size() / 8);
    edited.origins_.reserve(text_.size() + text_.size() / 8);
    for (size_t i = 0; i < text_.size();) {
      const Utf8Decoded decoded = decode_utf8(text_, i);
      const ByteRange origin = origins_[i];
      edit_one(decoded.code_point, [&edited, origin](char32_t c) { edited.append(c, origin); });
      i += decoded.length;
    }
    text_ = std::move(edited.text_);
    origins_ = std::move(edited.origins_);
  }

  /// Keeps the code points for which keep(c) is true.
  template <class Keep>
  void filter(Keep keep) {
    edit([&keep](char32_t c, auto put) {
      if (keep(c)) put(c);
    });
  }

  void to_normal_form(NormalForm form);
  void to_lowercase();                    // code point by code point, no final sigma
  void prepend(std::string_view prefix);  // no effect on an empty text
  void strip_whitespace(bool left, bool right);
  /// Replaces the given ascending, disjoint matches; new text has the origin of the byte before it.
  void replace(std::span<const TextSpan> matches, std::string_view content);

 private:
  void append(char32_t c, ByteRange origin) {
    append_utf8(text_, c);
    origins_.resize(text_.size(), origin);
  }

  std::string text_;                // well-formed UTF-8
  std::vector<ByteRange> origins_;  // one per byte of text_
  uint32_t origin_begin_ = 0;       // where this part of the original text begins
};

/// Lower case as Python's str.lower(): with the final-sigma rule.
void lowercase_like_python(NormalizedText& text);

}  // namespace maxsimd
