#include "maxsimd/training/run_start.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <stdexcept>

#include "maxsimd/base/errors.h"
#include "maxsimd/evaluation/evaluator_csv.h"
#include "maxsimd/training/checkpoint_folders.h"
#include "maxsimd/training/data_parallel.h"
#include "maxsimd/training/projection_start.h"
#include "maxsimd/training/run_evaluation.h"
#include "maxsimd/training/run_record.h"

namespace maxsimd::training {
namespace {

namespace fs = std::filesystem;

/// The checkpoint that the arguments ask to go on from; empty when they do not, or none is whole.
fs::path find_start(const RunSetup& setup, std::vector<std::string>& notes) {
  const SavingArguments& saving = setup.arguments.saving;
  if (!saving.resume_from_checkpoint.empty()) return saving.resume_from_checkpoint;
  if (!saving.resume_from_last) return {};
  const std::vector<fs::path> checkpoints = find_checkpoints(setup.output, notes);
  if (!checkpoints.empty()) return checkpoints.front();
  notes.push_back(setup.output.string() + " has no whole checkpoint: the run begins anew");
  return {};
}

// Whether an evaluator is the one that a record's log speaks of.
bool has_logged(const Evaluator& evaluator, const EvaluatorRecord& record,
                const EvaluatorLog& event) {
  return evaluator.class_path() == record.class_path && evaluator.name() == record.name &&
         std::ranges::equal(event.metrics, evaluator.metric_names(), {},
                            &std::pair<std::string, double>::first);
}

// The log tells evaluators and metrics by their places: once they have run they must stay.
void take_evaluators(const RunSetup& setup, const fs::path& checkpoint, TrainingRecord& record) {
  for (const LogEvent& event : record.log) {
    const auto* log = std::get_if<EvaluatorLog>(&event);
    if (log == nullptr) continue;
    const size_t e = log->evaluator;
    if (record.evaluators.size() == setup.evaluators.size() &&
        has_logged(*setup.evaluators[e], record.evaluators[e], *log)) {
      continue;
    }
    throw std::invalid_argument(checkpoint.string() +
                                " is of a run with other evaluators; resume with those it had, or "
                                "begin anew in another output_dir");
  }
  record.evaluators = records_of(setup.evaluators);
}

RunState resume(const RunSetup& setup, const fs::path& checkpoint, OptimizerSteps& steps) {
  RunState state =
      restore_run(checkpoint, setup.processes, steps.model().parameters(), steps.optimizer());
  check_same_run(state, setup.hyperparameters, setup.train_sizes, checkpoint);
  take_evaluators(setup, checkpoint, state.record);
  steps.rates().restore(state.position.plateau);
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
  // Each process draws dropout of its own.
  at::manual_seed(setup.arguments.loading.seed + static_cast<uint64_t>(setup.processes.rank()));
  std::vector<std::string> notes = setup.notes;
  RunStart start{.state = {}, .checkpoint = find_start(setup, notes)};
  const bool resumes = !start.checkpoint.empty();
  if (resumes) {
    start.state = resume(setup, start.checkpoint, steps);
    notes.push_back("resumed from " + start.checkpoint.string());
    if (setup.processes.is_first()) {
      drop_csv_rows_after(start.state.position.evaluated_step, evaluation_folder(setup));
    }
  }
  for (const std::string& note : notes) listener.on_note(note);
  check_same_start(setup, resumes ? start.state.position.step : -1);
  if (!resumes) start.state = start_anew(setup, steps);
  start.state.hyperparameters = setup.hyperparameters.to_json();
  share_parameters(steps.model().parameters(), setup.processes);
  return start;
}

}  // namespace maxsimd::training
