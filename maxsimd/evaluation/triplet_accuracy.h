// Triplet accuracy (PyLate's ColBERTTripletEvaluator): the share of (query, positive, negative)
// triplets whose positive scores strictly more than the negative. A tie is wrong.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "maxsimd/base/types.h"
#include "maxsimd/data/triplets.h"

namespace maxsimd {

/// Turns texts into embeddings, one item a text, in order.
using EncodeFn = std::function<Embeddings(std::span<const std::string> texts, TextKind kind)>;

/// The score of one document for one query (MaxSim). [rows, dim] each.
using PairScoreFn =
    std::function<float(MatrixView<const float> query, MatrixView<const float> document)>;

struct TripletAccuracy {
  uint64_t num_correct = 0;
  uint64_t num_ties = 0;  // counted as wrong
  uint64_t num_triplets = 0;

  /// In [0, 1]; 0 when there are no triplets.
  double accuracy() const;
};

/// Accuracy of given scores, one pair a triplet. Throws std::invalid_argument when the two lists
/// differ in length or a score is NaN.
TripletAccuracy triplet_accuracy(std::span<const float> positive_scores,
                                 std::span<const float> negative_scores);

/// Encodes and scores triplets; each negative of a line makes a triplet of its own. batch_size
/// lines are encoded at a time. Throws std::invalid_argument (batch_size = 0, NaN) and what the
/// callbacks throw.
TripletAccuracy evaluate_triplets(std::span<const Triplet> triplets, const EncodeFn& encode,
                                  const PairScoreFn& score, size_t batch_size = 32);

}  // namespace maxsimd
