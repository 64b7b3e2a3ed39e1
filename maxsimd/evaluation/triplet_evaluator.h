// PyLate's ColBERTTripletEvaluator: metric "accuracy" (without the name), CSV
// triplet_evaluation[_NAME]_results.csv with the columns epoch, steps, accuracy.
#pragma once

#include <string>
#include <vector>

#include "maxsimd/data/triplets.h"
#include "maxsimd/evaluation/evaluator.h"
#include "maxsimd/evaluation/triplet_accuracy.h"

namespace maxsimd {

struct TripletEvaluatorOptions {
  std::string name;
  size_t batch_size = 256;  // lines encoded at a time; the accuracy does not depend on it
};

class ColBERTTripletEvaluator : public Evaluator {
 public:
  /// Throws std::invalid_argument: no triplets, batch_size = 0, a name no file can have.
  explicit ColBERTTripletEvaluator(std::vector<Triplet> triplets,
                                   TripletEvaluatorOptions options = {});

  std::string class_path() const override {
    return "pylate.evaluation.colbert_triplet.ColBERTTripletEvaluator";
  }
  const std::string& name() const override { return options_.name; }
  std::vector<std::string> metric_names() const override { return {"accuracy"}; }
  std::string primary_metric() const override { return "accuracy"; }
  std::vector<std::string> notes() const override;
  EvaluationResult evaluate(const EncodeFn& encode, ThreadPool& pool,
                            const EvaluationContext& context = {}) const override;

  /// The counts behind the accuracy; the CSV file gets its row as by evaluate().
  TripletAccuracy count(const EncodeFn& encode, ThreadPool& pool,
                        const EvaluationContext& context = {}) const;

 private:
  std::vector<Triplet> triplets_;
  TripletEvaluatorOptions options_;
  std::string csv_file_;
};

}  // namespace maxsimd
