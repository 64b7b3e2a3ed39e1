// When a run logs, evaluates and saves.
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

}  // namespace maxsimd::training
