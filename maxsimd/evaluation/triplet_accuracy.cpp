#include "maxsimd/evaluation/triplet_accuracy.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>

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
};

TripletBatch gather(std::span<const Triplet> triplets) {
  TripletBatch batch;
  for (const Triplet& triplet : triplets) {
    batch.queries.push_back(triplet.query);
    batch.documents.push_back(triplet.positive);
    batch.documents.insert(batch.documents.end(), triplet.negatives.begin(),
                           triplet.negatives.end());
  }
  return batch;
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
                                  const PairScoreFn& score, size_t batch_size) {
  if (batch_size == 0) throw std::invalid_argument("batch_size is 0; expected at least 1");
  TripletAccuracy accuracy;
  for (size_t first = 0; first < triplets.size(); first += batch_size) {
    const auto lines = triplets.subspan(first, std::min(batch_size, triplets.size() - first));
    const TripletBatch batch = gather(lines);
    const Embeddings queries = encode(batch.queries, TextKind::query);
    const Embeddings documents = encode(batch.documents, TextKind::document);
    size_t document = 0;
    for (size_t i = 0; i < lines.size(); ++i) {
      const float positive = score(queries.matrix(i), documents.matrix(document++));
      for (size_t j = 0; j < lines[i].negatives.size(); ++j) {
        count_pair(accuracy, positive, score(queries.matrix(i), documents.matrix(document++)));
      }
    }
  }
  return accuracy;
}

}  // namespace maxsimd
