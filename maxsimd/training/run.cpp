#include "maxsimd/training/run.h"

#include <cmath>

#include "maxsimd/base/elapsed.h"
#include "maxsimd/training/best_model.h"
#include "maxsimd/training/checkpoint_files.h"
#include "maxsimd/training/divergence.h"
#include "maxsimd/training/run_record.h"
#include "maxsimd/training/run_start.h"
#include "maxsimd/training/step_batches.h"
#include "maxsimd/training/trained_weights.h"

namespace maxsimd::training {
namespace {

double rounded(double value, int digits) {
  const double unit = std::pow(10.0, digits);
  return std::round(value * unit) / unit + 0.0;  // never -0.0
}

}  // namespace

Run::Run(const RunSetup& setup, TrainingListener& listener, const std::atomic<bool>& stop)
    : setup_(setup),
      listener_(listener),
      stop_(stop),
      steps_(setup, listener),
      cadences_(setup.arguments, setup.total_steps),
      output_(setup, listener) {}

double Run::epoch_now() const {
  const RunPosition& at = state_.position;
  return static_cast<double>(at.epoch) +
         static_cast<double>(at.batch) / static_cast<double>(setup_.epoch_batches);
}

StepEnd Run::step_end() const {
  const RunPosition& at = state_.position;
  return {.step = at.step,
          .epoch = epoch_now(),
          .epoch_ends = at.batch == 0 && at.epoch > 0,
          .is_last = is_over()};
}

// Epochs that no_duplicates and dataloader_drop_last make short have fewer steps than was counted.
bool Run::is_over() const {
  const TrainingLength& length = setup_.arguments.length;
  if (state_.position.step >= setup_.total_steps) return true;
  return length.max_steps <= 0 &&
         static_cast<double>(state_.position.epoch) >= std::ceil(length.num_train_epochs);
}

bool Run::goes_on() const {
  return !is_over() && !stopping_ && !stopped_early_;
}

TrainingOutcome Run::run() {
  try {
    begin();
    train();
    return finish();
  } catch (const Diverged&) {
    output_.write_tables(state_.record);  // the curve shows where it went
    throw;
  }
}

void Run::begin() {
  RunStart start = start_run(setup_, steps_, listener_);
  output_.begin(start);
  state_ = std::move(start.state);
  checkpoint_ = std::move(start.checkpoint);
  const RunPosition& at = state_.position;
  earlier_step_seconds_ = state_.record.seconds.value_or(0);
  earlier_seconds_ = at.seconds;
  start_ = std::chrono::steady_clock::now();
  stopped_early_ = is_patience_over(setup_.arguments.saving, at);
  agree_to_stop();
  if (stopping_ || is_evaluated()) return;
  // Transformers does not count it for the best model either.
  if (at.step == 0 && setup_.arguments.evaluation.eval_on_start) measure();
  if (at.step == 0 || !cadences_.is_evaluation_due(step_end())) return;
  evaluate();  // the run was stopped before it could
  save_if_best();
}

// One process that was asked to stop stops all, at the same step.
void Run::agree_to_stop() {
  stopping_ = setup_.processes.sum(stop_ ? 1 : 0) > 0;
}

void Run::train() {
  StepBatches batches(setup_, checkpoint_);
  while (goes_on()) {
    StepInput input = batches.next(state_.position);
    report(steps_.take(input.batches, state_.position), input.batches);
    agree_to_stop();
    after_step();
  }
}

void Run::report(StepReport step, std::vector<TokenizedBatch>& batches) {
  step.total_steps = setup_.total_steps;
  step.epoch = epoch_now();
  step.seconds_left = steps_.seconds_a_step() * static_cast<double>(setup_.total_steps - step.step);
  for (TokenizedBatch& batch : batches) step.batches.push_back(std::move(batch.source));
  listener_.on_step(step);
}

// Log, evaluate, save: transformers' order.
void Run::after_step() {
  const StepEnd at = step_end();
  if (cadences_.is_log_due(at)) log_loss();
  if (cadences_.is_evaluation_due(at) && !stopping_) evaluate();
  // Weights that give no numbers must not push good checkpoints out.
  const bool is_due = cadences_.is_save_due(at) && !steps_.was_skipped();
  if (is_due || is_best_to_keep() || stopping_) save_checkpoint();
}

// The best model must be there at the end, whatever save_steps says.
bool Run::is_best_to_keep() const {
  const SavingArguments& saving = setup_.arguments.saving;
  return state_.position.best_step == state_.position.step &&
         (saving.save_strategy == RunStrategy::kBest || saving.load_best_model_at_end);
}

void Run::save_if_best() {
  if (is_best_to_keep() && !output_.has_checkpoint(state_.position.step)) save_checkpoint();
}

void Run::log_loss() {
  RunPosition& at = state_.position;
  if (at.step == at.logged_step) return;
  const double mean = at.loss_sum / static_cast<double>(at.step - at.logged_step);
  at.logged_loss_sum += at.loss_sum;
  at.loss_sum = 0;
  at.logged_step = at.step;
  output_.log(TrainLog{.step = static_cast<uint64_t>(at.step),
                       .epoch = epoch_now(),
                       .loss = rounded(mean, 4),
                       .grad_norm = steps_.gradient_norm(),
                       .learning_rate = steps_.rates().at(at.step)},
              state_.record);
}

// With the digits that transformers keeps.
void Run::log_summary() {
  const RunPosition& at = state_.position;
  if (at.step == 0) return;
  const auto steps = static_cast<double>(at.step);
  output_.log(TrainSummaryLog{.step = static_cast<uint64_t>(at.step),
                              .epoch = epoch_now(),
                              .train_runtime = rounded(at.seconds, 4),
                              .train_samples_per_second =
                                  rounded(static_cast<double>(at.samples) / at.seconds, 3),
                              .train_steps_per_second = rounded(steps / at.seconds, 3),
                              .train_loss = (at.logged_loss_sum + at.loss_sum) / steps},
              state_.record);
}

void Run::evaluate() {
  const EvaluationNumbers numbers = measure();
  if (is_evaluated()) judge(numbers);
}

// On the first process; the others have no numbers. When it is asked to stop meanwhile all stop,
// and the step counts as not evaluated: the run does it when it is resumed.
EvaluationNumbers Run::measure() {
  std::optional<Evaluated> evaluated;
  if (setup_.processes.is_first()) {
    const EvaluationMoment now{.step = state_.position.step, .epoch = epoch_now()};
    evaluated = evaluate_all(setup_, steps_.model(), now, listener_, stop_);
  }
  stopping_ = setup_.processes.from_first(evaluated.has_value() ? 0 : 1) != 0;
  if (!stopping_) state_.position.evaluated_step = state_.position.step;
  if (!evaluated.has_value()) return {};
  for (LogEvent& event : evaluated->events) output_.log(std::move(event), state_.record);
  output_.write_tables(state_.record);
  return std::move(evaluated->numbers);
}

// Is this the best model so far, and has it not got better for too long? All processes hear it.
void Run::judge(const EvaluationNumbers& numbers) {
  const SavingArguments& saving = setup_.arguments.saving;
  if (saving.metric_for_best_model.empty()) return;
  const double value = setup_.processes.from_first(
      setup_.processes.is_first() ? numbers.at(saving.metric_for_best_model) : 0);
  steps_.rates().after_evaluation(value);
  state_.position.plateau = steps_.rates().state();
  judge_metric(value, saving, state_.position);
  stopped_early_ = is_patience_over(saving, state_.position);
}

void Run::take_time() {
  state_.position.seconds = earlier_seconds_ + seconds_since(start_);
  state_.record.seconds = earlier_step_seconds_ + steps_.seconds();
}

void Run::save_checkpoint() {
  take_time();
  state_.record.step = static_cast<uint64_t>(state_.position.step);
  output_.save_checkpoint(steps_, state_);
}

// The card's metrics are those of the weights it lies beside.
bool Run::lacks_last_evaluation() const {
  const int64_t step = state_.position.step;
  return step > 0 && is_over() && cadences_.evaluates() && !is_evaluated();
}

// The first process writes; the others are done when it is.
TrainingOutcome Run::finish() {
  if (is_over()) steps_.check_last_step();
  if (lacks_last_evaluation() && !stopping_) {
    evaluate();
    save_if_best();
  }
  const bool is_whole = is_over() && !lacks_last_evaluation();
  TrainingOutcome outcome = is_whole || stopped_early_ ? leave_model() : leave_checkpoint();
  outcome.steps = state_.position.step;
  outcome.skipped_steps = state_.position.skipped_steps;
  outcome.is_first = setup_.processes.is_first();
  outcome.tokens_per_second = steps_.tokens_per_second();
  setup_.processes.wait();
  return outcome;
}

TrainingOutcome Run::leave_checkpoint() {
  const int64_t step = state_.position.step;
  // Asked to stop after the last step had looked, or before the first.
  if (!output_.has_checkpoint(step)) save_checkpoint();
  output_.write_record(RunOutput::with_checkpoint(state_.record, step));
  return {.stopped = true, .model_folder = checkpoint_folder(setup_.output, step)};
}

TrainingOutcome Run::leave_model() {
  TrainingRecord& record = state_.record;
  const std::optional<int64_t> best = state_.position.best_step;
  if (setup_.arguments.saving.load_best_model_at_end && best.has_value() &&
      setup_.processes.is_first()) {
    const std::filesystem::path folder = checkpoint_folder(setup_.output, *best);
    check_undamaged(folder);
    restore_weights(folder, steps_.model().parameters());
    record.best_step = static_cast<uint64_t>(*best);
  }
  record.step = static_cast<uint64_t>(state_.position.step);
  record.finished = now_text();
  take_time();
  log_summary();
  output_.write_model(steps_, record);
  output_.write_record(record);  // after what it names is there
  return {.stopped_early = stopped_early_, .model_folder = output_.model_folder(record)};
}

}  // namespace maxsimd::training
