// Several evaluators in turn (sentence-transformers' SequentialEvaluator): the metrics of all, then
// "sequential_score", the primary metric of the one that models are chosen by.
// The metrics' names are those of joint_metric_names(); in sentence-transformers, where two parts
// have a metric of the same name, the last one wins.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "maxsimd/evaluation/evaluator.h"

namespace maxsimd {

class SequentialEvaluator : public Evaluator {
 public:
  /// `main` is the number of the part that counts; the last one as a rule. Throws
  /// std::invalid_argument: no parts, no such part, a part that is a sequence itself, and as
  /// joint_metric_names().
  explicit SequentialEvaluator(std::vector<std::unique_ptr<Evaluator>> parts,
                               std::optional<size_t> main = std::nullopt);

  std::string class_path() const override {
    return "sentence_transformers.evaluation.SequentialEvaluator.SequentialEvaluator";
  }
  const std::string& name() const override { return name_; }  // ""
  std::vector<std::string> metric_names() const override;
  std::string primary_metric() const override { return "sequential_score"; }
  bool greater_is_better() const override { return parts_[main_]->greater_is_better(); }
  std::vector<std::string> notes() const override;
  /// Reports the parts, under the metrics' own names.
  EvaluationResult evaluate(const EncodeFn& encode, ThreadPool& pool,
                            const EvaluationContext& context = {}) const override;

 private:
  std::string name_;
  std::vector<std::unique_ptr<Evaluator>> parts_;
  std::vector<std::vector<std::string>> names_;  // [parts][their metrics] as they are called here
  size_t main_ = 0;
};

}  // namespace maxsimd
