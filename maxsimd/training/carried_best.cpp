#include "maxsimd/training/carried_best.h"

#include "maxsimd/training/checkpoint_files.h"
#include "maxsimd/training/same_run.h"

namespace maxsimd::training {
namespace {

namespace fs = std::filesystem;

// "the highest accuracy"
std::string metric_text(const SavingArguments& saving) {
  if (saving.metric_for_best_model.empty()) return "no metric";
  return (saving.greater_is_better ? "the highest " : "the lowest ") + saving.metric_for_best_model;
}

// A checkpoint of that step in another folder is another run's.
bool has_best(const RunSetup& setup, const fs::path& checkpoint, int64_t best_step) {
  if (fs::weakly_canonical(checkpoint).parent_path() != fs::weakly_canonical(setup.output)) {
    return false;
  }
  return !find_damage(checkpoint_folder(setup.output, best_step)).has_value();
}

std::string why_lost(const RunSetup& setup, const fs::path& checkpoint, const RunState& state) {
  const SavingArguments was = training_arguments(hyperparameters_of(state, checkpoint)).saving;
  const SavingArguments& is = setup.arguments.saving;
  if (was.metric_for_best_model != is.metric_for_best_model ||
      was.greater_is_better != is.greater_is_better) {
    return "was that of " + metric_text(was) + ", which no longer counts, but " + metric_text(is);
  }
  const int64_t step = *state.position.best_step;
  if (!is.load_best_model_at_end || has_best(setup, checkpoint, step)) return "";
  return "is that of step " + std::to_string(step) + ", and " +
         checkpoint_folder(setup.output, step).string() + " is not there, or not whole";
}

}  // namespace

std::optional<std::string> forget_lost_best(const RunSetup& setup, const fs::path& checkpoint,
                                            RunState& state) {
  RunPosition& at = state.position;
  if (!at.best_step.has_value()) return std::nullopt;
  // The first process looks: what all will save depends on it.
  const std::string why = setup.processes.is_first() ? why_lost(setup, checkpoint, state) : "";
  if (setup.processes.from_first(why.empty() ? 0 : 1) == 0) return std::nullopt;
  at.best_step.reset();
  at.best_metric.reset();
  at.evaluations_without_gain = 0;
  at.judged_evaluations = 0;
  return "the best model so far " + why + ": it is forgotten, and the next evaluation is the best";
}

}  // namespace maxsimd::training
