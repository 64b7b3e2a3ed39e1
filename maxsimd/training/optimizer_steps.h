// The steps of a run: forward and backward over the batches of a step, here and in the other
// processes, clipping, and the update. Knows nothing of logs, evaluations and checkpoints. One
// thread at a time.
#pragma once

#include <vector>

#include "maxsimd/training/adamw.h"
#include "maxsimd/training/colbert_model.h"
#include "maxsimd/training/learning_rates.h"
#include "maxsimd/training/run_setup.h"
#include "maxsimd/training/run_state.h"
#include "maxsimd/training/trainer.h"

namespace maxsimd::training {

class OptimizerSteps {
 public:
  /// Both must outlive it.
  OptimizerSteps(const RunSetup& setup, TrainingListener& listener);

  /// Trains on the batches of one step, and moves `at` on: the step, the sum of losses, the
  /// samples. A step whose loss or gradient is not a number changes no weight. Throws Diverged
  /// when ten in a row were such; IoError (other processes).
  StepReport take(const std::vector<TokenizedBatch>& batches, RunPosition& at);

  ColbertModel& model() { return model_; }
  AdamW& optimizer() { return optimizer_; }
  LearningRates& rates() { return rates_; }

  double gradient_norm() const { return gradient_norm_; }  // of the last step
  bool was_skipped() const { return skipped_in_a_row_ > 0; }
  /// Throws Diverged when the last step was skipped.
  void check_last_step() const;
  // Of the steps taken here.
  double seconds() const { return seconds_; }
  double tokens_per_second() const { return seconds_ > 0 ? tokens_ / seconds_ : 0; }
  double seconds_a_step() const { return seconds_ / static_cast<double>(num_steps_); }

 private:
  std::vector<at::Tensor> accumulate(const std::vector<TokenizedBatch>& batches);
  double share(double loss, const std::vector<TokenizedBatch>& batches, RunPosition& at);
  void skip(double loss, RunPosition& at);

  const RunSetup& setup_;
  TrainingListener& listener_;
  ColbertModel model_;
  AdamW optimizer_;
  LearningRates rates_;
  double gradient_norm_ = 0;
  int64_t skipped_in_a_row_ = 0;
  double seconds_ = 0;
  double tokens_ = 0;  // of all processes
  int64_t num_steps_ = 0;
};

}  // namespace maxsimd::training
