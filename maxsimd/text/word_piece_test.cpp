#include "maxsimd/text/word_piece.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/utf8.h"
#include "maxsimd/text/byte_trie.h"

namespace maxsimd {
namespace {

TEST(ByteTrie, FindsExactlyWhatWasInserted) {
  std::mt19937 random(1);
  std::map<std::string, int32_t> expected;
  ByteTrie trie;
  EXPECT_TRUE(trie.empty());
  for (int32_t i = 0; i < 5000; ++i) {
    std::string key;
    for (size_t length = 1 + random() % 6; length > 0; --length) {
      key.push_back(static_cast<char>(random() % 4 == 0 ? random() : random() % 3));
    }
    expected[key] = i;
    trie.insert(key, i);
  }
  for (const auto& [key, value] : expected) {
    EXPECT_EQ(trie.find(key), value);
    const std::string longer = key + "!";
    EXPECT_EQ(trie.find(longer), expected.contains(longer) ? expected[longer] : -1);
    const std::string shorter = key.substr(0, key.size() - 1);
    EXPECT_EQ(trie.find(shorter), expected.contains(shorter) ? expected[shorter] : -1);
  }
}

// The definition, as simply as it can be written: longest prefix first, character by character.
std::vector<std::pair<int32_t, TextSpan>> tokenize_by_definition(
    const std::map<std::string, int32_t>& vocabulary, const std::string& word, size_t max_chars,
    int32_t unk) {
  std::vector<size_t> starts;  // of characters, and the end
  for (size_t i = 0; i < word.size(); i += decode_utf8(word, i).length) starts.push_back(i);
  starts.push_back(word.size());
  const std::vector<std::pair<int32_t, TextSpan>> unknown = {{unk, {0, word.size()}}};
  if (starts.size() - 1 > max_chars) return unknown;
  std::vector<std::pair<int32_t, TextSpan>> tokens;
  for (size_t begin = 0; begin + 1 < starts.size();) {
    size_t end = starts.size() - 1;
    for (; end > begin; --end) {
      std::string piece = begin > 0 ? "##" : "";
      piece += word.substr(starts[begin], starts[end] - starts[begin]);
      const auto found = vocabulary.find(piece);
      if (found == vocabulary.end()) continue;
      tokens.push_back({found->second, {starts[begin], starts[end]}});
      break;
    }
    if (end == begin) return unknown;
    begin = end;
  }
  return tokens;
}

TEST(WordPiece, IsGreedyLongestMatchOverCharacters) {
  std::mt19937 random(2);
  const std::vector<std::string> letters = {"a", "b", "\u00E9", "\u00E8", "\u65E5", "\U0001F600"};
  const auto word_of = [&](size_t length) {
    std::string word;
    for (; length > 0; --length) word += letters[random() % letters.size()];
    return word;
  };
  std::map<std::string, int32_t> vocabulary = {{"[UNK]", 0}};
  for (int32_t id = 1; id < 150; ++id) {
    std::string token = random() % 2 == 0 ? "##" : "";
    token += word_of(1 + random() % 3);
    vocabulary[token] = id;
  }
  WordPieceOptions options;
  options.max_input_chars_per_word = 7;
  const WordPiece model(Vocabulary({vocabulary.begin(), vocabulary.end()}), options);
  EXPECT_EQ(model.size(), vocabulary.size());
  for (int i = 0; i < 20'000; ++i) {
    const std::string word = word_of(1 + random() % 9);
    std::vector<TextToken> tokens;
    model.tokenize(word, {0, word.size()}, tokens);
    std::vector<std::pair<int32_t, TextSpan>> got;
    for (const TextToken& token : tokens) got.emplace_back(token.id, token.span);
    ASSERT_EQ(got, tokenize_by_definition(vocabulary, word, 7, 0)) << word;
  }
}

TEST(WordPiece, NeedsItsUnknownToken) {
  EXPECT_THROW(WordPiece(Vocabulary({{"a", 0}}), {}), FormatError);
}

TEST(WordPiece, NamesTokensAlsoWithHolesBetweenIds) {
  const WordPiece model(
      Vocabulary({{"[UNK]", 7}, {"a", 2'000'000'000}, {"", 3}, {"b", 5}, {"b", 9}}), {});
  EXPECT_EQ(model.id_to_token(2'000'000'000), "a");
  EXPECT_EQ(model.id_to_token(3), "");
  EXPECT_EQ(model.id_to_token(5), std::nullopt);  // "b" was given again
  EXPECT_EQ(model.id_to_token(9), "b");
  EXPECT_EQ(model.token_to_id("b"), 9);
  EXPECT_EQ(model.id_to_token(8), std::nullopt);
  EXPECT_EQ(model.max_id(), 2'000'000'000);
  EXPECT_EQ(model.size(), 4U);
}

}  // namespace
}  // namespace maxsimd
