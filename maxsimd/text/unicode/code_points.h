// What one code point is, exactly as Hugging Face `tokenizers` 0.23.3 sees it.
//
// HF mixes several Unicode versions (a crate of Unicode 8 for punctuation, control and nonspacing
// marks, one of Unicode 13 for the normal forms, the Rust standard library for white space and
// case, Oniguruma for regexes), so the tables are not of a Unicode version: they were asked of the
// library code point by code point (scripts/goldens/tokenizer_unicode_tables.py).
//
// All functions are pure and safe from any thread.
#pragma once

#include <cstdint>

namespace maxsimd {

inline constexpr char32_t kLastCodePoint = 0x10FFFF;

/// Unicode general categories, in the order of the tables. Cn = unassigned.
enum class GeneralCategory : uint8_t {
  Cn,
  Lu,
  Ll,
  Lt,
  Lm,
  Lo,
  Mn,
  Mc,
  Me,
  Nd,
  Nl,
  No,
  Pc,
  Pd,
  Ps,
  Pe,
  Pi,
  Pf,
  Po,
  Sm,
  Sc,
  Sk,
  So,
  Zs,
  Zl,
  Zp,
  Cc,
  Cf,
  Co
};
inline constexpr int kNumGeneralCategories = 29;

/// The properties of one code point.
class CodePointProperties {
 public:
  explicit constexpr CodePointProperties(uint32_t bits = 0) : bits_(bits) {}

  bool is_whitespace() const { return has(0); }       // Rust char::is_whitespace, regex \s
  bool is_punctuation() const { return has(1); }      // ASCII punctuation or category P
  bool is_other() const { return has(2); }            // category C as BertNormalizer has it
  bool is_nonspacing_mark() const { return has(3); }  // category Mn, what BertNormalizer strips
  bool is_combining_mark() const { return has(4); }   // category M, what StripAccents strips
  bool is_numeric() const { return has(5); }          // Rust char::is_numeric
  bool is_word() const { return has(6); }             // \w of Rust's regex crate
  bool is_regex_word() const { return has(7); }       // \w of Oniguruma
  bool is_cased() const { return has(8); }            // Cased, by Python's str.lower()
  bool is_case_ignorable() const { return has(9); }   // Case_Ignorable, likewise
  bool is_regex_alpha() const { return has(10); }     // [[:alpha:]] of Oniguruma
  bool is_regex_lower() const { return has(11); }     // [[:lower:]]
  bool is_regex_upper() const { return has(12); }     // [[:upper:]]
  GeneralCategory category() const { return static_cast<GeneralCategory>(bits_ >> 16); }

 private:
  bool has(int bit) const { return (bits_ >> bit & 1U) != 0; }
  uint32_t bits_;
};

CodePointProperties properties_of(char32_t code_point) noexcept;

/// A maximal range of code points with equal properties, for walking all of them in order.
struct PropertyRange {
  char32_t first = 0;
  char32_t last = 0;
  CodePointProperties properties;
};
/// Number of such ranges, and the i-th of them; together they cover U+0000 .. U+10FFFF.
int num_property_ranges() noexcept;
PropertyRange property_range(int i) noexcept;

/// Canonical combining class; 0 = a starter.
uint8_t combining_class(char32_t code_point) noexcept;

/// Lower case of one code point, without context (no final sigma); second is 0 but for U+0130.
struct LowercaseForm {
  char32_t first = 0;
  char32_t second = 0;
};
LowercaseForm lowercase_of(char32_t code_point) noexcept;

}  // namespace maxsimd
