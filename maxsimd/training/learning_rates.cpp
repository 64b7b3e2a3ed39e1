#include "maxsimd/training/learning_rates.h"

#include <cmath>
#include <stdexcept>

namespace maxsimd::training {

LearningRates::LearningRates(const TrainingArguments& arguments, int64_t total_steps)
    : highest_(arguments.optimizer.learning_rate) {
  const ScheduleArguments& given = arguments.schedule;
  if (given.lr_scheduler_type == SchedulerType::kReduceLrOnPlateau) {
    if (highest_ == 0 && !arguments.optimizer.learning_rate_mapping.empty()) {
      throw std::invalid_argument(
          "learning_rate_mapping: with lr_scheduler_type reduce_lr_on_plateau its rates fall as "
          "learning_rate does, which is 0; give a learning_rate above 0, or another schedule");
    }
    plateau_.emplace(highest_, given.lr_scheduler_kwargs);
    return;
  }
  schedule_.emplace(ScheduleOptions{
      .type = given.lr_scheduler_type,
      .learning_rate = highest_,
      .num_warmup_steps = resolve_warmup_steps(given.warmup_steps, given.warmup_ratio, total_steps),
      .num_training_steps = total_steps,
      .kwargs = given.lr_scheduler_kwargs});
}

double LearningRates::at(int64_t completed_steps) const {
  return plateau_.has_value() ? plateau_->learning_rate() : schedule_->at(completed_steps);
}

double LearningRates::factor(int64_t completed_steps) const {
  if (schedule_.has_value()) return schedule_->factor(completed_steps);
  return highest_ > 0 ? plateau_->learning_rate() / highest_ : 1;
}

void LearningRates::after_evaluation(double metric) {
  if (plateau_.has_value()) plateau_->step(metric);
}

std::optional<PlateauSchedule::State> LearningRates::state() const {
  if (!plateau_.has_value()) return std::nullopt;
  return plateau_->state();
}

void LearningRates::restore(const std::optional<PlateauSchedule::State>& state) {
  if (!plateau_.has_value() || !state.has_value()) return;
  PlateauSchedule::State from = *state;
  // No evaluation gave a number: the best is the infinity it starts from, which JSON cannot hold.
  if (!std::isfinite(from.best)) from.best = plateau_->state().best;
  plateau_->restore(from);
}

}  // namespace maxsimd::training
