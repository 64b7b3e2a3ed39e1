// Viterbi against all ways to cut a word, and the charsmap's parts.
#include "maxsimd/text/unigram.h"

#include <gtest/gtest.h>

#include <random>

#include "maxsimd/base/errors.h"
#include "maxsimd/text/precompiled.h"
#include "maxsimd/text/unicode/graphemes.h"

namespace maxsimd {
namespace {

// The highest sum of scores of all ways to cut text[begin, ...) into tokens.
double best_score(const Unigram::Pieces& pieces, std::string_view text) {
  if (text.empty()) return 0;
  double best = -1e9;
  for (const auto& [token, score] : pieces) {
    if (text.starts_with(token)) {
      best = std::max(best, score + best_score(pieces, text.substr(token.size())));
    }
  }
  return best;
}

TEST(Unigram, FindsTheHighestScoreOfAllWays) {
  std::mt19937 random(9);
  for (int round = 0; round < 100; ++round) {
    Unigram::Pieces pieces = {{"a", -4}, {"b", -5}, {"c", -6}};
    for (int i = 0; i < 12; ++i) {
      std::string token;
      for (size_t length = 2 + random() % 3; length > 0; --length) {
        token.push_back(static_cast<char>('a' + random() % 3));
      }
      const bool is_new = std::none_of(pieces.begin(), pieces.end(),
                                       [&](const auto& piece) { return piece.first == token; });
      if (is_new) pieces.emplace_back(token, -static_cast<double>(random() % 1000) / 80);
    }
    const Unigram model(pieces, {});
    for (int word = 0; word < 20; ++word) {
      std::string text;
      for (size_t length = random() % 9; length > 0; --length) {
        text.push_back(static_cast<char>('a' + random() % 3));
      }
      std::vector<TextToken> tokens;
      model.tokenize(text, {0, text.size()}, tokens);
      double score = 0;
      size_t end = 0;
      for (const TextToken& token : tokens) {
        ASSERT_EQ(token.span.begin, end);
        end = token.span.end;
        ASSERT_EQ(text.substr(token.span.begin, end - token.span.begin),
                  pieces[static_cast<size_t>(token.id)].first);
        score += pieces[static_cast<size_t>(token.id)].second;
      }
      ASSERT_EQ(end, text.size());
      EXPECT_NEAR(score, best_score(pieces, text), 1e-9) << text;
    }
  }
}

TEST(Charsmap, RefusesWhatIsNotOne) {
  EXPECT_THROW(Charsmap("", "test"), FormatError);
  EXPECT_THROW(Charsmap(std::string("\x08\0\0\0abcd", 8), "test"), FormatError);
  EXPECT_THROW(Charsmap(std::string("\0\0\0\0", 4), "test"), FormatError);
  EXPECT_THROW(Charsmap(std::string("\x04\0\0\0abcd\xFF", 9), "test"), FormatError);
  const Charsmap empty(std::string("\x04\0\0\0\0\0\0\0", 8), "test");
  EXPECT_EQ(empty.find("a"), std::nullopt);
}

TEST(Base64, IsRfc4648) {
  for (const auto& [text, bytes] : std::vector<std::pair<std::string, std::string>>{
           {"", ""}, {"Zg==", "f"}, {"Zm8=", "fo"}, {"Zm9v", "foo"}, {"Zm9vYg==", "foob"}}) {
    EXPECT_EQ(decode_base64(text), bytes);
  }
  for (const char* bad : {"Z", "Zg=", "Zg==Zg==", "Z===", "====", "Zg!=", "Z=g="}) {
    EXPECT_EQ(decode_base64(bad), std::nullopt) << bad;
  }
}

// Of the examples in Unicode's GraphemeBreakTest.txt.
TEST(Graphemes, EndWhereUnicodeSays) {
  const auto first = [](const std::string& text) { return grapheme_end(text, 0); };
  EXPECT_EQ(first("ab"), 1U);
  EXPECT_EQ(first("\r\n"), 2U);
  EXPECT_EQ(first("\n\u0308"), 1U);
  EXPECT_EQ(first("a\u0308b"), 3U);
  EXPECT_EQ(first("\u1100\u1161\u11A8\u1100"), 9U);
  EXPECT_EQ(first("\uAC00\u11A8"), 6U);
  EXPECT_EQ(first("\uAC01\u1161"), 3U);
  EXPECT_EQ(first("\u0600a"), 3U);
  EXPECT_EQ(first("\U0001F1E6\U0001F1E7\U0001F1E8"), 8U);
  EXPECT_EQ(first("\U0001F476\U0001F3FF\U0001F476"), 8U);
  EXPECT_EQ(first("\U0001F6D1\u200D\U0001F6D1"), 11U);
  EXPECT_EQ(first("a\u200D\U0001F6D1"), 4U);
  EXPECT_EQ(first("\u0915\u094D\u0924"), 9U);
  EXPECT_EQ(first("\u0915\u0924"), 3U);
}

}  // namespace
}  // namespace maxsimd
