// translate_oniguruma(): a reader of the part of Oniguruma's Ruby syntax that tokenizers use, which
// writes a PCRE2 pattern of literals, explicit classes and the operators both have alike.
#include <optional>
#include <string>
#include <vector>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/utf8.h"
#include "maxsimd/text/regex_char_set.h"
#include "maxsimd/text/text_pattern.h"
#include "maxsimd/text/unicode/code_points.h"

namespace maxsimd {
namespace {

class Translator {
 public:
  Translator(const std::string& regex, const std::string& where) : regex_(regex), where_(where) {
    if (const auto bad = find_invalid_utf8(regex)) {
      throw FormatError(where + ": a regex holds ill-formed UTF-8 at byte " + std::to_string(*bad));
    }
  }

  std::string translate() {
    while (!at_end()) {
      const char c = peek();
      if (c == '\\') {
        escape();
      } else if (c == '[') {
        out_ += char_class();
        can_repeat_ = true;
      } else if (c == '(') {
        open_group();
      } else if (c == '*' || c == '+' || c == '?') {
        quantifier();
      } else if (c == '{') {
        interval();
      } else if (c == ')' || c == '.') {
        if (c == ')' && !ignores_case_.empty()) ignores_case_.pop_back();
        out_ += take();
        can_repeat_ = true;
      } else if (c == '|' || c == '^' || c == '$') {
        out_ += take();
        can_repeat_ = false;
      } else {
        literal(take_char());
        can_repeat_ = true;
      }
    }
    return std::move(out_);
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw FormatError(where_ + ": regex '" + regex_ + "' uses " + what + " (before byte " +
                      std::to_string(position_) + "), which is not supported");
  }

  bool at_end() const { return position_ >= regex_.size(); }
  char peek(size_t ahead = 0) const {
    return position_ + ahead < regex_.size() ? regex_[position_ + ahead] : '\0';
  }
  char take() { return regex_[position_++]; }
  char32_t take_char() {
    if (at_end()) refuse("an unfinished construct");
    const Utf8Decoded decoded = decode_utf8(regex_, position_);
    position_ += decoded.length;
    return decoded.code_point;
  }
  bool skip(std::string_view expected) {
    if (!std::string_view(regex_).substr(position_).starts_with(expected)) return false;
    position_ += expected.size();
    return true;
  }

  bool ignores_case() const { return !ignores_case_.empty() && ignores_case_.back(); }

  // Without regard to case only ASCII is understood: its letters in both cases, and the long s and
  // the Kelvin sign. Oniguruma also takes some ligatures for two letters.
  void literal(char32_t c) {
    if (!ignores_case()) {
      out_ += pcre2_char(c);
      return;
    }
    if (c >= 0x80) refuse("a character outside ASCII in (?i:...)");
    const bool is_letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
    if (!is_letter) {
      out_ += pcre2_char(c);
      return;
    }
    const auto lower = static_cast<char>(c | 0x20);
    const std::string pair = {last_letter_, lower};
    for (const char* ligature : {"ss", "st", "ff", "fi", "fl"}) {
      if (last_letter_end_ == out_.size() && pair == ligature) {
        refuse(std::string("'") + ligature + "' in (?i:...), which matches a ligature");
      }
    }
    out_.append("[").append(pcre2_char(c | 0x20)).append(pcre2_char(c & ~char32_t{0x20}));
    if (lower == 's') out_ += pcre2_char(0x17F);
    if (lower == 'k') out_ += pcre2_char(0x212A);
    out_ += "]";
    last_letter_ = lower;
    last_letter_end_ = out_.size();
  }

  // Digits of a code point: \xHH, \x{H...}, \uHHHH.
  char32_t hex_digits(size_t least, size_t most) {
    char32_t value = 0;
    size_t count = 0;
    for (; count < most; ++count) {
      const char c = peek();
      const bool is_digit = c >= '0' && c <= '9';
      const bool is_letter = (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
      if (!is_digit && !is_letter) break;
      const int digit = is_digit ? c - '0' : (c | 0x20) - 'a' + 10;
      value = value * 16 + static_cast<char32_t>(digit);
      ++position_;
    }
    if (count < least || value > kLastCodePoint) refuse("a malformed hexadecimal escape");
    return value;
  }

  // The single character of an escape whose letter has been taken, if it is one.
  std::optional<char32_t> escaped_char(char32_t letter) {
    switch (letter) {
      case 'n':
        return '\n';
      case 'r':
        return '\r';
      case 't':
        return '\t';
      case 'f':
        return '\f';
      case 'v':
        return '\v';
      case 'a':
        return '\a';
      case 'e':
        return 0x1B;
      case 'u':
        return hex_digits(4, 4);
      case 'x': {
        if (skip("{")) {
          const char32_t value = hex_digits(1, 6);
          if (!skip("}")) refuse("a malformed hexadecimal escape");
          return value;
        }
        const char32_t value = hex_digits(1, 2);
        if (value >= 0x80) refuse("a byte escape of 0x80 or more");
        return value;
      }
      default:
        break;
    }
    const bool is_alnum = (letter >= '0' && letter <= '9') ||
                          ((letter | 0x20) >= 'a' && (letter | 0x20) <= 'z' && letter < 0x80);
    return is_alnum ? std::nullopt : std::optional(letter);
  }

  // The set of \w \W \s \S \d \D \p{..} \P{..}, if the letter names one.
  std::optional<CharSet> escaped_set(char32_t letter, bool in_brackets) {
    switch (letter) {
      case 'w':
      case 'W':
        return word_set(in_brackets, letter == 'W');
      case 's':
      case 'S':
        return space_set(letter == 'S');
      case 'd':
      case 'D':
        return digit_set(letter == 'D');
      case 'p':
      case 'P':
        return property_set(letter == 'P');
      default:
        return std::nullopt;
    }
  }

  CharSet property_set(bool negated) {
    if (!skip("{")) refuse("\\p without braces");
    if (skip("^")) negated = !negated;
    std::string name;
    while (!at_end() && peek() != '}') {
      const char c = take();
      name.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c);
    }
    if (!skip("}")) refuse("an unfinished \\p{");
    auto set = category_set(name, negated);
    if (!set) refuse("the property \\p{" + name + "}");
    return *std::move(set);
  }

  void word_boundary(bool negated) {
    std::string word = "[";
    append_pcre2_set(word, word_set(false, false));
    word += "]";
    const std::string here = negated ? "(?=" : "(?!";
    const std::string other = negated ? "(?!" : "(?=";
    for (const std::string& part :
         {std::string("(?:(?<="), word, std::string(")"), here, word, std::string(")|(?<!"), word,
          std::string(")"), other, word, std::string("))")}) {
      out_ += part;
    }
    can_repeat_ = false;
  }

  void escape() {
    take();
    const char32_t letter = take_char();
    if (letter == 'b' || letter == 'B') return word_boundary(letter == 'B');
    if (letter == 'A' || letter == 'z' || letter == 'Z') {
      out_ += std::string("\\") + static_cast<char>(letter);
      can_repeat_ = false;
      return;
    }
    if (const auto set = escaped_set(letter, false)) {
      if (ignores_case()) refuse("a set of characters in (?i:...)");
      out_ += "[";
      append_pcre2_set(out_, *set);
      out_ += "]";
    } else if (const auto c = escaped_char(letter)) {
      literal(*c);
    } else {
      refuse(std::string("the escape \\") + static_cast<char>(letter));
    }
    can_repeat_ = true;
  }

  std::string char_class() {
    if (ignores_case()) refuse("a set of characters in (?i:...)");
    take();
    std::string out = skip("^") ? "[^" : "[";
    CharSet set;
    bool last_is_single = false;  // the item before may begin a range
    bool is_first = true;
    for (;; is_first = false) {
      if (at_end()) refuse("an unfinished character class");
      if (peek() == ']' && !is_first) break;
      if (peek() == '[') refuse("a set or POSIX bracket inside a character class");
      if (peek() == '&' && peek(1) == '&') refuse("&& in a character class");
      if (peek() == '-' && !is_first && peek(1) != ']') {
        if (!last_is_single) refuse("a '-' behind a class or range");
        take();
        set.back().last = class_char();
        if (set.back().last < set.back().first) refuse("an empty range");
        last_is_single = false;
        continue;
      }
      if (peek() == '\\') {
        const size_t mark = position_;
        take();
        if (const auto escaped = escaped_set(take_char(), true)) {
          set.insert(set.end(), escaped->begin(), escaped->end());
          last_is_single = false;
          continue;
        }
        position_ = mark;
      }
      const char32_t c = class_char();
      set.push_back({c, c});
      last_is_single = true;
    }
    take();
    append_pcre2_set(out, set);
    return out + "]";
  }

  char32_t class_char() {
    const char32_t c = take_char();
    if (c == '[') refuse("a set or POSIX bracket inside a character class");
    if (c != '\\') return c;
    const char32_t letter = take_char();
    const auto escaped = escaped_char(letter);
    if (!escaped) refuse("an escape that is not supported in a character class");
    return *escaped;
  }

  // Groups need not capture: back references are not supported.
  void open_group() {
    take();
    can_repeat_ = false;
    if (skip("?i:") || skip("?-i:")) {
      ignores_case_.push_back(regex_[position_ - 2] == 'i' && regex_[position_ - 3] == '?');
      out_ += "(?:";
      return;
    }
    ignores_case_.push_back(ignores_case());
    if (!skip("?")) {
      out_ += "(?:";
      return;
    }
    for (const char* kind : {":", "=", "!", "<=", "<!", ">"}) {
      if (skip(kind)) {
        out_ += std::string("(?") + kind;
        return;
      }
    }
    refuse("a group of the kind (?" + std::string(1, peek()));
  }

  void quantifier() {
    if (!can_repeat_) refuse("a quantifier with nothing to repeat");
    out_ += take();
    if (peek() == '?' || peek() == '+') out_ += take();
    can_repeat_ = false;  // a quantifier of a quantifier
  }

  std::optional<std::string> number() {
    std::string digits;
    while (peek() >= '0' && peek() <= '9') digits += take();
    if (digits.empty()) return std::nullopt;
    if (digits.size() > 4) refuse("a repetition of 10000 or more");
    return digits;
  }

  // {n} {n,} {n,m} {,m}; anything else is a literal brace.
  void interval() {
    const size_t mark = position_;
    take();
    const auto low = number();
    const bool has_comma = skip(",");
    const auto high = has_comma ? number() : std::nullopt;
    if ((!low && !high) || !skip("}")) {
      position_ = mark + 1;
      out_ += pcre2_char('{');
      can_repeat_ = true;
      return;
    }
    if (!can_repeat_) refuse("a quantifier with nothing to repeat");
    out_.append("{").append(low.value_or("0"));
    if (has_comma) out_.append(",").append(high.value_or(""));
    out_.append("}");
    can_repeat_ = false;
    if (peek() == '+') refuse("{..}+");
    if (peek() == '?') {
      if (!has_comma) refuse("{n}?");
      out_ += take();
    }
  }

  const std::string& regex_;
  const std::string& where_;
  std::string out_;
  size_t position_ = 0;
  bool can_repeat_ = false;
  std::vector<bool> ignores_case_;  // of the groups that are open
  char last_letter_ = '\0';         // written without regard to case, up to last_letter_end_
  size_t last_letter_end_ = 0;      // in out_
};

}  // namespace

std::string translate_oniguruma(const std::string& regex, const std::string& where) {
  return Translator(regex, where).translate();
}

}  // namespace maxsimd
