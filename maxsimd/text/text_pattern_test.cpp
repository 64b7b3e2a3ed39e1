#include "maxsimd/text/text_pattern.h"

#include <gtest/gtest.h>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/sha256.h"
#include "maxsimd/text/pre_tokenizer.h"
#include "maxsimd/text/regex_char_set.h"
#include "maxsimd/text/test_texts.h"

namespace maxsimd {
namespace {

using Spans = std::vector<TextSpan>;

Spans matches_of(const std::string& regex, const std::string& text) {
  Spans matches;
  regex_pattern(regex, "test")(text, matches);
  return matches;
}

// Matches as Hugging Face's Oniguruma gives them (pre_tokenizers.Split with behavior isolated).
TEST(RegexPattern, ReadsOnigurumasRubySyntax) {
  EXPECT_EQ(matches_of("a.b", "a\nb axb"), (Spans{{4, 7}}));        // the dot and newlines
  EXPECT_EQ(matches_of("^a", "a\na ba"), (Spans{{0, 1}, {2, 3}}));  // ^ at every line
  EXPECT_EQ(matches_of("b$", "zb\nb\n"), (Spans{{1, 2}, {3, 4}}));
  EXPECT_EQ(matches_of("a{,2}b", "zaaaab"), (Spans{{3, 6}}));
  EXPECT_EQ(matches_of("a{", "a{"), (Spans{{0, 2}}));
  EXPECT_EQ(matches_of("[]a]", "z]ab"), (Spans{{1, 2}, {2, 3}}));
  EXPECT_EQ(matches_of("(?<=a|bc)d", "ad bcd"), (Spans{{1, 2}, {5, 6}}));
  EXPECT_EQ(matches_of("\\x{41}\\u0042", "zABz"), (Spans{{1, 3}}));
  EXPECT_EQ(matches_of("\\d", "1\u0661"), (Spans{{0, 1}, {1, 3}}));
  EXPECT_EQ(matches_of("\\w", "\u00B2"), (Spans{{0, 2}}));
  EXPECT_EQ(matches_of("[\\w]", "\u00B2"), Spans{});  // sic
  EXPECT_EQ(matches_of("(?i:as)c", "asc AsC a\u017Fc asC"), (Spans{{0, 3}, {8, 12}}));
  EXPECT_EQ(matches_of("a(?i:a(?-i:b))", "aab aAb aaB"), (Spans{{0, 3}, {4, 7}}));
  EXPECT_EQ(matches_of("[[:digit:]_[x-z]]+", "a1_yb"), (Spans{{1, 4}}));
  EXPECT_EQ(matches_of("[a[^b-y]]+", "zab"), (Spans{{0, 2}}));
  EXPECT_EQ(matches_of("[[:^upper:]]", "Aa"), (Spans{{1, 2}}));
  EXPECT_EQ(matches_of("a++b|\\d?+c|e*+", "aab 1c"), (Spans{{0, 3}, {4, 6}}));
  EXPECT_EQ(matches_of("x*", "ax"), (Spans{{0, 0}, {1, 2}}));
  EXPECT_EQ(matches_of("", "\u00E9"), (Spans{{0, 0}, {2, 2}}));
}

// What Hugging Face's library answers to \p{name}, for every name that is known here
// (scripts/goldens/tokenizer_regex_tables.py).
TEST(RegexPattern, EveryPropertyHoldsTheCharactersItHoldsInHuggingFace) {
  const nlohmann::json golden = text_tests::read_golden("regex_properties.json");
  ASSERT_EQ(golden.size(), 431U);
  for (const auto& [name, sum] : golden.items()) {
    const auto set = named_set(name, false);
    ASSERT_TRUE(set) << name;
    const CharSet outside = *named_set(name, true);
    EXPECT_TRUE(intersection(*set, outside).empty()) << name;
    std::string held;
    for (const CharRange& range : complement(outside)) {
      for (char32_t c = range.first; c <= range.last; ++c) {
        if (text_tests::is_surrogate(c) || (c >= 0x3400 && c % 7 != 0)) continue;
        held.append(held.empty() ? "" : " ").append(std::to_string(static_cast<uint32_t>(c)));
      }
    }
    Sha256 hash;
    hash.update(held);
    EXPECT_EQ(to_hex(hash.finish()).substr(0, 16), sum) << name;
  }
}

TEST(RegexPattern, ReadsSetsOfSetsAndRepetitionsOfRepetitions) {
  EXPECT_EQ(matches_of("\\p{Han}+", "a\u6F22\u5B57\u304B"), (Spans{{1, 7}}));
  EXPECT_EQ(matches_of("[^\\p{^ hAn-_I }a]", "a\u6F22b"), (Spans{{1, 4}}));
  EXPECT_EQ(matches_of("[a-z&&[^b-y]&&[^z]]+|[a&&b]", "abz"), (Spans{{0, 1}}));
  EXPECT_EQ(matches_of("[^a&&b]+", "ab"), (Spans{{0, 2}}));
  EXPECT_EQ(matches_of("a{2}+b|a{2}?c", "aaaab ac c"), (Spans{{0, 5}, {7, 8}, {9, 10}}));
  EXPECT_EQ(matches_of("(?:a|b){1,2}+c", "zababc"), (Spans{{1, 6}}));
  EXPECT_EQ(matches_of("'(?i:[sdmt]|ll)", "'S'lL'x"), (Spans{{0, 2}, {2, 5}}));
  EXPECT_EQ(matches_of("(?i:[^k])", "kK\u212Aa"), (Spans{{5, 6}}));
  EXPECT_EQ(matches_of("[ab]{0,2}(?>z)?+[bc]", "b"), (Spans{{0, 1}}));  // not by PCRE2's default
  EXPECT_EQ(matches_of("(?<one>a)(?'two'b)|\\h", "abg9"), (Spans{{0, 2}, {3, 4}}));
}

std::string pieces_of(const TextPattern& pattern, const std::string& text, SplitBehavior behavior) {
  Spans matches, parts;
  pattern(text, matches);
  split_at_matches(text.size(), matches, behavior, false, parts);
  std::string line;
  for (const TextSpan& part : parts) {
    if (!line.empty()) line += " ";
    line.append(std::to_string(part.begin)).append(":").append(std::to_string(part.end));
  }
  return line + "\n";
}

// Random regexes of all that is supported (scripts/goldens/tokenizer_regexes.py).
TEST(RegexPattern, RandomRegexesSplitAsInHuggingFaceOrAreRefused) {
  const nlohmann::json golden = text_tests::read_golden("regexes.json");
  size_t refused = 0;
  for (const auto& [regex, sum] : golden["cases"].items()) {
    TextPattern pattern;
    try {
      pattern = regex_pattern(regex, "test");
    } catch (const FormatError&) {
      ++refused;
      continue;
    }
    Sha256 hash;
    bool gives_up = false;
    for (const auto behavior : {SplitBehavior::isolated, SplitBehavior::removed}) {
      for (const nlohmann::json& text : golden["texts"]) {
        try {
          hash.update(pieces_of(pattern, text.get<std::string>(), behavior));
        } catch (const FormatError&) {
          gives_up = true;
        }
      }
    }
    if (gives_up) continue;
    EXPECT_EQ(to_hex(hash.finish()).substr(0, 16), sum) << regex;
  }
  // Letters outside ASCII in (?i:...), {n} behind a lookaround, a '-' behind a set.
  EXPECT_LT(refused, golden["cases"].size() / 6);
}

TEST(RegexPattern, RefusesWhatCouldMeanSomethingElse) {
  for (const char* regex : {"\\R",
                            "\\X",
                            "\\K",
                            "\\G",
                            "\\1",
                            "\\k<n>",
                            "(?i:\u00E9)",
                            "(?i:[\u00E9])",
                            "(?i:\\w)",
                            "(?i:ss)",
                            "(?i:St)",
                            "(?i:(?:s)s)",
                            "[^[^\\H]b]",
                            "(?:a(?!b)c?){2}",
                            "((?:(?=a))b){1,2}",
                            "(?i:f(?:i))",
                            "(?i:\\p{L})",
                            "(?<1>a)",
                            "(?<n-1>a)",
                            "(?P<n>a)",
                            "(?'n>a)",
                            "a{2}++",
                            "a{2}??",
                            "\\p{}",
                            "\\p{Hann}",
                            "\\p{ ^Han}",
                            "\\p{Script=Han}",
                            "[a&&[b]",
                            "(?i)a",
                            "(?m:a)",
                            "(?x)a",
                            "(?#c)a",
                            "(?~ab)",
                            "[[:alfa:]]",
                            "[a[bc]",
                            "[[:alpha]]",
                            "[a-[b]]",
                            "a**",
                            "a+*",
                            "\\pL",
                            "\\xE9",
                            "[\\b]",
                            "[\\w-x]",
                            "[z-a]",
                            "\\x{110000}",
                            "\\u12",
                            "+a",
                            "|*",
                            "(?=*)",
                            "a{99999}",
                            "(",
                            ")",
                            "[",
                            "[]",
                            "\\",
                            "[\\",
                            "\\p{",
                            "(?<=a+)b"}) {
    try {
      regex_pattern(regex, "file.json: normalizer");
      ADD_FAILURE() << regex << " was accepted";
    } catch (const FormatError& error) {
      EXPECT_NE(std::string(error.what()).find("file.json: normalizer"), std::string::npos);
    }
  }
}

TEST(RegexPattern, SetsDoNotGrowWithoutBound) {
  std::string regex;
  for (size_t i = 0; i < 20'000; ++i) regex += "\\w";
  EXPECT_THROW(regex_pattern(regex, "test"), FormatError);
}

TEST(RegexPattern, GivesUpOnCatastrophicBacktracking) {
  Spans matches;
  const TextPattern pattern = regex_pattern("(?:a|aa)+[bc]", "test");
  EXPECT_THROW(pattern(std::string(5000, 'a'), matches), FormatError);
}

TEST(LiteralPattern, FindsDisjointOccurrencesFromTheLeft) {
  Spans matches;
  literal_pattern("aa")("aaaba", matches);
  EXPECT_EQ(matches, (Spans{{0, 2}}));
}

// The examples in HF's documentation of SplitDelimiterBehavior.
TEST(SplitAtMatches, EachBehaviorIsItsExample) {
  const std::string text = "the-final--countdown";
  const Spans dashes = {{3, 4}, {9, 10}, {10, 11}};
  const auto split = [&](SplitBehavior behavior) {
    Spans parts;
    split_at_matches(text.size(), dashes, behavior, false, parts);
    std::string joined;
    for (const TextSpan& part : parts) {
      joined += text.substr(part.begin, part.end - part.begin) + " ";
    }
    return joined;
  };
  EXPECT_EQ(split(SplitBehavior::removed), "the final countdown ");
  EXPECT_EQ(split(SplitBehavior::isolated), "the - final - - countdown ");
  EXPECT_EQ(split(SplitBehavior::merged_with_previous), "the- final- - countdown ");
  EXPECT_EQ(split(SplitBehavior::merged_with_next), "the -final - -countdown ");
  EXPECT_EQ(split(SplitBehavior::contiguous), "the - final -- countdown ");
}

}  // namespace
}  // namespace maxsimd
