// PyLate's ColBERTDistillationEvaluator: how far a model's scores of a query's documents are from a
// teacher's,
//
//   kl_divergence = mean over queries of  sum_j p_j (log p_j - log q_j)
//   p = softmax(teacher's scores), q = softmax(MaxSim scores, scaled to [0, 1] a query when
//   normalize_scores: (s - min) / (max - min + 1e-8))
//
// under "[NAME_]kl_divergence"; CSV distillation_evaluation[_NAME]_results.csv with the columns
// epoch, steps, kl_divergence. Less is better.
//
// Where this differs from PyLate: a name works (PyLate 1.6 fails on one), there is a primary metric
// and it is to become smaller, queries may have different numbers of documents, and absent rows are
// absent instead of zero vectors (a query token that matches nothing scores less than 0).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "maxsimd/data/distillation_rows.h"
#include "maxsimd/evaluation/evaluator.h"

namespace maxsimd {

struct DistillationEvaluatorOptions {
  std::string name;
  size_t batch_size = 16;  // queries scored at a time; the divergence does not depend on it
  bool normalize_scores = true;
};

/// All rows, in memory. Throws FormatError (file:line).
std::vector<DistillationRow> read_all(const DistillationRows& rows);

/// The divergence of one query's scores from the teacher's. REQUIRES: as many of both, at least
/// one, all finite.
double kl_divergence(std::span<const float> scores, std::span<const float> teacher,
                     bool normalize_scores);

class ColBERTDistillationEvaluator : public Evaluator {
 public:
  /// Throws std::invalid_argument: no rows, a row without documents, whose scores are not one a
  /// document, or not finite; batch_size = 0; a name no file can have.
  explicit ColBERTDistillationEvaluator(std::vector<DistillationRow> rows,
                                        DistillationEvaluatorOptions options = {});

  std::string class_path() const override {
    return "pylate.evaluation.colbert_distillation.ColBERTDistillationEvaluator";
  }
  const std::string& name() const override { return options_.name; }
  std::vector<std::string> metric_names() const override { return {primary_metric()}; }
  std::string primary_metric() const override;
  bool greater_is_better() const override { return false; }
  std::vector<std::string> notes() const override;
  size_t num_queries() const { return rows_.size(); }
  EvaluationResult evaluate(const EncodeFn& encode, ThreadPool& pool,
                            const EvaluationContext& context = {}) const override;

 private:
  double sum_of_batch(std::span<const DistillationRow> rows, const EncodeFn& encode,
                      ThreadPool& pool) const;

  std::vector<DistillationRow> rows_;
  DistillationEvaluatorOptions options_;
  std::string csv_file_;
};

}  // namespace maxsimd
