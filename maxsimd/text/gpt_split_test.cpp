// The hand-written splits against the regular expressions they stand for.
#include "maxsimd/text/gpt_split.h"

#include <gtest/gtest.h>

#include "maxsimd/text/test_texts.h"
#include "maxsimd/text/text_pattern.h"

namespace maxsimd {
namespace {

std::vector<TextSpan> words_of(const std::string& text, GptSplit split) {
  std::vector<TextSpan> spans;
  GptWords words(text, split);
  for (TextSpan word = words.next(); word.begin != word.end; word = words.next()) {
    spans.push_back(word);
  }
  return spans;
}

class GptSplitTest : public ::testing::TestWithParam<GptSplit> {
 protected:
  void expect_equal(const std::string& text) {
    std::vector<TextSpan> matches;
    pattern_(text, matches);
    ASSERT_EQ(words_of(text, GetParam()), matches) << nlohmann::json(text).dump();
  }

 private:
  TextPattern pattern_ = regex_pattern(std::string(gpt_split_regex(GetParam())), "test");
};

TEST_P(GptSplitTest, IsTheRegexOnFuzzedTexts) {
  text_tests::FuzzedTexts fuzzed;
  for (uint64_t i = 0; i < 3000; ++i) ASSERT_NO_FATAL_FAILURE(expect_equal(fuzzed.text(77, i)));
}

// Short texts of what the regexes treat apart.
TEST_P(GptSplitTest, IsTheRegexOnAllShortTexts) {
  const std::vector<std::string> parts = {" ", "\n", "\t", "'", "s", "L", "1", "!", "\u00A0", "e"};
  for (size_t code = 0; code < 100'000; ++code) {
    std::string text;
    for (size_t left = code, i = 0; i < 5; ++i, left /= 10) text += parts[left % 10];
    ASSERT_NO_FATAL_FAILURE(expect_equal(text));
  }
  for (const char* ending :
       {"s", "S", "t", "re", "RE", "rE", "r", "ve", "m", "ll", "lL", "l", "d", "\u017F", "x", ""}) {
    ASSERT_NO_FATAL_FAILURE(expect_equal(std::string("we'") + ending + " '" + ending + "''"));
  }
}

TEST_P(GptSplitTest, IsTheRegexOnEveryKindOfCharacter) {
  std::string text;
  for (char32_t c = 0; c <= 0x10FFFF; c += c < 0x3000 ? 1 : 61) {
    if (text_tests::is_surrogate(c)) continue;
    append_utf8(text, c);
    text += c % 3 == 0 ? "a" : c % 3 == 1 ? " " : "7";
    if (text.size() < 200) continue;
    ASSERT_NO_FATAL_FAILURE(expect_equal(text));
    text.clear();
  }
}

INSTANTIATE_TEST_SUITE_P(All, GptSplitTest,
                         ::testing::Values(GptSplit::gpt2, GptSplit::llama3, GptSplit::qwen2));

}  // namespace
}  // namespace maxsimd
