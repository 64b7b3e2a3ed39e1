#include "maxsimd/evaluation/triplet_accuracy.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "maxsimd/evaluation/candidate_scores.h"

namespace maxsimd {
namespace {

void count_pair(TripletAccuracy& accuracy, float positive, float negative) {
  if (std::isnan(positive) || std::isnan(negative)) {
    throw std::invalid_argument("the score of triplet " + std::to_string(accuracy.num_triplets) +
                                " is not a number");
  }
  ++accuracy.num_triplets;
  if (positive > negative) ++accuracy.num_correct;
  if (positive == negative) ++accuracy.num_ties;
}

// Queries and documents of some lines; per line the positive, then its negatives.
struct TripletBatch {
  std::vector<std::string> queries;
  std::vector<std::string> documents;
  std::vector<size_t> num_documents;  // [queries]
};

TripletBatch gather(std::span<const Triplet> triplets) {
  TripletBatch batch;
  for (const Triplet& triplet : triplets) {
    batch.queries.push_back(triplet.query);
    batch.documents.push_back(triplet.positive);
    batch.documents.insert(batch.documents.end(), triplet.negatives.begin(),
                           triplet.negatives.end());
    batch.num_documents.push_back(1 + triplet.negatives.size());
  }
  return batch;
}

void count_batch(TripletAccuracy& accuracy, std::span<const Triplet> triplets,
                 const EncodeFn& encode, ThreadPool& pool) {
  const TripletBatch batch = gather(triplets);
  const Embeddings queries = encode(batch.queries, TextKind::query);
  const Embeddings documents = encode(batch.documents, TextKind::document);
  const std::vector<float> scores = candidate_scores(queries, documents, batch.num_documents, pool);
  size_t positive = 0;
  for (const size_t count : batch.num_documents) {
    for (size_t i = 1; i < count; ++i) {
      count_pair(accuracy, scores[positive], scores[positive + i]);
    }
    positive += count;
  }
}

}  // namespace

double TripletAccuracy::accuracy() const {
  if (num_triplets == 0) return 0.0;
  return static_cast<double>(num_correct) / static_cast<double>(num_triplets);
}

TripletAccuracy triplet_accuracy(std::span<const float> positive_scores,
                                 std::span<const float> negative_scores) {
  if (positive_scores.size() != negative_scores.size()) {
    throw std::invalid_argument("triplet accuracy: " + std::to_string(positive_scores.size()) +
                                " positive and " + std::to_string(negative_scores.size()) +
                                " negative scores; expected one pair a triplet");
  }
  TripletAccuracy accuracy;
  for (size_t i = 0; i < positive_scores.size(); ++i) {
    count_pair(accuracy, positive_scores[i], negative_scores[i]);
  }
  return accuracy;
}

TripletAccuracy evaluate_triplets(std::span<const Triplet> triplets, const EncodeFn& encode,
                                  const TripletAccuracyOptions& options, ThreadPool& pool) {
  if (options.batch_size == 0) {
    throw std::invalid_argument("triplets: batch_size: expected at least 1, got 0");
  }
  TripletAccuracy accuracy;
  for (size_t first = 0; first < triplets.size(); first += options.batch_size) {
    const size_t count = std::min(options.batch_size, triplets.size() - first);
    count_batch(accuracy, triplets.subspan(first, count), encode, pool);
    if (options.progress) options.progress(first + count, triplets.size());
  }
  return accuracy;
}

}  // namespace maxsimd
