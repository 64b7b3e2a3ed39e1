// Sets of code points as regexes write them: \w, \p{Lu}, [a-f]; by the tables of
// unicode/code_points.h.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace maxsimd {

struct CharRange {
  char32_t first = 0;
  char32_t last = 0;
};
using CharSet = std::vector<CharRange>;

/// Oniguruma's \w (or \W). It is smaller inside brackets: there Oniguruma leaves out the digits and
/// fractions of Latin-1 (superscript two, a half, ...), which are \w outside.
CharSet word_set(bool in_brackets, bool negated);
CharSet space_set(bool negated);  // \s
CharSet digit_set(bool negated);  // \d
/// \p{name} of a general category, "lu" or all that begin with "l"; nothing for other names.
std::optional<CharSet> category_set(const std::string& lowercase_name, bool negated);

/// A POSIX class: [[:name:]], or \p{name} (`is_property`), which differs for punct and word;
/// nothing for other names.
std::optional<CharSet> posix_set(const std::string& name, bool is_property, bool negated);
/// All code points that are not in the set, which need not be in order.
CharSet complement(CharSet set);

/// A code point as PCRE2 reads it: \x{1F600}.
std::string pcre2_char(char32_t c);
/// Appends the set as PCRE2 reads it between brackets.
void append_pcre2_set(std::string& out, const CharSet& set);

}  // namespace maxsimd
