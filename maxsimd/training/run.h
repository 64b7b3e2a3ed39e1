// A run from its first step to its last, and what happens between them: logs, evaluations,
// checkpoints, the best model. One thread at a time.
#pragma once

#include <atomic>
#include <chrono>

#include "maxsimd/training/cadence.h"
#include "maxsimd/training/optimizer_steps.h"
#include "maxsimd/training/run_evaluation.h"
#include "maxsimd/training/run_output.h"
#include "maxsimd/training/trainer.h"

namespace maxsimd::training {

class Run {
 public:
  /// All must outlive it.
  Run(const RunSetup& setup, TrainingListener& listener, const std::atomic<bool>& stop);
  /// To the end, or until `stop` is true. Throws as train().
  TrainingOutcome run();

 private:
  void begin();
  bool goes_on() const;
  void agree_to_stop();
  void train();
  void report(StepReport step, std::vector<TokenizedBatch>& batches);
  void after_step();
  void log_loss();
  void log_summary();
  void take_time();
  void evaluate();
  EvaluationNumbers measure();
  void judge(const EvaluationNumbers& numbers);
  void save_checkpoint();
  void save_if_best();
  TrainingOutcome finish();
  TrainingOutcome leave_checkpoint();
  TrainingOutcome leave_model();
  double epoch_now() const;
  StepEnd step_end() const;
  bool is_evaluated() const { return state_.position.evaluated_step == state_.position.step; }
  bool is_over() const;
  bool is_best_to_keep() const;
  bool lacks_last_evaluation() const;

  const RunSetup& setup_;
  TrainingListener& listener_;
  const std::atomic<bool>& stop_;
  OptimizerSteps steps_;
  const Cadences cadences_;
  RunOutput output_;
  RunState state_;
  std::filesystem::path checkpoint_;  // it goes on from; empty: it began anew
  bool stopping_ = false;             // a process was asked to stop
  bool stopped_early_ = false;
  std::chrono::steady_clock::time_point start_;
  double earlier_seconds_ = 0;       // of the processes it goes on from
  double earlier_step_seconds_ = 0;  // what they spent in steps
};

}  // namespace maxsimd::training
