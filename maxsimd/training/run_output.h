// What a run leaves in its output_dir (docs/training.md): logs, checkpoints, the record, the model.
// The first of several processes writes; the others call the same functions. One thread at a time.
#pragma once

#include <filesystem>
#include <optional>

#include "maxsimd/base/file_lock.h"
#include "maxsimd/training/run_log.h"
#include "maxsimd/training/run_start.h"

namespace maxsimd::training {

class RunOutput {
 public:
  /// Makes the folder and takes it for this run, by a lock that goes with the process. Both must
  /// outlive it. Throws IoError, and std::invalid_argument: another run is at work there.
  RunOutput(const RunSetup& setup, TrainingListener& listener);

  // All throw IoError.

  /// Begins the logs with what the record has. Before all of the following.
  void begin(const RunStart& start);

  /// Adds an event to the record and to logs.jsonl.
  void log(LogEvent event, TrainingRecord& record);
  /// Writes logs.csv and loss.svg, as save_checkpoint() and write_record() also do.
  void write_tables(const TrainingRecord& record) const;

  /// Writes the checkpoint of the state's step, then run.json, which names it, and removes those
  /// that save_total_limit leaves no room for. Throws FormatError (a weight that is not finite).
  void save_checkpoint(OptimizerSteps& steps, const RunState& state);
  /// That the step's checkpoint is there: written by save_checkpoint(), or resumed from.
  bool has_checkpoint(int64_t step) const { return saved_step_ == step; }

  void write_record(const TrainingRecord& record) const;
  /// The record while the model is the checkpoint of a step.
  static TrainingRecord with_checkpoint(TrainingRecord record, int64_t step);

  /// Writes the model with its card, in place of that of an earlier run, which stays until it is
  /// whole. Throws FormatError (a weight that is not finite).
  void write_model(OptimizerSteps& steps, const TrainingRecord& record) const;

  std::filesystem::path model_folder(const TrainingRecord& record) const {
    return setup_.output / record.model_folder;
  }

 private:
  const RunSetup& setup_;
  TrainingListener& listener_;
  std::optional<FileLock> lock_;  // of the process that writes
  std::optional<RunLog> log_;     // of the process that writes
  int64_t saved_step_ = -1;
};

}  // namespace maxsimd::training
