#include "maxsimd/training/run_output.h"

#include <system_error>

#include "maxsimd/base/errors.h"
#include "maxsimd/card/model_card.h"
#include "maxsimd/card/training_record_file.h"
#include "maxsimd/training/checkpoint_folders.h"
#include "maxsimd/training/random_state.h"
#include "maxsimd/training/trained_weights.h"

namespace maxsimd::training {

namespace fs = std::filesystem;
namespace {

std::vector<RandomState> gather_random_states(const RunSetup& setup) {
  const RandomState own = random_state(setup.device);
  std::vector<RandomState> states;
  for (const at::Tensor& state : setup.processes.gather(own.cpu)) states.push_back({state, {}});
  if (!own.cuda.defined()) return states;
  const std::vector<at::Tensor> of_gpus = setup.processes.gather(own.cuda);
  for (size_t rank = 0; rank < states.size(); ++rank) states[rank].cuda = of_gpus[rank];
  return states;
}

}  // namespace

RunOutput::RunOutput(const RunSetup& setup, TrainingListener& listener)
    : setup_(setup), listener_(listener) {
  std::error_code error;
  fs::create_directories(setup.output, error);
  if (!error) return;
  if (fs::is_symlink(fs::symlink_status(setup.output)) && !fs::exists(setup.output)) {
    throw IoError("output_dir " + setup.output.string() + ": a symbolic link to " +
                  fs::read_symlink(setup.output).string() +
                  ", which is not there; make that folder, or give another one");
  }
  throw IoError("output_dir " + setup.output.string() +
                ": the folder cannot be made: " + error.message());
}

void RunOutput::begin(const RunStart& start) {
  const RunState& state = start.state;
  if (setup_.processes.is_first()) log_.emplace(setup_.output, setup_.metric_names, state.record);
  const fs::path own = checkpoint_folder(setup_.output, state.position.step);
  if (fs::weakly_canonical(start.checkpoint) == fs::weakly_canonical(own)) {
    saved_step_ = state.position.step;
  }
}

void RunOutput::log(LogEvent event, TrainingRecord& record) {
  record.log.push_back(std::move(event));
  listener_.on_log(record.log.back(), record);
  if (log_.has_value()) log_->append(record.log.back());
}

void RunOutput::write_tables(const TrainingRecord& record) const {
  if (log_.has_value()) log_->write_tables(record);
}

void RunOutput::save_checkpoint(OptimizerSteps& steps, const RunState& state) {
  const int64_t step = state.position.step;
  const std::string what = "saving checkpoint-" + std::to_string(step);
  listener_.on_work(what, 0, 1);
  const std::vector<RandomState> random_states = gather_random_states(setup_);
  if (setup_.processes.is_first()) {
    save_run(setup_.model, steps.model().parameters(),
             setup_.arguments.saving.save_only_model ? nullptr : &steps.optimizer(), random_states,
             state, setup_.output);
    write_tables(state.record);
    drop_old_checkpoints(setup_.output, setup_.arguments.saving, state.position.best_step, step);
  }
  saved_step_ = step;
  listener_.on_work(what, 1, 1);
}

void RunOutput::write_record(const TrainingRecord& record) const {
  if (!setup_.processes.is_first()) return;
  write_tables(record);
  write_training_record(record, setup_.output / kTrainingRecordName);
}

void RunOutput::write_model(OptimizerSteps& steps, const TrainingRecord& record) const {
  if (!setup_.processes.is_first()) return;
  const fs::path folder = model_folder(record);
  const fs::path fresh = fs::path(folder).concat(".new");
  fs::remove_all(fresh);
  // Training changes no shape: the summary is that of the model it started from.
  const std::string card = model_card(record, summarize_model(setup_.model.checkpoint()));
  save_model(setup_.model, steps.model().parameters(), card, fresh);
  fs::remove_all(folder);
  fs::rename(fresh, folder);
}

}  // namespace maxsimd::training
