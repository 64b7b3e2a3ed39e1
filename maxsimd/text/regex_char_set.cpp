#include "maxsimd/text/regex_char_set.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "maxsimd/text/unicode/code_points.h"

namespace maxsimd {
namespace {

constexpr char32_t kFirstSurrogate = 0xD800;
constexpr char32_t kLastSurrogate = 0xDFFF;

template <class Predicate>
CharSet set_where(Predicate holds) {
  CharSet set;
  for (int i = 0; i < num_property_ranges(); ++i) {
    const PropertyRange range = property_range(i);
    if (!holds(range)) continue;
    if (!set.empty() && set.back().last + 1 == range.first) {
      set.back().last = range.last;
    } else {
      set.push_back({range.first, range.last});
    }
  }
  return set;
}

constexpr std::array<std::string_view, kNumGeneralCategories> kCategoryNames = {
    "cn", "lu", "ll", "lt", "lm", "lo", "mn", "mc", "me", "nd", "nl", "no", "pc", "pd", "ps",
    "pe", "pi", "pf", "po", "sm", "sc", "sk", "so", "zs", "zl", "zp", "cc", "cf", "co"};

CharSet cased_letters() {
  return set_where([](const PropertyRange& range) {
    const GeneralCategory category = range.properties.category();
    return category >= GeneralCategory::Lu && category <= GeneralCategory::Lt;
  });
}

// Whether no character of the range can have a case: white space, digits, punctuation, controls.
bool has_no_case(const CharRange& characters) {
  for (int i = 0; i < num_property_ranges(); ++i) {
    const PropertyRange range = property_range(i);
    if (range.last < characters.first || range.first > characters.last) continue;
    const GeneralCategory category = range.properties.category();
    const bool is_caseless = category == GeneralCategory::Nd ||
                             (category >= GeneralCategory::Pc && category <= GeneralCategory::Sk) ||
                             (category >= GeneralCategory::Zs && category <= GeneralCategory::Cc);
    if (!is_caseless) return false;
  }
  return true;
}

}  // namespace

CharSet word_set(bool in_brackets, bool negated) {
  return set_where([in_brackets, negated](const PropertyRange& range) {
    const bool is_left_out =
        in_brackets && range.last < 0x100 && range.properties.category() == GeneralCategory::No;
    return (range.properties.is_regex_word() && !is_left_out) != negated;
  });
}

CharSet space_set(bool negated) {
  return set_where([negated](const PropertyRange& range) {
    return range.properties.is_whitespace() != negated;
  });
}

CharSet digit_set(bool negated) {
  return set_where([negated](const PropertyRange& range) {
    return (range.properties.category() == GeneralCategory::Nd) != negated;
  });
}

std::optional<CharSet> category_set(const std::string& name, bool negated) {
  std::array<bool, kNumGeneralCategories> wanted{};
  bool is_known = false;
  for (size_t i = 0; i < kCategoryNames.size(); ++i) {
    wanted[i] = kCategoryNames[i] == name || (name.size() == 1 && kCategoryNames[i][0] == name[0]);
    is_known = is_known || wanted[i];
  }
  if (!is_known) return std::nullopt;
  return set_where([&wanted, negated](const PropertyRange& range) {
    return wanted[static_cast<size_t>(range.properties.category())] != negated;
  });
}

std::optional<CharSet> posix_set(const std::string& name, bool is_property, bool negated) {
  using enum GeneralCategory;
  if (name == "word") return word_set(!is_property, negated);
  if (name == "space") return space_set(negated);
  if (name == "digit") return digit_set(negated);
  const auto ascii = [negated](CharSet set) { return negated ? complement(std::move(set)) : set; };
  if (name == "ascii") return ascii({{0, 0x7F}});
  if (name == "xdigit") return ascii({{'0', '9'}, {'A', 'F'}, {'a', 'f'}});
  const auto holds = [&](const PropertyRange& range) -> std::optional<bool> {
    const CodePointProperties properties = range.properties;
    const GeneralCategory category = properties.category();
    const bool is_space = category >= Zs && category <= Zp;
    const bool is_graphic = category != Cn && category != Cc && !is_space;
    if (name == "alpha") return properties.is_regex_alpha();
    if (name == "alnum") return properties.is_regex_alpha() || category == Nd;
    if (name == "lower") return properties.is_regex_lower();
    if (name == "upper") return properties.is_regex_upper();
    if (name == "cntrl") return category == Cc;
    if (name == "graph") return is_graphic;
    if (name == "print") return is_graphic || category == Zs;
    if (name == "punct") return category >= Pc && category <= (is_property ? Po : So);
    if (name == "blank") return category == Zs;
    return std::nullopt;
  };
  if (!holds(property_range(0))) return std::nullopt;
  if (name == "blank") {
    CharSet blank = set_where([&](const PropertyRange& range) { return *holds(range); });
    blank.push_back({'\t', '\t'});
    return ascii(std::move(blank));
  }
  return set_where([&](const PropertyRange& range) { return *holds(range) != negated; });
}

std::optional<CharSet> named_set(const std::string& name, bool negated) {
  constexpr std::pair<std::string_view, std::string_view> kLongNames[] = {
      {"letter", "l"},
      {"uppercaseletter", "lu"},
      {"lowercaseletter", "ll"},
      {"titlecaseletter", "lt"},
      {"modifierletter", "lm"},
      {"otherletter", "lo"},
      {"mark", "m"},
      {"combiningmark", "m"},
      {"nonspacingmark", "mn"},
      {"spacingmark", "mc"},
      {"enclosingmark", "me"},
      {"number", "n"},
      {"decimalnumber", "nd"},
      {"letternumber", "nl"},
      {"othernumber", "no"},
      {"punctuation", "p"},
      {"connectorpunctuation", "pc"},
      {"dashpunctuation", "pd"},
      {"openpunctuation", "ps"},
      {"closepunctuation", "pe"},
      {"initialpunctuation", "pi"},
      {"finalpunctuation", "pf"},
      {"otherpunctuation", "po"},
      {"symbol", "s"},
      {"mathsymbol", "sm"},
      {"currencysymbol", "sc"},
      {"modifiersymbol", "sk"},
      {"othersymbol", "so"},
      {"separator", "z"},
      {"spaceseparator", "zs"},
      {"lineseparator", "zl"},
      {"paragraphseparator", "zp"},
      {"other", "c"},
      {"control", "cc"},
      {"format", "cf"},
      {"privateuse", "co"},
      {"unassigned", "cn"},
      {"alphabetic", "alpha"},
      {"lowercase", "lower"},
      {"uppercase", "upper"},
      {"whitespace", "space"}};
  std::string known = name;
  for (const auto& [long_name, short_name] : kLongNames) {
    if (name == long_name) known = short_name;
  }
  if (auto set = category_set(known, negated)) return set;
  if (auto set = posix_set(known, true, negated)) return set;
  if (known == "assigned") return category_set("cn", !negated);
  std::optional<CharSet> set = script_set(known);
  if (known == "any") set = CharSet{{0, kLastCodePoint}};
  if (known == "lc" || known == "casedletter") set = cased_letters();
  return set && negated ? complement(*std::move(set)) : set;
}

CharSet complement(CharSet set) {
  std::sort(set.begin(), set.end(),
            [](const CharRange& a, const CharRange& b) { return a.first < b.first; });
  CharSet rest;
  char32_t next = 0;  // the first code point that no range so far holds
  for (const CharRange& range : set) {
    if (range.first > next) rest.push_back({next, range.first - 1});
    next = std::max<char32_t>(next, range.last + 1);
  }
  if (next <= kLastCodePoint) rest.push_back({next, kLastCodePoint});
  return rest;
}

CharSet intersection(CharSet a, CharSet b) {
  CharSet outside = complement(std::move(a));
  const CharSet outside_b = complement(std::move(b));
  outside.insert(outside.end(), outside_b.begin(), outside_b.end());
  return complement(std::move(outside));
}

std::optional<CharSet> without_case(CharSet set) {
  constexpr CharRange kOutsideAscii = {0x80, kLastCodePoint};
  for (const CharRange& range : intersection(set, {kOutsideAscii})) {
    if (!has_no_case(range)) return std::nullopt;
  }
  constexpr char32_t kLongS = 0x17F;
  constexpr char32_t kKelvin = 0x212A;
  constexpr char32_t kToUpper = 'a' - 'A';
  for (const CharRange& range : intersection(set, {{'A', 'Z'}})) {
    set.push_back({range.first + kToUpper, range.last + kToUpper});
  }
  for (const CharRange& range : intersection(set, {{'a', 'z'}})) {
    set.push_back({range.first - kToUpper, range.last - kToUpper});
    if (range.first <= 'k' && range.last >= 'k') set.push_back({kKelvin, kKelvin});
    if (range.first <= 's' && range.last >= 's') set.push_back({kLongS, kLongS});
  }
  return set;
}

std::string pcre2_char(char32_t c) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out = "\\x{";
  const size_t start = out.size();
  for (int shift = 20; shift >= 0; shift -= 4) {
    const auto digit = static_cast<uint32_t>(c) >> shift & 0xFU;
    if (digit != 0 || out.size() > start || shift == 0) out.push_back(kDigits[digit]);
  }
  out.push_back('}');
  return out;
}

// PCRE2 refuses surrogates, which no text contains. Few ranges: a compiled pattern has a limit.
std::string pcre2_class(const CharSet& set) {
  std::string out;
  for (const CharRange& range :
       intersection(set, {{0, kFirstSurrogate - 1}, {kLastSurrogate + 1, kLastCodePoint}})) {
    out += pcre2_char(range.first);
    if (range.first != range.last) out.append("-").append(pcre2_char(range.last));
  }
  return out.empty() ? std::string("(?:(?!))") : std::string("[").append(out).append("]");
}

}  // namespace maxsimd
