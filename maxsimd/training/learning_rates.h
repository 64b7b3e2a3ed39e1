// The learning rate of each step: a schedule over the steps, or one that falls when a metric stops
// getting better. One thread at a time.
#pragma once

#include <optional>

#include "maxsimd/hyperparameters/plateau_schedule.h"
#include "maxsimd/hyperparameters/training_arguments.h"

namespace maxsimd::training {

class LearningRates {
 public:
  /// Throws as LearningRateSchedule and PlateauSchedule, and std::invalid_argument
  /// (reduce_lr_on_plateau and learning_rate_mapping with a learning_rate of 0).
  LearningRates(const TrainingArguments& arguments, int64_t total_steps);

  /// Of the step after `completed_steps` steps.
  double at(int64_t completed_steps) const;

  /// The same as a part of the highest: what learning_rate_mapping's rates are multiplied by.
  double factor(int64_t completed_steps) const;

  /// Tells the metric_for_best_model of an evaluation; a schedule over steps does not listen.
  void after_evaluation(double metric);

  /// What a checkpoint must keep: nothing for a schedule over steps.
  std::optional<PlateauSchedule::State> state() const;
  void restore(const std::optional<PlateauSchedule::State>& state);

 private:
  double highest_;
  std::optional<LearningRateSchedule> schedule_;  // one of the two is there
  std::optional<PlateauSchedule> plateau_;
};

}  // namespace maxsimd::training
