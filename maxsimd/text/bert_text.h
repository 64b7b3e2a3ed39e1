// The fast path of BERT tokenizers (BertNormalizer, then BertPreTokenizer): what NormalizedText and
// the splitters do step by step, in one pass over the bytes. It gives the same bytes, origins and
// words, or declines and the caller takes the long way.
//
// Immutable; const methods are safe from any thread.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "maxsimd/base/types.h"
#include "maxsimd/text/normalizer.h"
#include "maxsimd/text/word_piece.h"

namespace maxsimd {

class BertText {
 public:
  explicit BertText(const BertNormalizerOptions& options);

  /// Rewrites `original`, which begins `base` bytes into the whole text. `origins` (one per byte of
  /// `text`) is left empty unless with_origins. Returns false, with `text` unfinished, for the rare
  /// texts that need reordering of marks or are not well-formed UTF-8.
  struct Output {
    std::string text;
    std::vector<ByteRange> origins;
  };
  bool normalize(std::string_view original, size_t base, bool with_origins, Output& out) const;

  /// Splits text[piece.begin, piece.end) into words and appends their tokens; stops behind the word
  /// that brings `tokens` to `enough`.
  void tokenize(std::string_view text, TextSpan piece, const WordPiece& model, size_t enough,
                std::vector<TextToken>& tokens) const;

 private:
  static constexpr char32_t kNumCached = 0x600;  // Latin, Greek, Cyrillic, Armenian, Hebrew
  static constexpr uint8_t kDeclines = 0xFF;

  // What becomes of one code point: up to seven bytes, or kDeclines.
  struct Rewritten {
    uint8_t length = 0;
    char bytes[7] = {};
  };
  enum class CharKind : uint8_t { word, space, punctuation };

  void append_ascii(std::string_view ascii, size_t begin, bool with_origins, Output& out) const;
  bool rewrite(char32_t c, std::u32string& scratch, std::string& out) const;
  static CharKind kind_of(char32_t c) noexcept;

  BertNormalizerOptions options_;
  std::array<Rewritten, kNumCached> rewritten_{};
  std::array<CharKind, kNumCached> kinds_{};
};

}  // namespace maxsimd
