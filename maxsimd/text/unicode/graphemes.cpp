#include "maxsimd/text/unicode/graphemes.h"

#include <algorithm>
#include <iterator>

#include "maxsimd/base/utf8.h"

namespace maxsimd {
namespace {

struct Run {
  uint32_t first;
  uint32_t value;
};

#include "maxsimd/text/unicode/graphemes.inc"

constexpr uint32_t kClassBits = 15;
constexpr uint32_t kPictograph = 16;
constexpr uint32_t kIndicConsonant = 32;
constexpr uint32_t kIndicLinker = 64;
constexpr uint32_t kIndicExtend = 128;
constexpr char32_t kFirstSyllable = 0xAC00;
constexpr uint32_t kNumTrails = 28;

// What a cluster has been so far, as far as the rules look back.
class Cluster {
 public:
  explicit Cluster(char32_t c) { append(c, grapheme_properties_of(c)); }

  bool joins(char32_t c, const GraphemeProperties& next) const {
    using enum GraphemeClass;
    if (last_char_ == U'\r' && c == U'\n') return true;
    if (last_.kind == control || next.kind == control) return false;
    switch (next.kind) {
      case extend:
      case joiner:
      case spacing_mark:
        return true;
      case leading_jamo:
      case lv_syllable:
      case lvt_syllable:
        if (last_.kind == leading_jamo) return true;
        break;
      case vowel_jamo:
        if (last_.kind == leading_jamo || last_.kind == vowel_jamo || last_.kind == lv_syllable) {
          return true;
        }
        break;
      case trailing_jamo:
        if (last_.kind == vowel_jamo || last_.kind == trailing_jamo || last_.kind == lv_syllable ||
            last_.kind == lvt_syllable) {
          return true;
        }
        break;
      case regional_indicator:
        if (num_regional_ % 2 == 1) return true;
        break;
      default:
        break;
    }
    return last_.kind == prepend || (next.is_indic_consonant && is_linked_consonant_) ||
           (next.is_pictograph && is_joined_pictograph_);
  }

  void append(char32_t c, const GraphemeProperties& next) {
    using enum GraphemeClass;
    is_joined_pictograph_ = is_pictograph_ && next.kind == joiner;
    is_pictograph_ = next.is_pictograph || (is_pictograph_ && next.kind == extend);
    if (next.is_indic_consonant) {
      is_consonant_ = true;
      is_linked_consonant_ = false;
    } else if (!next.is_indic_extend) {
      is_consonant_ = false;
      is_linked_consonant_ = false;
    } else if (next.is_indic_linker) {
      is_linked_consonant_ = is_consonant_;
    }
    num_regional_ = next.kind == regional_indicator ? num_regional_ + 1 : 0;
    last_ = next;
    last_char_ = c;
  }

 private:
  GraphemeProperties last_;
  char32_t last_char_ = 0;
  size_t num_regional_ = 0;            // at the end
  bool is_pictograph_ = false;         // it ends with a pictograph and marks
  bool is_joined_pictograph_ = false;  // and then a joiner
  bool is_consonant_ = false;          // it ends with an Indic consonant and what extends it
  bool is_linked_consonant_ = false;   // a linker among that
};

}  // namespace

GraphemeProperties grapheme_properties_of(char32_t code_point) noexcept {
  const Run* const next =
      std::upper_bound(std::begin(kGraphemeRuns), std::end(kGraphemeRuns), code_point,
                       [](char32_t c, const Run& run) { return c < run.first; });
  const uint32_t bits = kGraphemePalette[(next - 1)->value];
  auto kind = static_cast<GraphemeClass>(bits & kClassBits);
  if (kind == GraphemeClass::lv_syllable && (code_point - kFirstSyllable) % kNumTrails != 0) {
    kind = GraphemeClass::lvt_syllable;
  }
  return {kind, (bits & kPictograph) != 0, (bits & kIndicConsonant) != 0,
          (bits & kIndicLinker) != 0, (bits & kIndicExtend) != 0};
}

size_t grapheme_end(std::string_view text, size_t position) noexcept {
  const Utf8Decoded first = decode_utf8(text, position);
  Cluster cluster(first.code_point);
  size_t end = position + first.length;
  while (end < text.size()) {
    const Utf8Decoded next = decode_utf8(text, end);
    const GraphemeProperties properties = grapheme_properties_of(next.code_point);
    if (!cluster.joins(next.code_point, properties)) break;
    cluster.append(next.code_point, properties);
    end += next.length;
  }
  return end;
}

}  // namespace maxsimd
