// Patterns that find parts of a text, for the Replace normalizer and the splitting pre-tokenizers.
//
// Regular expressions are read as Hugging Face reads them: Oniguruma's Ruby syntax (^ and $ match
// at every line, the dot matches no newline), with classes \w \s \d \p{..} from the tables of
// unicode/code_points.h and unicode/regex_scripts.inc, so that the Unicode version of the installed
// PCRE2 plays no part. A construct whose meaning could differ is a FormatError that names it.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "maxsimd/text/component_json.h"
#include "maxsimd/text/normalized_text.h"

namespace maxsimd {

/// Appends the matches in well-formed UTF-8 text: ascending, disjoint, possibly empty.
using TextPattern = std::function<void(std::string_view text, std::vector<TextSpan>& matches)>;

/// Occurrences of a literal; an empty one matches between all characters, as an empty regex does.
TextPattern literal_pattern(std::string literal);

/// Each single character for which `matches` is true.
TextPattern character_pattern(bool (*matches)(char32_t code_point));

/// Matches of a regular expression. Throws FormatError (starting with `where`) when it is malformed
/// or uses an unsupported construct. The pattern itself throws FormatError when one match takes
/// more than a million steps.
TextPattern regex_pattern(const std::string& regex, const std::string& where);

/// The "pattern" key of a component: {"String": ...} or {"Regex": ...}. Throws FormatError.
TextPattern make_text_pattern(const ComponentJson& json);

/// The PCRE2 pattern that means the same as an Oniguruma one. Throws FormatError.
std::string translate_oniguruma(const std::string& regex, const std::string& where);

}  // namespace maxsimd
