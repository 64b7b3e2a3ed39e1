// Evaluation in the middle of a run: the evaluators on the native encoder with the current weights,
// then the loss on the evaluation data sets. Gradients are off.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "maxsimd/training/run_setup.h"
#include "maxsimd/training/trainer.h"

namespace maxsimd::training {

/// By the names that metric_for_best_model takes: "loss", "accuracy", ...
using EvaluationNumbers = std::map<std::string, double>;

/// Where in the run an evaluation takes place.
struct EvaluationMoment {
  int64_t step = 0;
  double epoch = 0;
};

/// The events in PyLate's order: evaluators, then losses. The evaluators append to their CSV files
/// in OUTPUT_DIR/eval.
std::vector<LogEvent> evaluate_all(const RunSetup& setup, const ColbertModel& trained,
                                   const EvaluationMoment& at, TrainingListener& listener,
                                   EvaluationNumbers& numbers);

}  // namespace maxsimd::training
