// metric_for_best_model: which step's model is the best so far, and whether it has not got better
// for too long.
#pragma once

#include <string>
#include <vector>

#include "maxsimd/hyperparameters/training_arguments.h"
#include "maxsimd/training/run_state.h"

namespace maxsimd::training {

/// Throws std::invalid_argument when metric_for_best_model is given and is none of the metrics that
/// an evaluation measures.
void check_deciding_metric(const SavingArguments& saving, const std::vector<std::string>& measured);

/// Takes a value of it, measured at position.step, into the position. One that is not finite is
/// never the best, nor a gain; the first never counts against early_stopping_patience, as in
/// transformers' EarlyStoppingCallback.
void judge_metric(double value, const SavingArguments& saving, RunPosition& position);

/// Whether the run stops early: early_stopping_patience.
bool is_patience_over(const SavingArguments& saving, const RunPosition& position);

}  // namespace maxsimd::training
