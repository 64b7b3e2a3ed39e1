// Merging by queue and by search against the definition, and the fast way of byte-level BPE against
// the simple one.
#include "maxsimd/text/bpe.h"

#include <gtest/gtest.h>

#include <random>

#include "maxsimd/base/errors.h"
#include "maxsimd/text/test_texts.h"
#include "maxsimd/text/word_cache.h"

namespace maxsimd {
namespace {

using Symbols = std::vector<BpeSymbol>;

// The definition: of all pairs of neighbours the one of the lowest rank is merged, the leftmost
// first, until there is none.
Symbols merge_by_definition(const BpeMerges& merges, Symbols symbols) {
  for (;;) {
    const BpeMerges::Merged* best = nullptr;
    size_t place = 0;
    for (size_t i = 0; i + 1 < symbols.size(); ++i) {
      const auto* const merged = merges.find(symbols[i].id, symbols[i + 1].id);
      if (merged != nullptr && (best == nullptr || merged->rank < best->rank)) {
        best = merged;
        place = i;
      }
    }
    if (best == nullptr) return symbols;
    symbols[place] = {best->id, symbols[place].length + symbols[place + 1].length};
    symbols.erase(symbols.begin() + static_cast<std::ptrdiff_t>(place) + 1);
  }
}

std::string dump(const Symbols& symbols) {
  std::string out;
  for (const BpeSymbol& symbol : symbols) {
    out.append(std::to_string(symbol.id)).append(":");
    out.append(std::to_string(symbol.length)).append(" ");
  }
  return out;
}

TEST(BpeMerges, QueueAndSearchGiveWhatTheDefinitionGives) {
  std::mt19937 random(11);
  for (int round = 0; round < 60; ++round) {
    BpeMerges merges;
    const int32_t letters = 2 + static_cast<int32_t>(random() % 4);
    int32_t tokens = letters;
    for (uint32_t rank = 0; rank < 40; ++rank) {
      const auto left = static_cast<int32_t>(random() % static_cast<uint32_t>(tokens));
      const auto right = static_cast<int32_t>(random() % static_cast<uint32_t>(tokens));
      if (merges.find(left, right) == nullptr) merges.insert(left, right, {rank, tokens++});
    }
    BpeMerges::Scratch scratch;
    for (int word = 0; word < 200; ++word) {
      Symbols symbols(random() % 120);
      for (BpeSymbol& symbol : symbols) {
        symbol = {static_cast<int32_t>(random() % static_cast<uint32_t>(letters)), 1};
      }
      const std::string expected = dump(merge_by_definition(merges, symbols));
      Symbols merged = symbols;
      merges.merge(merged, scratch);
      ASSERT_EQ(dump(merged), expected);
      merged = symbols;
      merges.merge_by_queue(merged, scratch);
      ASSERT_EQ(dump(merged), expected);
    }
  }
}

TEST(BpeMerges, LongWordsTakeNoQuadraticTime) {
  BpeMerges merges;
  merges.insert(0, 0, {0, 1});
  merges.insert(1, 1, {1, 2});
  Symbols symbols(2'000'000, BpeSymbol{0, 1});
  BpeMerges::Scratch scratch;
  merges.merge(symbols, scratch);
  EXPECT_EQ(symbols.size(), 500'000U);
}

TEST(WordCache, FindsWhatWasPutLastAndNothingElse) {
  WordCache cache;
  std::mt19937 random(5);
  size_t found = 0;
  for (int i = 0; i < 50'000; ++i) {
    std::string word;
    for (size_t left = 1 + random() % WordCache::kMaxBytes; left > 0; --left) {
      word.push_back(static_cast<char>('a' + random() % 2));
    }
    if (random() % 2 == 0) word.resize(1 + word.size() % 9);
    const WordCache::Key key(word);
    const auto id = static_cast<int32_t>(std::hash<std::string>()(word) & 0xFFFFFF);
    if (const auto* const entry = cache.find(key)) {
      ++found;
      ASSERT_EQ(entry->size(), 2U);
      ASSERT_EQ((*entry)[0].id, id) << word;
      ASSERT_EQ((*entry)[1].length, word.size());
    }
    cache.insert(key, {{id, 1}, {7, static_cast<uint32_t>(word.size())}});
  }
  EXPECT_GT(found, 10'000U);
}

TEST(Bpe, PartsOfMergesMustBeThere) {
  BpeOptions options;
  options.continuing_subword_prefix = "##";
  const Vocabulary vocabulary({{"a", 0}, {"##b", 1}, {"ab", 2}, {"b", 3}});
  const Bpe model(vocabulary, {{"a", "##b"}}, options);
  std::vector<TextToken> tokens;
  model.tokenize("xab", {1, 3}, tokens);
  ASSERT_EQ(tokens.size(), 1U);
  EXPECT_EQ(tokens[0].id, 2);
  EXPECT_EQ(tokens[0].span, (TextSpan{1, 3}));
  EXPECT_THROW(Bpe(vocabulary, {{"a", "b"}}, options), FormatError);
  EXPECT_THROW(Bpe(vocabulary, {{"a", "c"}}, {}), FormatError);
}

}  // namespace
}  // namespace maxsimd
