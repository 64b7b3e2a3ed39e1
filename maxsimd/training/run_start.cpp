#include "maxsimd/training/run_start.h"

#include <ATen/ATen.h>

#include <stdexcept>
#include <system_error>

#include "maxsimd/base/errors.h"
#include "maxsimd/evaluation/evaluator_csv.h"
#include "maxsimd/training/carried_best.h"
#include "maxsimd/training/checkpoint_files.h"
#include "maxsimd/training/checkpoint_folders.h"
#include "maxsimd/training/data_parallel.h"
#include "maxsimd/training/position_check.h"
#include "maxsimd/training/projection_start.h"
#include "maxsimd/training/run_evaluation.h"
#include "maxsimd/training/run_record.h"
#include "maxsimd/training/same_data.h"
#include "maxsimd/training/same_model.h"
#include "maxsimd/training/same_run.h"

namespace maxsimd::training {
namespace {

namespace fs = std::filesystem;

// A run that has ended, and lost the checkpoints it could go on from, is not made anew unasked.
void check_no_model_is_lost(const RunSetup& setup, const std::vector<std::string>& damages) {
  const fs::path model = setup.output / kFinalModel;
  if (setup.arguments.saving.overwrite_output_dir || !fs::exists(model)) return;
  std::string text = "resume_from_checkpoint: output_dir " + setup.output.string() +
                     " holds the model of a run (" + kFinalModel + ") and no whole checkpoint";
  for (const std::string& damage : damages) text += "; " + damage;
  throw std::invalid_argument(text + ". A run that begins anew would replace " + model.string() +
                              ": move it away, give another output_dir, or replace it by "
                              "overwrite_output_dir");
}

/// The checkpoint that the arguments ask to go on from; empty when they do not, or none is whole.
fs::path find_start(const RunSetup& setup, std::vector<std::string>& notes) {
  const SavingArguments& saving = setup.arguments.saving;
  if (!saving.resume_from_checkpoint.empty()) {
    check_undamaged(saving.resume_from_checkpoint);
    return saving.resume_from_checkpoint;
  }
  if (!saving.resume_from_last) return {};
  const auto num_notes = static_cast<std::ptrdiff_t>(notes.size());
  for (const fs::path& checkpoint : find_checkpoints(setup.output, notes)) {
    const auto damage = find_damage(checkpoint);
    if (!damage.has_value()) return checkpoint;
    notes.push_back(checkpoint.string() + " is passed over: " + *damage);
  }
  check_no_model_is_lost(setup, {notes.begin() + num_notes, notes.end()});
  notes.push_back(setup.output.string() + " has no whole checkpoint: the run begins anew");
  return {};
}

/// Only the architecture and the tokenizer are still the given model's.
std::string other_start_note(const RunState& state, const RunSetup& setup, const fs::path& folder) {
  const std::string was = training_arguments(hyperparameters_of(state, folder)).model.model;
  const std::string& is = setup.arguments.model.model;
  if (fs::path(was).is_relative()) return "";  // to a folder that nobody knows any more
  std::error_code error;
  if (fs::equivalent(was, is, error)) return "";
  return "model: the run began from " + was + "; it goes on with the weights of " +
         folder.string() + ", not with those of " + is;
}

RunState resume(const RunSetup& setup, const fs::path& checkpoint, OptimizerSteps& steps) {
  RunState state = read_run_state(checkpoint);
  check_same_run(state, setup, checkpoint);
  check_same_model(setup.model, steps.model().parameters(), checkpoint);
  check_position(state, setup, checkpoint);
  restore_run(checkpoint, setup.processes.rank(), steps.model().parameters(), steps.optimizer());
  steps.rates().restore(state.position.plateau);
  if (setup.processes.is_first()) {
    drop_csv_rows_after(state.position.evaluated_step, evaluation_folder(setup));
  }
  return state;
}

// All processes begin at the same step: they have found the same checkpoint, or none.
void check_same_start(const RunSetup& setup, int64_t step) {
  const auto own = static_cast<double>(step);
  const double differs = setup.processes.from_first(own) == own ? 0 : 1;
  if (setup.processes.sum(differs) == 0) return;
  throw IoError("output_dir " + setup.output.string() +
                ": not all processes find the same newest checkpoint there; all must see one "
                "folder");
}

RunState start_anew(const RunSetup& setup, OptimizerSteps& steps) {
  const TrainingArguments& arguments = setup.arguments;
  if (setup.processes.is_first()) {
    clear_checkpoints(setup.output, arguments.saving, arguments.model.model);
    drop_csv_rows_after(-1, evaluation_folder(setup));
  }
  RunState state;
  state.record = new_record(setup);
  if (arguments.model.projection_start == ProjectionStart::kMainDirections) {
    start_projection_from_main_directions(setup.model, setup.train, steps.model());
  }
  return state;
}

}  // namespace

RunStart start_run(const RunSetup& setup, OptimizerSteps& steps, TrainingListener& listener) {
  // Each process draws dropout of its own; the generators of GPUs are seeded with that of the CPU.
  at::manual_seed(setup.arguments.loading.seed + static_cast<uint64_t>(setup.processes.rank()));
  std::vector<std::string> notes = setup.notes;
  check_card_names(setup);
  if (setup.processes.is_first()) check_only_runs_there(setup.output);
  RunStart start{.state = {}, .checkpoint = find_start(setup, notes)};
  const bool resumes = !start.checkpoint.empty();
  if (resumes) {
    start.state = resume(setup, start.checkpoint, steps);
    notes.push_back("resumed from " + start.checkpoint.string());
    std::string note = other_start_note(start.state, setup, start.checkpoint);
    if (!note.empty()) notes.push_back(std::move(note));
  }
  for (const std::string& note : notes) listener.on_note(note);
  check_same_start(setup, resumes ? start.state.position.step : -1);
  if (resumes) {
    const auto note = forget_lost_best(setup, start.checkpoint, start.state);
    if (note.has_value()) listener.on_note(*note);
  } else {
    start.state = start_anew(setup, steps);
  }
  if (setup.processes.is_first()) sweep_output_folder(setup.output, evaluation_folder(setup));
  describe_run(setup, start.state.record);
  start.state.hyperparameters = setup.hyperparameters.to_json();
  start.state.num_processes = setup.processes.size();
  start.state.evaluator_files = setup.evaluator_files;
  start.state.train_checksums = checksums_of(setup.train);
  start.state.eval_checksums = checksums_of(setup.eval);
  start.state.evaluator_checksums = setup.evaluator_checksums;
  share_parameters(steps.model().parameters(), setup.processes);
  return start;
}

}  // namespace maxsimd::training
