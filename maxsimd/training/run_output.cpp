#include "maxsimd/training/run_output.h"

#include <stdexcept>
#include <system_error>
#include <utility>

#include "maxsimd/base/atomic_folder.h"
#include "maxsimd/base/errors.h"
#include "maxsimd/card/checkpoint_name.h"
#include "maxsimd/card/model_card.h"
#include "maxsimd/card/training_record_file.h"
#include "maxsimd/training/checkpoint_folders.h"
#include "maxsimd/training/random_state.h"
#include "maxsimd/training/trained_weights.h"

namespace maxsimd::training {

namespace fs = std::filesystem;
namespace {

constexpr const char* kLockName = ".maxsimd-train.lock";

std::vector<RandomState> gather_random_states(const RunSetup& setup) {
  const RandomState own = random_state(setup.device);
  std::vector<RandomState> states;
  for (const at::Tensor& state : setup.processes.gather(own.cpu)) states.push_back({state, {}});
  if (!own.cuda.defined()) return states;
  const std::vector<at::Tensor> of_gpus = setup.processes.gather(own.cuda);
  for (size_t rank = 0; rank < states.size(); ++rank) states[rank].cuda = of_gpus[rank];
  return states;
}

// Two runs would write over each other's logs and remove each other's checkpoints.
FileLock take_lock(const fs::path& output) {
  const fs::path path = output / kLockName;
  std::optional<FileLock> lock = FileLock::try_take(path);
  if (lock.has_value()) return std::move(*lock);
  throw std::invalid_argument("output_dir " + output.string() + ": another run (" +
                              FileLock::holder(path) +
                              ") is writing here; wait until it has ended, or give another folder");
}

std::string why_not_made(const fs::path& folder, const std::error_code& error) {
  const std::string start = "output_dir " + folder.string() + ": ";
  if (fs::is_symlink(fs::symlink_status(folder)) && !fs::exists(folder)) {
    return start + "a symbolic link to " + fs::read_symlink(folder).string() +
           ", which is not there; make that folder, or give another one";
  }
  return start + "the folder cannot be made: " + error.message();
}

}  // namespace

RunOutput::RunOutput(const RunSetup& setup, TrainingListener& listener)
    : setup_(setup), listener_(listener) {
  std::error_code error;
  fs::create_directories(setup.output, error);
  if (error) throw IoError(why_not_made(setup.output, error));
  if (setup.processes.is_first()) lock_.emplace(take_lock(setup.output));
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
    // Before older ones go: what run.json names is there, also after a kill.
    write_record(with_checkpoint(state.record, step));
    drop_old_checkpoints(setup_.output, setup_.arguments.saving, state.position.best_step, step);
  }
  saved_step_ = step;
  listener_.on_work(what, 1, 1);
}

TrainingRecord RunOutput::with_checkpoint(TrainingRecord record, int64_t step) {
  record.model_folder = checkpoint_name(step);
  return record;
}

void RunOutput::write_record(const TrainingRecord& record) const {
  if (!setup_.processes.is_first()) return;
  write_training_record(record, setup_.output / kTrainingRecordName);
  write_tables(record);
}

void RunOutput::write_model(OptimizerSteps& steps, const TrainingRecord& record) const {
  if (!setup_.processes.is_first()) return;
  AtomicFolderWriter folder(model_folder(record), WhenThere::replace);
  // Training changes no shape: the summary is that of the model it started from.
  const std::string card = model_card(record, summarize_model(setup_.model.checkpoint()));
  save_model(setup_.model, steps.model().parameters(), card, folder.path());
  folder.commit();
}

}  // namespace maxsimd::training
