// Sets of code points as regexes write them: \w, \p{Lu}, \p{Han}, [a-f]; by the tables of
// unicode/code_points.h and unicode/regex_scripts.inc.
#pragma once

#include <optional>
#include <string>
#include <string_view>
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

/// \p{name} of any property: a category or POSIX class by its short or long name, or a script;
/// `name` is normalized (lower case, without ' ', '-' and '_'); nothing for other names.
std::optional<CharSet> named_set(const std::string& name, bool negated);
/// \p{name} of a script, as "han" or "hani"; nothing for other names.
std::optional<CharSet> script_set(std::string_view name);
/// A POSIX class: [[:name:]], or \p{name} (`is_property`), which differs for punct and word;
/// nothing for other names.
std::optional<CharSet> posix_set(const std::string& name, bool is_property, bool negated);
/// All code points that are not in the set, which need not be in order; ascending.
CharSet complement(CharSet set);
/// The code points in both sets; ascending.
CharSet intersection(CharSet a, CharSet b);
/// The set with ASCII letters in both cases (k with the Kelvin sign, s with the long s), as
/// Oniguruma takes a class in (?i:...); nothing if it holds characters outside ASCII that may have
/// a case.
std::optional<CharSet> without_case(CharSet set);

/// A code point as PCRE2 reads it: \x{1F600}.
std::string pcre2_char(char32_t c);
/// The set as a PCRE2 class; of an empty one, what never matches.
std::string pcre2_class(const CharSet& set);

}  // namespace maxsimd
