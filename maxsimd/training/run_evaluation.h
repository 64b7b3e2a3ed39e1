// Evaluation in the middle of a run: the evaluators on the native encoder with the current weights,
// then the loss on the evaluation data sets. Gradients are off.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "maxsimd/evaluation/evaluator.h"
#include "maxsimd/training/objective.h"
#include "maxsimd/training/trainer.h"

namespace maxsimd::training {

/// By the names that metric_for_best_model takes: "loss", "accuracy", ...
using EvaluationNumbers = std::map<std::string, double>;

struct EvaluationPlan {
  const ColBERT& model;
  const ColbertModel& trained;
  const std::vector<Dataset>& datasets;
  const std::vector<std::unique_ptr<Evaluator>>& evaluators;
  SamplerOptions sampler;  // of the evaluation data sets
  ObjectiveOptions objective;
  ForwardOptions forward;
  Precision precision = Precision::f32;  // of the evaluators' encoder
  std::filesystem::path output;          // of the evaluators' CSV files
  int64_t step = 0;
  double epoch = 0;
};

/// The events in PyLate's order: evaluators, then losses.
std::vector<LogEvent> evaluate_all(const EvaluationPlan& plan, TrainingListener& listener,
                                   EvaluationNumbers& numbers);

}  // namespace maxsimd::training
