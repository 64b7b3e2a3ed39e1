// A run in the middle: what a checkpoint folder holds beside the model, so that a resumed run goes
// on as if it had never stopped (bitwise, on the same machine and number of threads).
//
//   OUTPUT_DIR/checkpoint-STEP/   the model (PyLate folder), optimizer.safetensors (AdamW's state
//                                 and the random generators'), run.json (the record so far), and
//                                 trainer_state.json, which lists the others (checkpoint_files.h)
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "maxsimd/card/training_record.h"
#include "maxsimd/colbert/colbert.h"
#include "maxsimd/hyperparameters/plateau_schedule.h"
#include "maxsimd/training/adamw.h"
#include "maxsimd/training/parameters.h"
#include "maxsimd/training/random_state.h"

namespace maxsimd::training {

struct RunPosition {
  int64_t step = 0;     // optimizer steps done
  uint64_t epoch = 0;   // of the next batch
  size_t batch = 0;     // the next batch of that epoch
  double loss_sum = 0;  // of the steps since the last log
  int64_t logged_step = 0;
  double logged_loss_sum = 0;   // of those before
  uint64_t samples = 0;         // rows trained on, by all processes
  double seconds = 0;           // since the run began, those it went on from included
  int64_t evaluated_step = -1;  // the last; -1: none
  int64_t skipped_steps = 0;    // without an update: loss or gradient not finite
  std::optional<double> best_metric;
  std::optional<int64_t> best_step;
  int64_t judged_evaluations = 0;  // those with a value of metric_for_best_model
  int64_t evaluations_without_gain = 0;
  std::optional<PlateauSchedule::State> plateau;  // of lr_scheduler_type: reduce_lr_on_plateau
};

struct RunState {
  RunPosition position;
  TrainingRecord record;
  std::string hyperparameters;  // HyperparameterSet::to_json()
  int64_t num_processes = 1;
  /// The spec files of its evaluators, by name, and the hashes of what they said.
  std::map<std::string, std::string> evaluator_files;
  /// Of the rows of each data set, in their order, as decimal digits (RowsChecksum); not in
  /// checkpoints of earlier versions.
  std::vector<std::string> train_checksums, eval_checksums;
  /// Of what each evaluator reads (evaluator_checksums.h); nothing in checkpoints of earlier
  /// versions.
  std::optional<std::vector<std::string>> evaluator_checksums;
};

std::filesystem::path checkpoint_folder(const std::filesystem::path& output, int64_t step);

/// Writes OUTPUT/checkpoint-STEP, all of it or nothing, in place of an older one. random_states: of
/// each process, by rank. Without an optimizer (save_only_model) neither is in it, and
/// read_run_state() refuses it. Throws IoError (what has that name is no checkpoint of ours, for
/// one), FormatError (a weight that is not finite).
void save_run(const ColBERT& model, const Parameters& parameters, const AdamW* optimizer,
              const std::vector<RandomState>& random_states, const RunState& state,
              const std::filesystem::path& output);

/// What a checkpoint says of its run. Throws IoError, FormatError, std::invalid_argument (a
/// checkpoint of the model alone, from which no run can go on).
RunState read_run_state(const std::filesystem::path& folder);

/// Restores weights, optimizer and the random generators of the process of this rank; a checkpoint
/// from a CPU has no state for a GPU's, which then stays as it is. Throws IoError, FormatError.
void restore_run(const std::filesystem::path& folder, int64_t rank, Parameters& parameters,
                 AdamW& optimizer);

}  // namespace maxsimd::training
