#include "maxsimd/evaluation/hard_negatives.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/split_mix.h"

namespace maxsimd {
namespace {

void expect(bool holds, const char* option, const std::string& expected) {
  if (!holds) throw std::invalid_argument(std::string(option) + ": expected " + expected);
}

float highest_score(float positive_score, const MiningOptions& options) {
  float highest = std::numeric_limits<float>::infinity();
  if (options.margin) highest = std::min(highest, positive_score - *options.margin);
  if (options.max_score_ratio) {
    const float distance = (1.0F - *options.max_score_ratio) * std::abs(positive_score);
    highest = std::min(highest, positive_score - distance);
  }
  return highest;
}

// Keeps `count` entries, each set of them as likely as any other, in their order.
void sample(std::vector<ScoredDocument>& entries, size_t count, uint64_t seed) {
  uint64_t state = seed;
  std::vector<size_t> order(entries.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  for (size_t i = 0; i < count; ++i) {
    // The remainder favours small numbers by one in 2^64 / size: nothing here.
    const uint64_t draw = split_mix(state) % (order.size() - i);
    state += kSplitMixStep;
    std::swap(order[i], order[i + static_cast<size_t>(draw)]);
  }
  order.resize(count);
  std::ranges::sort(order);
  for (size_t i = 0; i < count; ++i) entries[i] = entries[order[i]];
  entries.resize(count);
}

size_t hits_needed(const MiningPairs& pairs, uint64_t first, uint64_t count,
                   const MiningOptions& options) {
  size_t excluded = 0;
  for (uint64_t pair = first; pair < first + count; ++pair) {
    excluded = std::max(excluded, pairs.num_excluded(pair));
  }
  return options.rank_max + excluded;
}

}  // namespace

void check_mining_options(const MiningOptions& options) {
  expect(options.negatives > 0, "negatives", "at least 1");
  expect(options.rank_min > 0, "rank_min", "at least 1 (the best document has rank 1)");
  expect(options.rank_max >= options.rank_min, "rank_max", "at least rank_min");
  expect(options.rank_max - options.rank_min >= options.negatives - 1, "rank_max",
         "a window of " + std::to_string(options.negatives) + " ranks at least, one a negative");
  expect(options.batch_pairs > 0, "batch_pairs", "at least 1");
  if (options.margin) expect(std::isfinite(*options.margin), "margin", "a finite number");
  if (options.max_score_ratio) {
    expect(std::isfinite(*options.max_score_ratio), "max_score_ratio", "a finite number");
  }
}

std::vector<ScoredDocument> choose_negatives(std::span<const ScoredDocument> ranking,
                                             float positive_score, uint64_t pair,
                                             const MiningOptions& options) {
  const float highest = highest_score(positive_score, options);
  std::vector<ScoredDocument> chosen;
  const size_t end = std::min(options.rank_max, ranking.size());
  for (size_t rank = options.rank_min; rank <= end; ++rank) {
    const ScoredDocument& entry = ranking[rank - 1];
    if (std::isfinite(entry.score) && entry.score <= highest) chosen.push_back(entry);
  }
  if (chosen.size() <= options.negatives) return chosen;
  if (options.sampling == NegativeSampling::random) {
    sample(chosen, options.negatives, split_mix(options.seed) ^ split_mix(pair));
  } else {
    chosen.resize(options.negatives);
  }
  return chosen;
}

MiningReport mine_hard_negatives(const MiningPairs& pairs, const MiningSearchFn& search,
                                 const MiningOptions& options,
                                 const std::function<void(const MinedPair&)>& callback) {
  check_mining_options(options);
  MiningReport report{.pairs = pairs.num_pairs()};
  for (uint64_t first = 0; first < report.pairs; first += options.batch_pairs) {
    const uint64_t count = std::min<uint64_t>(options.batch_pairs, report.pairs - first);
    MiningRankings found = search(first, count, hits_needed(pairs, first, count, options));
    for (uint64_t i = 0; i < count; ++i) {
      std::vector<ScoredDocument>& ranking = found.hits[i];
      std::erase_if(ranking, [&](const ScoredDocument& hit) {
        return pairs.is_excluded(first + i, hit.document);
      });
      MinedPair mined{first + i, found.positive_scores[i], {}};
      mined.negatives = choose_negatives(ranking, mined.positive_score, mined.pair, options);
      const bool is_complete = mined.negatives.size() == options.negatives;
      report.incomplete += is_complete ? 0 : 1;
      if (!is_complete && !options.keep_incomplete) continue;
      report.negatives += mined.negatives.size();
      callback(mined);
    }
    if (options.progress) options.progress(first + count, report.pairs);
  }
  return report;
}

}  // namespace maxsimd
