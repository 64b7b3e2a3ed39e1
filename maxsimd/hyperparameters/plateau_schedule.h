// lr_scheduler_type: reduce_lr_on_plateau. The learning rate falls when a metric has stopped
// getting better: torch.optim.lr_scheduler.ReduceLROnPlateau, which transformers steps with the
// metric_for_best_model of each evaluation. It has no warm-up. Not for several threads at once.
#pragma once

#include <cstdint>

#include "maxsimd/hyperparameters/value.h"

namespace maxsimd {

class PlateauSchedule {
 public:
  /// What changes over a run: the whole of what a checkpoint must hold.
  struct State {
    double learning_rate = 0;
    double best = 0;
    int64_t num_bad_evaluations = 0;
    int64_t cooldown_counter = 0;
    bool operator==(const State&) const = default;
  };

  /// kwargs (None or a mapping): mode min|max (min; transformers does not ask greater_is_better),
  /// factor (0.1), patience (10), threshold (1e-4), threshold_mode rel|abs (rel), cooldown (0),
  /// min_lr (0), eps (1e-8). Throws std::invalid_argument for others and for wrong values.
  PlateauSchedule(double learning_rate, const HyperparameterValue& kwargs);

  /// The learning rate of the next step.
  double learning_rate() const { return state_.learning_rate; }

  /// Tells the metric of an evaluation.
  void step(double metric);

  const State& state() const { return state_; }
  void restore(const State& state) { state_ = state; }

 private:
  bool is_better(double metric) const;

  bool is_max_ = false;
  bool is_absolute_ = false;
  double factor_ = 0.1;
  double patience_ = 10;
  double threshold_ = 1e-4;
  double cooldown_ = 0;
  double min_lr_ = 0;
  double eps_ = 1e-8;
  State state_;
};

}  // namespace maxsimd
