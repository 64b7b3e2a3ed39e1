// The Precompiled normalizer: SentencePiece's table of replacements ("charsmap"), by Hugging Face's
// rules: a grapheme cluster of less than six bytes is replaced as a whole by what its shortest
// prefix in the table maps to, longer ones character by character.
//
// Format: uint32 size in bytes of a trie, the trie (a double array of uint32, darts-clone), then
// the replacements, each ended by a zero byte; little endian. Sources: Kudo and Richardson 2018,
// "SentencePiece"; Yata's darts-clone; HF normalizers/precompiled.
//
// Immutable; const methods are safe from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "maxsimd/text/normalized_text.h"

namespace maxsimd {

class Charsmap {
 public:
  /// Throws FormatError, starting with `where`.
  Charsmap(std::string_view bytes, const std::string& where);

  /// What the shortest prefix of `text` that is in the table maps to.
  std::optional<std::string_view> find(std::string_view text) const noexcept;
  void apply(NormalizedText& text) const;
  /// Whether apply() surely changes nothing.
  bool keeps(std::string_view text) const noexcept;

 private:
  static constexpr char32_t kNumKnown = 0x3000;

  bool is_kept(char32_t c) const noexcept;

  std::vector<uint32_t> units_;
  std::string replacements_;
  std::vector<bool> is_kept_;  // of the first code points: in no replacement and in no cluster
};

/// Decodes base64 (RFC 4648, with padding); nothing if it is not that.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace maxsimd
