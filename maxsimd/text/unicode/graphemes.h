// Boundaries of extended grapheme clusters ("user-perceived characters"), as the Precompiled
// normalizer sees them (crate unicode-segmentation 1.13 inside Hugging Face `tokenizers` 0.23.3).
//
// Source: Unicode Standard Annex #29, rules GB3 to GB999; the classes were asked of the library
// (scripts/goldens/tokenizer_segment_tables.py). All functions are pure and safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace maxsimd {

/// The property Grapheme_Cluster_Break; carriage return and line feed are control here.
enum class GraphemeClass : uint8_t {
  other,
  control,
  prepend,
  extend,
  spacing_mark,
  joiner,  // U+200D
  leading_jamo,
  vowel_jamo,
  trailing_jamo,
  lv_syllable,
  lvt_syllable,
  regional_indicator
};

struct GraphemeProperties {
  GraphemeClass kind = GraphemeClass::other;
  bool is_pictograph = false;       // Extended_Pictographic
  bool is_indic_consonant = false;  // Indic_Conjunct_Break
  bool is_indic_linker = false;
  bool is_indic_extend = false;  // linkers too
};

GraphemeProperties grapheme_properties_of(char32_t code_point) noexcept;

/// The end of the cluster that begins at `position` (< size) of well-formed UTF-8.
size_t grapheme_end(std::string_view text, size_t position) noexcept;

}  // namespace maxsimd
