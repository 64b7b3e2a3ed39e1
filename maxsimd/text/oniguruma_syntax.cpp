// translate_oniguruma(): a reader of the part of Oniguruma's Ruby syntax that tokenizers use, which
// writes a PCRE2 pattern of literals, explicit classes and the operators both have alike.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "maxsimd/text/regex_char_set.h"
#include "maxsimd/text/regex_reader.h"
#include "maxsimd/text/text_pattern.h"

namespace maxsimd {
namespace {

// PCRE2 takes 64 KiB when compiled, some 200 KiB of text; \w alone is 10 KB.
constexpr size_t kMaxPattern = 2 << 20;

class Translator {
 public:
  Translator(const std::string& regex, const std::string& where) : in_(regex, where) {}

  std::string translate() {
    while (!in_.at_end()) {
      if (out_.size() > kMaxPattern) in_.refuse("more sets of characters than one regex may");
      const char c = in_.peek();
      if (c == '\\') {
        escape();
      } else if (c == '[') {
        char_class();
      } else if (c == '(') {
        open_group();
      } else if (c == ')') {
        close_group();
      } else if (c == '*' || c == '+' || c == '?') {
        quantifier();
      } else if (c == '{') {
        interval();
      } else if (c == '.') {
        atom(std::string(1, in_.take()));
      } else if (c == '|' || c == '^' || c == '$') {
        out_ += in_.take();
        can_repeat_ = false;
      } else {
        literal(in_.take_char());
      }
    }
    return std::move(out_);
  }

 private:
  struct Group {
    size_t begin = 0;           // in out_
    bool ignores_case = false;  // inside
    bool is_plain = false;      // (?:...)
    bool looks = false;         // is a lookaround or holds one
  };

  bool ignores_case() const { return !groups_.empty() && groups_.back().ignores_case; }

  // What a quantifier behind it repeats.
  void atom(const std::string& pattern) {
    atom_ = out_.size();
    atom_looks_ = false;
    out_ += pattern;
    can_repeat_ = true;
  }

  // Without regard to case only ASCII is understood: its letters in both cases, and the long s and
  // the Kelvin sign. Oniguruma also takes some ligatures for two letters.
  void literal(char32_t c) {
    if (!ignores_case()) return atom(pcre2_char(c));
    if (c >= 0x80) in_.refuse("a character outside ASCII in (?i:...)");
    const bool is_letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
    if (!is_letter) return atom(pcre2_char(c));
    const auto lower = static_cast<char>(c | 0x20);
    const std::string pair = {last_letter_, lower};
    for (const char* ligature : {"ss", "st", "ff", "fi", "fl"}) {
      if (last_letter_end_ == out_.size() && pair == ligature) {
        in_.refuse(std::string("'") + ligature + "' in (?i:...), which matches a ligature");
      }
    }
    atom(pcre2_class(*without_case({{c, c}})));
    last_letter_ = lower;
    last_letter_end_ = out_.size();
  }

  void set(CharSet characters, bool negated) {
    if (ignores_case()) {
      auto folded = without_case(std::move(characters));
      if (!folded) in_.refuse("a set of characters outside ASCII in (?i:...)");
      characters = *std::move(folded);
    }
    atom(pcre2_class(negated ? complement(std::move(characters)) : characters));
  }

  void char_class() {
    in_.take();
    const bool negated = in_.skip("^");
    set(in_.class_items(negated), negated);
  }

  void word_boundary(bool negated) {
    const std::string word = pcre2_class(word_set(false, false));
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
    in_.take();
    const char32_t letter = in_.take_char();
    if (letter == 'b' || letter == 'B') return word_boundary(letter == 'B');
    if (letter == 'A' || letter == 'z' || letter == 'Z') {
      out_ += std::string("\\") + static_cast<char>(letter);
      can_repeat_ = false;
    } else if (auto characters = in_.escaped_set(letter, false)) {
      set(*std::move(characters), false);
    } else if (const auto c = in_.escaped_char(letter)) {
      literal(*c);
    } else {
      in_.refuse(std::string("the escape \\") + static_cast<char>(letter));
    }
  }

  // Two letters meet across the brackets of a group that is nothing but brackets.
  void bracket(const std::string& text, bool is_plain) {
    const bool joins = is_plain && last_letter_end_ == out_.size();
    out_ += text;
    if (joins) last_letter_end_ = out_.size();
  }

  // Groups need not capture, nor have a name: back references are not supported.
  void open_group() {
    in_.take();
    can_repeat_ = false;
    Group group{out_.size(), ignores_case()};
    std::string opening = "(?:";
    if (in_.skip("?i:")) {
      group.ignores_case = true;
    } else if (in_.skip("?-i:")) {
      group.ignores_case = false;
    } else if (in_.skip("?:")) {
      group.is_plain = true;
    } else if (in_.peek() == '?') {
      const std::string kind = group_kind();
      group.looks = kind.ends_with('=') || kind.ends_with('!');
      opening = std::string("(").append(kind);
    }
    bracket(opening, group.is_plain);
    groups_.push_back(group);
  }

  // A group with a question mark, as PCRE2 has it.
  std::string group_kind() {
    for (const char* kind : {"?=", "?!", "?<=", "?<!", "?>"}) {
      if (in_.skip(kind)) return kind;
    }
    in_.take();
    const bool is_quoted = in_.peek() == '\'';
    if (is_quoted || in_.peek() == '<') {
      in_.take();
      skip_name(is_quoted ? '\'' : '>');
      return "?:";
    }
    in_.refuse("a group of the kind (?" + std::string(1, in_.peek()));
  }

  void skip_name(char end) {
    size_t length = 0;
    for (;; ++length) {
      const char c = in_.peek();
      const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
      if (!is_letter && (length == 0 || c < '0' || c > '9')) break;
      in_.take();
    }
    const char ending[] = {end, '\0'};
    if (length == 0 || !in_.skip(ending)) in_.refuse("a group name that is not letters and digits");
  }

  void close_group() {
    if (groups_.empty()) in_.refuse("a ')' without a '('");
    in_.take();
    bracket(")", groups_.back().is_plain);
    atom_ = groups_.back().begin;
    atom_looks_ = groups_.back().looks;
    can_repeat_ = true;
    groups_.pop_back();
    if (atom_looks_ && !groups_.empty()) groups_.back().looks = true;
  }

  void quantifier() {
    if (!can_repeat_) in_.refuse("a quantifier with nothing to repeat");
    out_ += in_.take();
    if (in_.peek() == '?' || in_.peek() == '+') out_ += in_.take();
    can_repeat_ = false;  // a quantifier of a quantifier
  }

  std::optional<std::string> number() {
    std::string digits;
    while (in_.peek() >= '0' && in_.peek() <= '9') digits += in_.take();
    if (digits.empty()) return std::nullopt;
    if (digits.size() > 4) in_.refuse("a repetition of 10000 or more");
    return digits;
  }

  // {n} {n,} {n,m} {,m}; anything else is a literal brace.
  void interval() {
    in_.take();
    const size_t mark = in_.position();
    const auto low = number();
    const bool has_comma = in_.skip(",");
    const auto high = has_comma ? number() : std::nullopt;
    if ((!low && !high) || !in_.skip("}")) {
      in_.go_back_to(mark);
      return atom(pcre2_char('{'));
    }
    if (!can_repeat_) in_.refuse("a quantifier with nothing to repeat");
    // Oniguruma does not match "a " with (?:(?!\s)a?){2}\s, for all that one a? can be empty.
    if (atom_looks_) in_.refuse("a {..} behind a group with a lookaround");
    out_.append("{").append(low.value_or("0"));
    if (has_comma) out_.append(",").append(high.value_or(""));
    out_.append("}");
    can_repeat_ = false;
    // {n,m}+ is not possessive but repeats what it repeats, and {n}? makes that optional; only
    // {n,m}? is lazy.
    if (in_.peek() == '+' || (in_.peek() == '?' && !has_comma)) {
      out_.insert(atom_, "(?:");
      out_ += ")";
      out_ += in_.take();
    } else if (in_.peek() == '?') {
      out_ += in_.take();
    }
  }

  RegexReader in_;
  std::string out_;
  bool can_repeat_ = false;
  size_t atom_ = 0;             // where in out_ that begins which can be repeated
  bool atom_looks_ = false;     // it is a group with a lookaround
  std::vector<Group> groups_;   // that are open
  char last_letter_ = '\0';     // written without regard to case, up to last_letter_end_
  size_t last_letter_end_ = 0;  // in out_
};

}  // namespace

std::string translate_oniguruma(const std::string& regex, const std::string& where) {
  return Translator(regex, where).translate();
}

}  // namespace maxsimd
