// Triplet accuracy (PyLate's ColBERTTripletEvaluator): the share of (query, positive, negative)
// triplets whose positive scores strictly more than the negative. A tie is wrong.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "maxsimd/base/thread_pool.h"
#include "maxsimd/data/triplets.h"
#include "maxsimd/evaluation/encode_fn.h"

namespace maxsimd {

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

struct TripletAccuracyOptions {
  size_t batch_size = 256;  // lines encoded at a time
  /// Lines done and in all.
  std::function<void(size_t done, size_t total)> progress;
};

/// Encodes triplets and scores them by MaxSim; each negative of a line makes a triplet of its own.
/// Throws std::invalid_argument (batch_size = 0, embeddings that are not finite or not one a text)
/// and what `encode` throws.
TripletAccuracy evaluate_triplets(std::span<const Triplet> triplets, const EncodeFn& encode,
                                  const TripletAccuracyOptions& options, ThreadPool& pool);

}  // namespace maxsimd
