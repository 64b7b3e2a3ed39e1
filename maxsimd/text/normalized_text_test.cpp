#include "maxsimd/text/normalized_text.h"

#include <gtest/gtest.h>

#include "maxsimd/text/unicode/code_points.h"

namespace maxsimd {
namespace {

// The origin of each character, as "begin-end begin-end ...".
std::string origins(const NormalizedText& text) {
  std::string out;
  for (size_t i = 0; i < text.text().size();) {
    const size_t end = i + decode_utf8(text.text(), i).length;
    const ByteRange origin = text.origin({i, end});
    out += std::to_string(origin.begin) + "-" + std::to_string(origin.end) + " ";
    i = end;
  }
  return out;
}

// As HF's own unit tests of NormalizedString.
TEST(NormalizedText, DecomposedCharactersShareTheirOrigin) {
  NormalizedText text("\u00E9l\u00E9gant");
  text.to_normal_form(NormalForm::nfd);
  EXPECT_EQ(origins(text), "0-2 0-2 2-3 3-5 3-5 5-6 6-7 7-8 8-9 ");
  text.filter([](char32_t c) { return !properties_of(c).is_nonspacing_mark(); });
  EXPECT_EQ(text.text(), "elegant");
  EXPECT_EQ(origins(text), "0-2 2-3 3-5 5-6 6-7 7-8 8-9 ");
}

TEST(NormalizedText, ReorderedMarksTakeOriginsByPosition) {
  NormalizedText text("a\u0302\u0323x");
  text.to_normal_form(NormalForm::nfd);
  EXPECT_EQ(text.text(), "a\u0323\u0302x");
  EXPECT_EQ(origins(text), "0-1 1-3 3-5 5-6 ");
  text.to_normal_form(NormalForm::nfc);
  EXPECT_EQ(text.text(), "\u1EADx");
  EXPECT_EQ(origins(text), "0-1 5-6 ");
}

TEST(NormalizedText, PrependedTextBelongsToTheFirstCharacter) {
  NormalizedText text("Hello");
  text.prepend("\u2581");
  EXPECT_EQ(text.text(), "\u2581Hello");
  EXPECT_EQ(origins(text), "0-1 0-1 1-2 2-3 3-4 4-5 ");
  NormalizedText empty("");
  empty.prepend("x");
  EXPECT_EQ(empty.text(), "");
}

TEST(NormalizedText, IllFormedBytesBecomeOneCharacterPerMaximalSubpart) {
  const NormalizedText text(
      "a\xF0\x9F\x98\xFF"
      "b");
  EXPECT_EQ(text.text(),
            "a\uFFFD\uFFFD"
            "b");
  EXPECT_EQ(origins(text), "0-1 1-4 4-5 5-6 ");
}

TEST(NormalizedText, ReplacedTextBelongsToTheEndOfTheMatch) {
  NormalizedText text("a''b");
  const TextSpan match{1, 3};
  text.replace({&match, 1}, "\"+");
  EXPECT_EQ(text.text(), "a\"+b");
  EXPECT_EQ(origins(text), "0-1 2-3 2-3 3-4 ");
}

TEST(NormalizedText, StripsOneSideOrBoth) {
  for (const auto& [left, right, expected] :
       {std::tuple{true, true, "a b"}, {true, false, "a b\u3000"}, {false, true, " \ta b"}}) {
    NormalizedText text(" \ta b\u3000");
    text.strip_whitespace(left, right);
    EXPECT_EQ(text.text(), expected);
  }
  NormalizedText blank(" \n");
  blank.strip_whitespace(true, false);
  EXPECT_EQ(blank.text(), "");
}

TEST(NormalForms, HangulIsArithmetic) {
  NormalizedText text("\uD55C\uAC00");
  text.to_normal_form(NormalForm::nfd);
  EXPECT_EQ(text.text(), "\u1112\u1161\u11AB\u1100\u1161");
  text.to_normal_form(NormalForm::nfc);
  EXPECT_EQ(text.text(), "\uD55C\uAC00");
  EXPECT_EQ(compose(0x1100, 0x11A7), std::nullopt);
  EXPECT_EQ(compose(0xAC01, 0x11A8), std::nullopt);
}

// Linear in the text, also where thousands of marks wait for a base.
TEST(NormalForms, ManyMarksAreSortedStably) {
  std::u32string marks = U"a";
  for (int i = 0; i < 100'000; ++i) marks += i % 2 == 0 ? U"\u0301" : U"\u0323";
  const auto sorted = rewrite_in_normal_form(marks, NormalForm::nfd);
  ASSERT_EQ(sorted.size(), marks.size());
  EXPECT_EQ(sorted[1].code_point, 0x323U);
  EXPECT_EQ(sorted[50'000].code_point, 0x323U);
  EXPECT_EQ(sorted[50'001].code_point, 0x301U);
}

}  // namespace
}  // namespace maxsimd
