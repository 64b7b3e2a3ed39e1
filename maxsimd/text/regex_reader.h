// Reads a regular expression in Oniguruma's Ruby syntax, character by character: escapes, and
// classes as sets of code points.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "maxsimd/text/regex_char_set.h"

namespace maxsimd {

class RegexReader {
 public:
  /// Both strings must outlive it; `where` begins every error. Throws FormatError when the regex is
  /// not well-formed UTF-8.
  RegexReader(const std::string& regex, const std::string& where);

  bool at_end() const { return position_ >= regex_.size(); }
  size_t position() const { return position_; }
  void go_back_to(size_t position) { position_ = position; }
  /// The byte that is `ahead`; 0 behind the end.
  char peek(size_t ahead = 0) const {
    return position_ + ahead < regex_.size() ? regex_[position_ + ahead] : '\0';
  }
  char take() { return regex_[position_++]; }
  /// A whole character. Throws FormatError at the end.
  char32_t take_char();
  /// Takes what is expected, if it comes next.
  bool skip(std::string_view expected);

  /// The single character of an escape whose letter has been taken, if it is one.
  std::optional<char32_t> escaped_char(char32_t letter);
  /// The set of \w \W \s \S \d \D \h \H \p{..} \P{..}, if the letter, which has been taken, names
  /// one.
  std::optional<CharSet> escaped_set(char32_t letter, bool in_brackets);
  /// What a class holds, up to and with its closing bracket; its "[" or "[^" has been taken.
  /// `negated` says that it is to be negated, which is left to the caller.
  CharSet class_items(bool negated) {
    loses_range_ = false;
    return class_items(negated, 0);
  }

  /// Throws FormatError: `what` is not supported.
  [[noreturn]] void refuse(const std::string& what) const;

 private:
  char32_t hex_digits(size_t least, size_t most);
  CharSet property_set(bool negated);
  CharSet class_items(bool negated, int depth);
  std::optional<CharSet> class_set(int depth);
  char32_t class_char();
  bool at_and() const { return peek() == '&' && peek(1) == '&'; }

  const std::string& regex_;
  const std::string& where_;
  size_t position_ = 0;
  bool loses_range_ = false;  // the class holds a negated one without characters outside ASCII
};

}  // namespace maxsimd
