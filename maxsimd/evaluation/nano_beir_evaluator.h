// PyLate's NanoBEIREvaluator: a retrieval evaluator a data set ("NanoSciFact_MaxSim_ndcg@10"), then
// the mean over the sets ("NanoBEIR_mean_MaxSim_ndcg@10", the primary metric); CSV
// NanoBEIR_evaluation_mean_results.csv beside those of the sets.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "maxsimd/evaluation/nano_beir.h"
#include "maxsimd/evaluation/retrieval_evaluator.h"

namespace maxsimd {

struct NanoBeirOptions {
  RetrievalCutoffs cutoffs;
  bool ignore_identical_ids = false;
  size_t corpus_chunk_size = 512;
};

class NanoBEIREvaluator : public Evaluator {
 public:
  /// Reads the sets; texts of no bytes are passed over, as in PyLate. Throws IoError, FormatError,
  /// std::invalid_argument (no sets, and as PyLateInformationRetrievalEvaluator).
  explicit NanoBEIREvaluator(const std::vector<NanoBeirSet>& sets, NanoBeirOptions options = {});

  std::string class_path() const override {
    return "pylate.evaluation.nano_beir_evaluator.NanoBEIREvaluator";
  }
  const std::string& name() const override { return name_; }  // "NanoBEIR_mean"
  std::vector<std::string> metric_names() const override;
  std::string primary_metric() const override;
  /// The names of the data sets.
  std::string config() const override;
  std::vector<std::string> notes() const override;
  /// Reports each set, and the mean where there are several.
  EvaluationResult evaluate(const EncodeFn& encode, ThreadPool& pool,
                            const EvaluationContext& context = {}) const override;

 private:
  std::string name_ = "NanoBEIR_mean";
  NanoBeirOptions options_;
  std::vector<std::string> dataset_names_;
  std::vector<std::unique_ptr<PyLateInformationRetrievalEvaluator>> evaluators_;  // [sets]
};

}  // namespace maxsimd
