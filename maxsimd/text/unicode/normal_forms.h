// The four Unicode normal forms, with the record Hugging Face keeps of how each character came to
// be, so that offsets follow (crate unicode-normalization-alignments; Unicode 13 tables).
//
// Source: Unicode Standard Annex #15; section 3.11 for canonical ordering and composition.
// All functions are pure and safe from any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace maxsimd {

enum class NormalForm { nfc, nfd, nfkc, nfkd };

/// A character of a rewritten text, and what it did to the text before it:
///   change = 0   it stands for the next source character
///   change = 1   it is new, and shares the origin of the source character before it
///   change = -N  it stands for the next source character, and N more after that are gone
struct RewrittenChar {
  char32_t code_point = 0;
  int change = 0;
};

/// The text in a normal form. Changes stay with their characters when marks are reordered, as in
/// HF: origins then go by position.
std::vector<RewrittenChar> rewrite_in_normal_form(std::u32string_view text, NormalForm form);

/// Appends the full decomposition of one code point (itself if it has none), without reordering.
void append_decomposition(char32_t code_point, bool compatibility, std::u32string& out);

/// Whether text of such code points only is in NFC and stays as it is; false also for code points
/// where that is not looked up (above U+33FF, but for ideographs and Hangul syllables).
class NfcStable {
 public:
  NfcStable();
  bool operator()(char32_t c) const noexcept {
    if (c < kNumKnown) return is_stable_[c];
    return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0xAC00 && c <= 0xD7A3);
  }

 private:
  static constexpr char32_t kNumKnown = 0x3400;
  std::vector<bool> is_stable_;
};

/// The primary composite of two code points, if there is one.
std::optional<char32_t> compose(char32_t first, char32_t second) noexcept;

}  // namespace maxsimd
