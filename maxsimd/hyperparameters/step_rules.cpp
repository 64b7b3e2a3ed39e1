#include "maxsimd/hyperparameters/step_rules.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace maxsimd {
namespace {

constexpr double kMaxSteps = 1e15;  // whole numbers up to here are exact as doubles

int64_t rounded_up(double steps) {
  return static_cast<int64_t>(std::ceil(steps));
}

}  // namespace

int64_t resolve_steps(double steps_or_ratio, int64_t total_steps) {
  if (!(steps_or_ratio >= 0 && steps_or_ratio <= kMaxSteps)) {
    throw std::invalid_argument("expected a number of steps or a part of all steps, got " +
                                std::to_string(steps_or_ratio));
  }
  if (steps_or_ratio >= 1) return static_cast<int64_t>(steps_or_ratio);
  return rounded_up(static_cast<double>(total_steps) * steps_or_ratio);
}

int64_t steps_per_epoch(size_t batches_per_epoch, int64_t gradient_accumulation_steps) {
  const auto batches = static_cast<int64_t>(batches_per_epoch);
  return batches / gradient_accumulation_steps +
         (batches % gradient_accumulation_steps > 0 ? 1 : 0);
}

int64_t total_steps(const TrainingLength& length, size_t batches_per_epoch) {
  if (batches_per_epoch == 0) {
    throw std::invalid_argument(
        "training: no batches; with dataloader_drop_last the data must fill one batch at least");
  }
  if (length.max_steps > 0) return length.max_steps;
  const int64_t each = steps_per_epoch(batches_per_epoch, length.gradient_accumulation_steps);
  const double steps = length.num_train_epochs * static_cast<double>(each);
  if (!(steps > 0 && steps <= kMaxSteps)) {
    throw std::invalid_argument("num_train_epochs: " + std::to_string(length.num_train_epochs) +
                                " epochs of " + std::to_string(each) +
                                " steps cannot be counted; give max_steps");
  }
  return rounded_up(steps);
}

int64_t resolve_warmup_steps(double warmup_steps, double warmup_ratio, int64_t total_steps) {
  if (warmup_steps > 0) return resolve_steps(warmup_steps, total_steps);
  if (!(warmup_ratio >= 0 && warmup_ratio <= 1)) {
    throw std::invalid_argument("warmup_ratio: expected a part of all steps, got " +
                                std::to_string(warmup_ratio));
  }
  return rounded_up(static_cast<double>(total_steps) * warmup_ratio);
}

}  // namespace maxsimd
