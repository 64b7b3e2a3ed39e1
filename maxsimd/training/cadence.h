// When a run logs, evaluates and saves: transformers' rules.
#pragma once

#include <cstdint>

#include "maxsimd/hyperparameters/training_arguments.h"

namespace maxsimd::training {

/// Every so many steps, at the end of each epoch, or never.
struct Cadence {
  RunStrategy strategy = RunStrategy::kNo;
  int64_t steps = 0;

  bool is_due(int64_t step, bool epoch_ends) const {
    if (strategy == RunStrategy::kEpoch) return epoch_ends;
    return strategy == RunStrategy::kSteps && steps > 0 && step % steps == 0;
  }
};

/// The end of a step.
struct StepEnd {
  int64_t step = 0;
  double epoch = 0;  // how much of the epochs is done
  bool epoch_ends = false;
  bool is_last = false;  // of the run
};

class Cadences {
 public:
  Cadences(const TrainingArguments& arguments, int64_t total_steps);

  bool is_log_due(const StepEnd& at) const;
  bool is_evaluation_due(const StepEnd& at) const;
  bool is_save_due(const StepEnd& at) const;
  /// Whether there are evaluations at all.
  bool evaluates() const { return evaluating_.strategy != RunStrategy::kNo; }

 private:
  Cadence logging_, evaluating_, saving_;
  bool logging_first_step_ = false;
  double eval_delay_ = 0;  // steps, or epochs where those evaluate
};

}  // namespace maxsimd::training
