// PyLate's PyLateInformationRetrievalEvaluator: exact search of a corpus, and the binary metrics of
// retrieval_metrics.h under "[NAME_]MaxSim_ndcg@10" ...; CSV
// Information-Retrieval_evaluation[_NAME]_results.csv.
//
// Where this differs from PyLate: absent rows are absent (PyLate pads a chunk of the corpus with
// zero vectors, so a query token that matches nothing scores 0 instead of less), ties go to the
// document that comes first in the corpus (PyLate keeps the larger id at the cut-off and orders by
// its heap), and the memory is that of a small chunk, not of [queries, chunk, tokens, tokens].
#pragma once

#include <string>
#include <vector>

#include "maxsimd/evaluation/beir.h"
#include "maxsimd/evaluation/evaluator.h"
#include "maxsimd/evaluation/retrieval_metrics.h"

namespace maxsimd {

struct RetrievalEvaluatorOptions {
  std::string name;
  RetrievalCutoffs cutoffs;
  /// Drops a hit whose id is the query's own; as many hits remain. PyLate never does.
  bool ignore_identical_ids = false;
  size_t corpus_chunk_size = 512;  // documents in memory at a time; the metrics do not depend on it
};

class PyLateInformationRetrievalEvaluator : public Evaluator {
 public:
  /// Queries without a relevant judgment are left out, as in PyLate, and so are judged queries
  /// whose text is not known. Throws std::invalid_argument: no query or no document remains, and as
  /// check_cutoffs(); a name no file can have; corpus_chunk_size = 0.
  PyLateInformationRetrievalEvaluator(BeirData data, RetrievalEvaluatorOptions options = {});

  std::string class_path() const override {
    return "pylate.evaluation.pylate_information_retrieval_evaluator."
           "PyLateInformationRetrievalEvaluator";
  }
  const std::string& name() const override { return options_.name; }
  std::vector<std::string> metric_names() const override;
  std::string primary_metric() const override;
  std::vector<std::string> notes() const override;
  EvaluationResult evaluate(const EncodeFn& encode, ThreadPool& pool,
                            const EvaluationContext& context = {}) const override;

 private:
  std::vector<JudgedRanking> rank(const EncodeFn& encode, ThreadPool& pool,
                                  const EvaluationContext& context) const;

  BeirData data_;  // only the queries that count
  RetrievalEvaluatorOptions options_;
};

/// "[NAME_]MaxSim_": what stands before the metrics' names.
std::string maxsim_prefix(const std::string& name);

/// Appends a row to the CSV file of an evaluator of this name: for runs that were made in another
/// way. `values` as retrieval_metrics().
void append_retrieval_csv(const EvaluationContext& context, const std::string& name,
                          const MetricValues& values, const RetrievalCutoffs& cutoffs);

}  // namespace maxsimd
