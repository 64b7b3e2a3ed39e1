#include "maxsimd/training/cadence.h"

#include "maxsimd/hyperparameters/step_rules.h"

namespace maxsimd::training {

Cadences::Cadences(const TrainingArguments& arguments, int64_t total_steps)
    : logging_{arguments.logging.logging_strategy,
               resolve_steps(arguments.logging.logging_steps, total_steps)},
      evaluating_{arguments.evaluation.eval_strategy,
                  resolve_steps(arguments.evaluation.eval_steps, total_steps)},
      saving_{arguments.saving.save_strategy,
              resolve_steps(arguments.saving.save_steps, total_steps)},
      logging_first_step_(arguments.logging.logging_first_step),
      eval_delay_(arguments.evaluation.eval_delay) {}

bool Cadences::is_log_due(const StepEnd& at) const {
  return logging_.is_due(at.step, at.epoch_ends) || (at.step == 1 && logging_first_step_);
}

bool Cadences::is_evaluation_due(const StepEnd& at) const {
  const double now =
      evaluating_.strategy == RunStrategy::kEpoch ? at.epoch : static_cast<double>(at.step);
  return evaluating_.is_due(at.step, at.epoch_ends) && now >= eval_delay_;
}

// By steps also after the last (transformers 5.3, DefaultFlowCallback.on_step_end).
bool Cadences::is_save_due(const StepEnd& at) const {
  return saving_.is_due(at.step, at.epoch_ends) ||
         (at.is_last && saving_.strategy == RunStrategy::kSteps);
}

}  // namespace maxsimd::training
