// Evaluation in the middle of a run: the evaluators on the native encoder with the current weights,
// then the loss on the evaluation data sets. Gradients are off.
#pragma once

#include <atomic>
#include <filesystem>
#include <map>
#include <optional>
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

struct Evaluated {
  std::vector<LogEvent> events;  // in PyLate's order: evaluators, then losses
  EvaluationNumbers numbers;
};

/// All evaluators, which append to their CSV files in OUTPUT_DIR/eval, and the losses. Nothing when
/// `stop` becomes true meanwhile: it is left within a few seconds, and no row of it stays.
std::optional<Evaluated> evaluate_all(const RunSetup& setup, const ColbertModel& trained,
                                      const EvaluationMoment& at, TrainingListener& listener,
                                      const std::atomic<bool>& stop);

/// Where the evaluators' CSV files lie.
std::filesystem::path evaluation_folder(const RunSetup& setup);

}  // namespace maxsimd::training
