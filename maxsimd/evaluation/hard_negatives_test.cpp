// Mined negatives beside a brute-force search of strings: whole rankings, sorted, filtered by the
// rules as the header says them, on random small worlds with ties, repeated texts and titles.
#include "maxsimd/evaluation/hard_negatives.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>

namespace maxsimd {
namespace {

std::string folded(const std::string& text) {
  std::istringstream words(text);
  std::string out;
  for (std::string word; words >> word;) out += (out.empty() ? "" : " ") + word;
  return out;
}

/// A random corpus, questions with positives, and a score for each.
struct World {
  struct Text {
    std::string title, text;
    std::string whole() const { return title.empty() ? text : title + " " + text; }
  };
  struct Pair {
    std::string question, positive;
    std::vector<uint64_t> also;
  };

  explicit World(uint64_t seed) : random(seed) {
    const bool has_corpus = random() % 2 == 0;
    if (has_corpus) {
      const size_t size = 1 + random() % 30;
      for (size_t i = 0; i < size; ++i) add({random() % 2 == 0 ? "" : word(), word()});
    }
    const size_t num_pairs = 1 + random() % 12;
    for (size_t i = 0; i < num_pairs; ++i) add_pair(!has_corpus);
    const size_t num_questions = 8;
    for (size_t i = 0; i < num_questions * documents.size(); ++i) {
      scores.push_back(static_cast<float>(random() % 12) - 3.0F);
    }
  }

  // Few words, so that texts repeat; spaces that do not count.
  std::string word() {
    const std::string spaces[] = {"", " ", "\n", "  "};
    return spaces[random() % 4] + "w" + std::to_string(random() % 20) + spaces[random() % 4];
  }

  void add(const Text& text) {
    const bool is_there = std::ranges::any_of(documents, [&](const Text& other) {
      return folded(other.whole()) == folded(text.whole());
    });
    const auto added = mining.add_document(text.whole(), text.text);
    EXPECT_EQ(added.is_new, !is_there);
    if (is_there) return;
    EXPECT_EQ(added.number, documents.size());
    documents.push_back(text);
    candidate.push_back(true);
  }

  void add_pair(bool positives_are_candidates) {
    Pair pair{"q" + std::to_string(random() % 8), word(), {}};
    if (random() % 4 == 0) pair.question = word();  // corpora may hold questions
    while (!documents.empty() && random() % 4 == 0)
      pair.also.push_back(random() % documents.size());
    const auto added =
        mining.add_pair(pair.question + " ", pair.positive, positives_are_candidates, pair.also);
    if (added.is_new) {
      documents.push_back({"", pair.positive});
      candidate.push_back(positives_are_candidates);
    }
    positives.push_back(added.number);
    pairs.push_back(pair);
  }

  float score(uint64_t pair, uint64_t document) const {
    const size_t question = std::hash<std::string>{}(folded(pairs[pair].question)) % 8;
    return scores[question * documents.size() + document];
  }

  bool is_positive_text(const std::string& text, uint64_t document) const {
    return folded(documents[document].whole()) == folded(text) ||
           folded(documents[document].text) == folded(text);
  }

  bool may_answer(uint64_t pair, uint64_t document) const {
    if (is_positive_text(pairs[pair].question, document)) return true;
    for (const Pair& other : pairs) {
      if (folded(other.question) != folded(pairs[pair].question)) continue;
      if (is_positive_text(other.positive, document)) return true;
      for (const uint64_t also : other.also) {
        if (is_positive_text(documents[also].whole(), document)) return true;
        if (is_positive_text(documents[also].text, document)) return true;
      }
    }
    return false;
  }

  std::vector<ScoredDocument> ranking(uint64_t pair) const {
    std::vector<ScoredDocument> all;
    for (uint64_t d = 0; d < documents.size(); ++d) {
      if (candidate[d]) all.push_back({d, score(pair, d)});
    }
    std::ranges::stable_sort(all, std::greater<>(), &ScoredDocument::score);
    return all;
  }

  /// All that may be taken of a pair, best first.
  std::vector<ScoredDocument> eligible(uint64_t pair, const MiningOptions& options) const {
    std::vector<ScoredDocument> out;
    size_t rank = 0;
    const float positive = score(pair, positives[pair]);
    for (const ScoredDocument& entry : ranking(pair)) {
      if (may_answer(pair, entry.document)) continue;
      ++rank;
      if (rank < options.rank_min || rank > options.rank_max) continue;
      if (options.margin && !(entry.score <= positive - *options.margin)) continue;
      if (options.max_score_ratio &&
          !(entry.score <= positive - (1 - *options.max_score_ratio) * std::abs(positive))) {
        continue;
      }
      out.push_back(entry);
    }
    return out;
  }

  MiningSearchFn search() const {
    return [this](uint64_t first, uint64_t count, size_t k) {
      MiningRankings found;
      for (uint64_t pair = first; pair < first + count; ++pair) {
        found.hits.push_back(ranking(pair));
        found.hits.back().resize(std::min(k, found.hits.back().size()));
        found.positive_scores.push_back(score(pair, mining.positive(pair)));
      }
      return found;
    };
  }

  std::mt19937_64 random;
  MiningPairs mining;
  std::vector<Text> documents;
  std::vector<bool> candidate;
  std::vector<Pair> pairs;
  std::vector<uint64_t> positives;
  std::vector<float> scores;
};

MiningOptions random_options(std::mt19937_64& random) {
  MiningOptions options{.negatives = 1 + random() % 3, .rank_min = 1 + random() % 3};
  options.rank_max = options.rank_min + options.negatives - 1 + random() % 8;
  if (random() % 3 == 0) options.margin = static_cast<float>(random() % 5) - 1.0F;
  if (random() % 3 == 0) options.max_score_ratio = 0.5F;
  options.keep_incomplete = random() % 2 == 0;
  options.batch_pairs = 1 + random() % 5;
  return options;
}

std::map<uint64_t, MinedPair> mine(const World& world, const MiningOptions& options,
                                   MiningReport* report = nullptr) {
  std::map<uint64_t, MinedPair> mined;
  const MiningReport found = mine_hard_negatives(
      world.mining, world.search(), options,
      [&](const MinedPair& pair) { EXPECT_TRUE(mined.emplace(pair.pair, pair).second); });
  if (report != nullptr) *report = found;
  return mined;
}

TEST(HardNegatives, AreThoseOfABruteForceSearch) {
  size_t chosen = 0;
  size_t incomplete = 0;
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    World world(seed);
    const MiningOptions options = random_options(world.random);
    MiningReport report;
    const auto mined = mine(world, options, &report);
    uint64_t negatives = 0;
    uint64_t lacking = 0;
    for (uint64_t pair = 0; pair < world.pairs.size(); ++pair) {
      auto expected = world.eligible(pair, options);
      const bool is_complete = expected.size() >= options.negatives;
      lacking += is_complete ? 0 : 1;
      ASSERT_EQ(mined.contains(pair), is_complete || options.keep_incomplete) << seed;
      if (!mined.contains(pair)) continue;
      expected.resize(std::min(options.negatives, expected.size()));
      ASSERT_EQ(mined.at(pair).negatives, expected) << "seed " << seed << " pair " << pair;
      EXPECT_EQ(mined.at(pair).positive_score, world.score(pair, world.positives[pair]));
      negatives += expected.size();
    }
    EXPECT_EQ(report.pairs, world.pairs.size());
    EXPECT_EQ(report.negatives, negatives);
    EXPECT_EQ(report.incomplete, lacking);
    chosen += negatives;
    incomplete += lacking;
  }
  EXPECT_GT(chosen, 5000U);
  EXPECT_GT(incomplete, 2000U);
}

TEST(HardNegatives, RandomOnesAreOfTheWindowAndDependOnThePairAlone) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    World world(seed);
    MiningOptions options = random_options(world.random);
    options.sampling = NegativeSampling::random;
    const auto mined = mine(world, options);
    for (const auto& [pair, found] : mined) {
      const auto eligible = world.eligible(pair, options);
      EXPECT_TRUE(std::ranges::includes(eligible, found.negatives, ranks_before));
      EXPECT_EQ(found.negatives.size(), std::min(options.negatives, eligible.size()));
    }
    options.batch_pairs = 1000;
    const auto again = mine(world, options);
    ASSERT_EQ(again.size(), mined.size());
    for (const auto& [pair, found] : mined) EXPECT_EQ(again.at(pair).negatives, found.negatives);
  }
}

TEST(HardNegatives, RandomOnesAreEquallyLikely) {
  std::vector<ScoredDocument> ranking;
  for (uint64_t d = 0; d < 12; ++d) ranking.push_back({d, -static_cast<float>(d)});
  const MiningOptions options{
      .negatives = 2, .rank_min = 3, .rank_max = 10, .sampling = NegativeSampling::random};
  std::map<std::set<uint64_t>, size_t> times;  // of the 8 * 7 / 2 pairs of ranks 3 to 10
  constexpr uint64_t kDraws = 28000;
  for (uint64_t pair = 0; pair < kDraws; ++pair) {
    const auto chosen = choose_negatives(ranking, 0, pair, options);
    ASSERT_EQ(chosen.size(), 2U);
    EXPECT_TRUE(ranks_before(chosen[0], chosen[1]));
    ++times[{chosen[0].document, chosen[1].document}];
  }
  EXPECT_EQ(times.size(), 28U);
  for (const auto& [set, count] : times) {
    EXPECT_GE(*set.begin(), 2U);
    EXPECT_LE(*set.rbegin(), 9U);
    EXPECT_NEAR(static_cast<double>(count), 1000.0, 5 * 31.6);  // five standard deviations
  }
  MiningOptions other = options;
  other.seed = 43;
  size_t differ = 0;
  for (uint64_t pair = 0; pair < 100; ++pair) {
    differ +=
        choose_negatives(ranking, 0, pair, options) != choose_negatives(ranking, 0, pair, other);
  }
  EXPECT_GT(differ, 80U);
}

TEST(HardNegatives, LimitsAreMeasuredFromThePositive) {
  const std::vector<ScoredDocument> ranking = {{0, 10}, {1, 9.5F}, {2, 9}, {3, -1}, {4, -2}};
  const auto numbers = [&](float positive, MiningOptions options) {
    options.negatives = options.rank_max = 5;
    options.rank_min = 1;
    std::vector<uint64_t> out;
    for (const auto& entry : choose_negatives(ranking, positive, 0, options)) {
      out.push_back(entry.document);
    }
    return out;
  };
  using Numbers = std::vector<uint64_t>;
  EXPECT_EQ(numbers(10, {.margin = 0.5F}), (Numbers{1, 2, 3, 4}));
  EXPECT_EQ(numbers(10, {.max_score_ratio = 0.95F}), (Numbers{1, 2, 3, 4}));
  EXPECT_EQ(numbers(10, {.margin = 0.5F, .max_score_ratio = 0.9F}), (Numbers{2, 3, 4}));
  EXPECT_EQ(numbers(10, {.margin = -1.0F}), (Numbers{0, 1, 2, 3, 4}));
  EXPECT_EQ(numbers(-1, {.max_score_ratio = 0.5F}), Numbers{4});  // at most -1.5
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(numbers(-kInfinity, {.margin = 0.0F}), Numbers{});  // a positive without vectors
  const std::vector<ScoredDocument> empty_documents = {{0, 1}, {1, -kInfinity}};
  EXPECT_EQ(choose_negatives(empty_documents, 2, 0, {.negatives = 2, .rank_min = 1}).size(), 1U);
}

TEST(HardNegatives, PositivesWithoutTheirTitlesAreCounted) {
  MiningPairs pairs;
  pairs.add_document("Title text", "text");
  pairs.add_document("other", "other");
  EXPECT_EQ(pairs.add_pair("q", " text", true).number, 0U);
  EXPECT_EQ(pairs.add_pair("r", "Title  text", true).number, 0U);
  EXPECT_EQ(pairs.add_pair("s", "other", true).number, 1U);
  EXPECT_EQ(pairs.num_short_positives(), 1U);
}

TEST(HardNegatives, OptionsThatMakeNoSenseAreRefused) {
  for (const MiningOptions& options :
       {MiningOptions{.negatives = 0}, MiningOptions{.rank_min = 0},
        MiningOptions{.rank_min = 5, .rank_max = 4},
        MiningOptions{.negatives = 3, .rank_min = 5, .rank_max = 6},
        MiningOptions{.batch_pairs = 0},
        MiningOptions{.margin = std::numeric_limits<float>::quiet_NaN()},
        MiningOptions{.max_score_ratio = std::numeric_limits<float>::infinity()}}) {
    EXPECT_THROW(check_mining_options(options), std::invalid_argument);
  }
  check_mining_options({.negatives = 3, .rank_min = 5, .rank_max = 7});
  MiningPairs pairs;
  const uint64_t no_document[] = {0};
  EXPECT_THROW(pairs.add_pair("q", "p", true, no_document), std::invalid_argument);
  pairs.add_pair("q", "p", true);
  EXPECT_THROW(pairs.add_document("d"), std::invalid_argument);
}

}  // namespace
}  // namespace maxsimd
