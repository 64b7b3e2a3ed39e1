// The batches of each step, epoch after epoch, tokenized beside the training. One thread at a time.
#pragma once

#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

#include "maxsimd/training/run_setup.h"
#include "maxsimd/training/run_state.h"

namespace maxsimd::training {

/// What a step is trained on: gradient_accumulation_steps batches, fewer at the end of an epoch.
struct StepInput {
  std::vector<TokenizedBatch> batches;
  bool epoch_ends = false;
};

class StepBatches {
 public:
  /// `setup` must outlive it. `checkpoint`: what the run goes on from, for messages.
  StepBatches(const RunSetup& setup, std::filesystem::path checkpoint)
      : setup_(setup), checkpoint_(std::move(checkpoint)) {}

  /// The batches from at.epoch and at.batch on, which are moved behind them. REQUIRES: `at` is
  /// where the call before left it, or in a checkpoint. Throws FormatError (file:line; a checkpoint
  /// that lies past the end of its epoch), std::invalid_argument (no batch can be filled).
  StepInput next(RunPosition& at);

 private:
  void open_epoch(const RunPosition& at);

  const RunSetup& setup_;
  std::filesystem::path checkpoint_;
  std::unique_ptr<BatchLoader> loader_;  // null between two epochs
  size_t num_batches_ = 0;               // of this epoch: no_duplicates may give fewer
};

}  // namespace maxsimd::training
