// How many steps a training run has, and when things happen in it: the rules of transformers
// 4.48.2 (trainer.py, training_args.py, TrainerState.compute_steps).
#pragma once

#include <cstddef>
#include <cstdint>

namespace maxsimd {

/// A number of steps: `steps_or_ratio` itself, or below 1 that part of all steps, rounded up.
/// Throws std::invalid_argument: negative, or not finite.
int64_t resolve_steps(double steps_or_ratio, int64_t total_steps);

struct TrainingLength {
  double num_train_epochs = 3.0;
  int64_t max_steps = -1;  // > 0: instead of epochs
  int64_t gradient_accumulation_steps = 1;
};

/// Steps of one epoch of so many batches: batches / accumulation rounded up, as in transformers 5.
/// (A remainder of batches at the end of an epoch is a step of its own. transformers 4.48 takes
/// that step, too, but does not count it beforehand: its runs end within the last epoch.)
int64_t steps_per_epoch(size_t batches_per_epoch, int64_t gradient_accumulation_steps);

/// Steps of the whole run: max_steps, or ceil(epochs * steps_per_epoch). Throws
/// std::invalid_argument: no batches, or more steps than can be counted.
int64_t total_steps(const TrainingLength& length, size_t batches_per_epoch);

/// Steps of warm-up: warmup_steps if it is a count of at least 1; below 1 and above 0 that part of
/// all steps (transformers 5); 0: warmup_ratio, that part of all steps. Parts are rounded up.
int64_t resolve_warmup_steps(double warmup_steps, double warmup_ratio, int64_t total_steps);

}  // namespace maxsimd
