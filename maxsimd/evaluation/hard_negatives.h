// Hard negatives: documents that a model ranks high for a question and that are no answers to it
// (as in sentence_transformers.util.mine_hard_negatives). Of each question's ranking, without what
// is known to answer it (MiningPairs), a window of ranks is looked at; a limit of the score, from
// the positive's own, leaves out what may answer it unknown to anybody (Moreira et al. 2024,
// "NV-Retriever"); the first ones left are taken, or some at random.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "maxsimd/evaluation/mining_pairs.h"
#include "maxsimd/search/top_k.h"

namespace maxsimd {

enum class NegativeSampling { top, random };

struct MiningOptions {
  size_t negatives = 1;  // for each pair
  /// Ranks that are looked at, from 1, counted without the documents that are excluded.
  size_t rank_min = 3;
  size_t rank_max = 50;
  /// A negative's score is the positive's less this at most.
  std::optional<float> margin;
  /// A negative's score is this share of the positive's at most: 0.95 leaves a distance of 5 % of
  /// its absolute value.
  std::optional<float> max_score_ratio;
  NegativeSampling sampling = NegativeSampling::top;
  uint64_t seed = 42;  // of random sampling: a pair's choice depends on it and the pair's number
  bool keep_incomplete = false;  // pairs with fewer negatives than are asked for
  size_t batch_pairs = 1024;     // searched in one call
  std::function<void(uint64_t done, uint64_t total)> progress;  // in pairs
};

/// Throws std::invalid_argument naming what makes no sense, a window of fewer ranks than negatives
/// among it.
void check_mining_options(const MiningOptions& options);

/// The negatives of a pair, best first.
struct MinedPair {
  uint64_t pair = 0;
  float positive_score = 0.0F;
  std::vector<ScoredDocument> negatives;  // numbers of MiningPairs
};

struct MiningReport {
  uint64_t pairs = 0;
  uint64_t incomplete = 0;  // had too few negatives: left out, or kept (keep_incomplete)
  uint64_t negatives = 0;   // handed out
};

/// What a search says of some pairs.
struct MiningRankings {
  std::vector<std::vector<ScoredDocument>> hits;  // [pairs] best first, candidates alone
  std::vector<float> positive_scores;             // [pairs]
};

/// The `k` best candidates for the questions of pairs [first, first + count), and the scores of
/// their positives. Documents are numbers of MiningPairs.
using MiningSearchFn = std::function<MiningRankings(uint64_t first, uint64_t count, size_t k)>;

/// Chooses from a ranking without excluded documents. Documents without a finite score are never
/// chosen.
std::vector<ScoredDocument> choose_negatives(std::span<const ScoredDocument> ranking,
                                             float positive_score, uint64_t pair,
                                             const MiningOptions& options);

/// Mines all pairs, in their order, and hands out those that have enough negatives (or all, with
/// keep_incomplete). Throws as check_mining_options() and `search`.
MiningReport mine_hard_negatives(const MiningPairs& pairs, const MiningSearchFn& search,
                                 const MiningOptions& options,
                                 const std::function<void(const MinedPair&)>& callback);

}  // namespace maxsimd
