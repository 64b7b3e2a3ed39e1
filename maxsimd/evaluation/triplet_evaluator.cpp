#include "maxsimd/evaluation/triplet_evaluator.h"

#include <stdexcept>
#include <utility>

#include "maxsimd/evaluation/evaluator_csv.h"

namespace maxsimd {

ColBERTTripletEvaluator::ColBERTTripletEvaluator(std::vector<Triplet> triplets,
                                                 TripletEvaluatorOptions options)
    : triplets_(std::move(triplets)),
      options_(std::move(options)),
      csv_file_("triplet_evaluation" + file_name_part(options_.name) + "_results.csv") {
  if (triplets_.empty()) {
    throw std::invalid_argument("triplet evaluator: no triplets; expected at least one");
  }
  if (options_.batch_size == 0) {
    throw std::invalid_argument("triplet evaluator: batch_size: expected at least 1, got 0");
  }
}

std::vector<std::string> ColBERTTripletEvaluator::notes() const {
  return {std::to_string(triplets_.size()) + " lines of triplets"};
}

TripletAccuracy ColBERTTripletEvaluator::count(const EncodeFn& encode, ThreadPool& pool,
                                               const EvaluationContext& context) const {
  TripletAccuracyOptions options{.batch_size = options_.batch_size};
  if (context.progress) {
    options.progress = [&](size_t done, size_t total) {
      context.progress("scoring triplets", done, total);
    };
  }
  const TripletAccuracy counted = evaluate_triplets(triplets_, encode, options, pool);
  const std::vector<std::string> headers = metric_names();
  const double accuracy = counted.accuracy();
  append_csv(context, {csv_file_, headers, {&accuracy, 1}, "\r\n"});
  return counted;
}

EvaluationResult ColBERTTripletEvaluator::evaluate(const EncodeFn& encode, ThreadPool& pool,
                                                   const EvaluationContext& context) const {
  return report({{"accuracy", count(encode, pool, context).accuracy()}});
}

}  // namespace maxsimd
