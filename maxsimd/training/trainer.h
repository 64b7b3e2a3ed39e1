// Trains a ColBERT model as PyLate's SentenceTransformerTrainer does (docs/hyperparameters.md:
// every argument; docs/training.md: what a run leaves behind). No LibTorch type is in this header.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "maxsimd/card/training_record.h"
#include "maxsimd/hyperparameters/hyperparameter_set.h"
#include "maxsimd/training/sampler.h"

namespace maxsimd::training {

/// Where a run is, after a step.
struct StepReport {
  int64_t step = 0;
  int64_t total_steps = 0;
  double epoch = 0;
  double loss = 0;                 // of this step
  double learning_rate = 0;        // of this step
  double tokens_per_second = 0;    // since the run began, without evaluations and saving
  double seconds_left = 0;         // at the same pace
  std::vector<BatchRows> batches;  // what it was trained on
};

/// What a run tells while it goes on; all calls come from the thread that trains. This one hears
/// nothing of it.
class TrainingListener {
 public:
  virtual ~TrainingListener() = default;
  virtual void on_note(const std::string& /*text*/) {}
  virtual void on_step(const StepReport& /*report*/) {}
  virtual void on_log(const LogEvent& /*event*/, const TrainingRecord& /*record*/) {}
  /// Work beside the steps: "saving checkpoint-500", "encoding documents".
  virtual void on_work(std::string_view /*what*/, size_t /*done*/, size_t /*total*/) {}
  /// What train() is about to throw. In each of several processes, and before the others can see
  /// that this one is gone: the first to hear it hears the cause.
  virtual void on_failure(const std::string& /*message*/) {}
};

struct TrainingOutcome {
  int64_t steps = 0;
  int64_t skipped_steps = 0;           // of them: without an update, loss or gradient not finite
  bool stopped = false;                // asked to: a checkpoint was written
  bool stopped_early = false;          // early_stopping_patience
  std::filesystem::path model_folder;  // the saved model, or the checkpoint when stopped
  bool is_first = true;                // of several processes: the one that wrote it
  double tokens_per_second = 0;        // of all processes, in the steps this call did; 0: none
};

/// Runs a training to its end, or until `stop` is true; then the step at hand is finished and a
/// checkpoint written. Writes into output_dir. A run that is resumed goes on as if it had never
/// stopped: the same rows, losses and weights, bit for bit. Throws std::invalid_argument (arguments
/// that do not go together, a device that is not there, an output_dir that holds checkpoints of a
/// run, a checkpoint of another run), IoError, FormatError (data, model).
///
/// With torchrun's variables in the environment this process is one of several
/// (process_group.h): all train, the first one tells `listener` and writes (the others tell
/// on_failure() only); one that is asked to stop stops all.
TrainingOutcome train(const HyperparameterSet& hyperparameters, TrainingListener& listener,
                      const std::atomic<bool>& stop);

}  // namespace maxsimd::training
