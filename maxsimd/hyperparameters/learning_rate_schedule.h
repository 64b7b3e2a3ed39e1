// The learning rate over the steps of a run, for all lr_scheduler_type of transformers (4.48.2 and
// 5.3, optimization.py) but reduce_lr_on_plateau, which follows a metric (plateau_schedule.h).
#pragma once

#include <cstdint>
#include <string_view>

#include "maxsimd/hyperparameters/value.h"

namespace maxsimd {

enum class SchedulerType {
  kLinear,
  kCosine,
  kCosineWithRestarts,
  kPolynomial,
  kConstant,
  kConstantWithWarmup,
  kInverseSqrt,
  kReduceLrOnPlateau,
  kCosineWithMinLr,
  kCosineWarmupWithMinLr,
  kWarmupStableDecay,
};

/// "linear" and so on, Hugging Face's names. Throws std::invalid_argument for another name.
SchedulerType scheduler_type(std::string_view name);

struct ScheduleOptions {
  SchedulerType type = SchedulerType::kLinear;
  double learning_rate = 5e-5;  // the highest
  int64_t num_warmup_steps = 0;
  int64_t num_training_steps = 0;
  /// lr_scheduler_kwargs: None or a mapping. By type:
  ///   cosine                     num_cycles (0.5: down to 0 once)
  ///   cosine_with_restarts       num_cycles (1)
  ///   polynomial                 lr_end (1e-7), power (1)
  ///   inverse_sqrt               timescale (warm-up steps, or 10000 without any)
  ///   cosine_with_min_lr         min_lr or min_lr_rate (one must be given), num_cycles (0.5)
  ///   cosine_warmup_with_min_lr  the same, and warmup_lr_rate (None)
  ///   warmup_stable_decay        num_decay_steps (must be given), num_stable_steps (the rest),
  ///                              warmup_type (linear), decay_type (cosine) of linear, cosine and
  ///                              1-sqrt, min_lr_ratio (0), num_cycles (0.5)
  HyperparameterValue kwargs = {};
};

/// Immutable; const methods are safe from any thread.
class LearningRateSchedule {
 public:
  /// Throws std::invalid_argument: a member of kwargs that the type does not know or that has the
  /// wrong type, min_lr and min_lr_rate together or neither, lr_end not below learning_rate,
  /// negative steps, reduce_lr_on_plateau.
  explicit LearningRateSchedule(const ScheduleOptions& options);

  /// The learning rate of the step after `completed_steps` steps: the first step has at(0), which
  /// with a warm-up is 0. Past num_training_steps as the formula goes on. REQUIRES: at least 0.
  double at(int64_t completed_steps) const { return learning_rate_ * factor(completed_steps); }

  /// The same as a part of the highest learning rate; what groups of parameters with learning rates
  /// of their own (learning_rate_mapping) are multiplied by.
  double factor(int64_t completed_steps) const;

 private:
  enum class Curve { kLinear, kCosine, kOneMinusSqrt };

  double warmup(double step) const;
  double polynomial(double step) const;
  double stable_decay(double step) const;
  double progress(double step) const;
  void read_kwargs(const HyperparameterValue& kwargs);

  SchedulerType type_;
  double learning_rate_;
  double num_warmup_steps_;
  double num_training_steps_;
  double num_cycles_ = 0.5;
  double lr_end_ = 1e-7;
  double power_ = 1;
  double timescale_ = 0;
  double min_rate_ = 0;          // of cosine_*_min_lr and warmup_stable_decay
  double warmup_rate_ = -1;      // warmup_lr_rate; negative: None
  double num_stable_steps_ = 0;  // of warmup_stable_decay
  double num_decay_steps_ = 0;
  Curve warmup_curve_ = Curve::kLinear;
  Curve decay_curve_ = Curve::kCosine;
};

}  // namespace maxsimd
