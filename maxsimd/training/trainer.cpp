#include "maxsimd/training/trainer.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>

#include <cmath>
#include <ctime>
#include <thread>

#include "maxsimd/base/elapsed.h"
#include "maxsimd/base/errors.h"
#include "maxsimd/card/model_card.h"
#include "maxsimd/card/training_record_file.h"
#include "maxsimd/hyperparameters/step_rules.h"
#include "maxsimd/training/batch_loss.h"
#include "maxsimd/training/batch_shards.h"
#include "maxsimd/training/best_model.h"
#include "maxsimd/training/cadence.h"
#include "maxsimd/training/checkpoint_folders.h"
#include "maxsimd/training/data_parallel.h"
#include "maxsimd/training/learning_rates.h"
#include "maxsimd/training/projection_start.h"
#include "maxsimd/training/random_state.h"
#include "maxsimd/training/run_evaluation.h"
#include "maxsimd/training/run_evaluators.h"
#include "maxsimd/training/run_log.h"
#include "maxsimd/training/run_setup.h"
#include "maxsimd/training/run_state.h"
#include "maxsimd/training/trained_weights.h"

namespace maxsimd::training {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

// A run whose losses are not numbers so many times in a row will not come back.
constexpr int64_t kMaxSkippedInARow = 10;

std::string now_text() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[32];
  std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

class Run {
 public:
  Run(const HyperparameterSet& set, const TrainingArguments& arguments,
      const ProcessGroup& processes, TrainingListener& listener, const std::atomic<bool>& stop);
  TrainingOutcome run();

 private:
  void begin();
  bool resume();
  void check_same_start(int64_t step);
  void start_anew();
  void agree_to_stop();
  void train_epoch();
  StepReport train_step(const std::vector<TokenizedBatch>& micro_batches);
  void report(StepReport step, std::vector<TokenizedBatch>& micro_batches);
  double accumulate(const std::vector<TokenizedBatch>& micro_batches);
  void skip_step(double loss);
  void after_step(bool epoch_ends);
  void log_loss();
  void evaluate();
  EvaluationNumbers measure();
  void judge(const EvaluationNumbers& numbers);
  void save_checkpoint();
  TrainingOutcome finish();
  TrainingOutcome write_outcome();
  void evaluate_last();
  void write_record() const;
  void add(LogEvent event);
  double epoch_now() const;
  bool keeps_best() const;
  bool is_delayed() const;
  Shard shard() const;
  ForwardOptions forward_options(bool training) const;

  const HyperparameterSet& set_;
  const TrainingArguments& arguments_;
  const ProcessGroup& processes_;
  TrainingListener& listener_;
  const std::atomic<bool>& stop_;
  const fs::path output_;
  const ColBERT model_;  // tokenizer, settings, and the weights the run starts from
  ColbertModel trained_;
  AdamW optimizer_;
  std::vector<std::string> notes_;
  std::vector<Dataset> train_, eval_;
  std::unique_ptr<TextHashes> train_hashes_, eval_hashes_;
  std::vector<std::unique_ptr<Evaluator>> evaluators_;
  SamplerOptions sampler_, eval_sampler_;
  ObjectiveOptions objective_;
  size_t epoch_batches_ = 0;
  int64_t total_steps_ = 0;
  std::optional<LearningRates> rates_;
  Cadence logging_, evaluating_, saving_;
  RunState state_;
  bool stopping_ = false;  // a process was asked to stop
  bool stopped_early_ = false;
  int64_t skipped_in_a_row_ = 0;
  double last_norm_ = 0;
  double step_seconds_ = 0;     // of this process
  double earlier_seconds_ = 0;  // of those it goes on from
  int64_t saved_step_ = -1;     // of the newest checkpoint in output_
  double tokens_seen_ = 0;
  int64_t steps_here_ = 0;  // of this process
  std::vector<uint64_t> sizes_;
};

Run::Run(const HyperparameterSet& set, const TrainingArguments& arguments,
         const ProcessGroup& processes, TrainingListener& listener, const std::atomic<bool>& stop)
    : set_(set),
      arguments_(arguments),
      processes_(processes),
      listener_(listener),
      stop_(stop),
      output_(arguments_.saving.output_dir),
      model_(load_start_model(arguments_)),
      trained_(model_),
      optimizer_(trained_.parameters(),
                 {.beta1 = arguments_.optimizer.adam_beta1,
                  .beta2 = arguments_.optimizer.adam_beta2,
                  .epsilon = arguments_.optimizer.adam_epsilon,
                  .weight_decay = arguments_.optimizer.weight_decay,
                  .learning_rate = arguments_.optimizer.learning_rate,
                  .learning_rate_mapping = arguments_.optimizer.learning_rate_mapping}),
      notes_(model_.notes()),
      train_(open_datasets(arguments_, arguments_.data.train_dataset, model_, notes_)),
      eval_(open_datasets(arguments_, arguments_.data.eval_dataset, model_, notes_)),
      train_hashes_(make_text_hashes(arguments_, train_, model_.pool())),
      eval_hashes_(make_text_hashes(arguments_, eval_, model_.pool())),
      evaluators_(make_evaluators(arguments_)),
      sampler_(sampler_options(arguments_, arguments_.per_device_train_batch_size, train_,
                               train_hashes_.get())),
      eval_sampler_(sampler_options(arguments_, arguments_.per_device_eval_batch_size, eval_,
                                    eval_hashes_.get())),
      objective_(objective_options(arguments_.loss, model_)) {
  for (const Dataset& dataset : train_) sizes_.push_back(dataset.size());
  if (arguments_.loss.gather_across_devices) objective_.gather = &processes_;
  if (processes_.size() > 1) sampler_.drop_last = true;  // as sentence-transformers
  epoch_batches_ = num_shard_batches(num_batches(sizes_, sampler_), shard());
  total_steps_ = total_steps(arguments_.length, epoch_batches_);
  rates_.emplace(arguments_, total_steps_);
  logging_ = {arguments_.logging.logging_strategy,
              resolve_steps(arguments_.logging.logging_steps, total_steps_)};
  evaluating_ = {arguments_.evaluation.eval_strategy,
                 resolve_steps(arguments_.evaluation.eval_steps, total_steps_)};
  saving_ = {arguments_.saving.save_strategy,
             resolve_steps(arguments_.saving.save_steps, total_steps_)};
  if (arguments_.model.dropout.has_value()) {
    trained_.set_dropout({*arguments_.model.dropout, *arguments_.model.dropout});
  }
}

ForwardOptions Run::forward_options(bool training) const {
  return {.training = training,
          .precision = arguments_.precision.bf16 ? Precision::bf16 : Precision::f32,
          .recompute_layers = arguments_.precision.gradient_checkpointing,
          .neftune_noise_alpha = arguments_.optimizer.neftune_noise_alpha};
}

Shard Run::shard() const {
  return {static_cast<size_t>(processes_.rank()), static_cast<size_t>(processes_.size())};
}

double Run::epoch_now() const {
  const RunPosition& at = state_.position;
  return static_cast<double>(at.epoch) +
         static_cast<double>(at.batch) / static_cast<double>(epoch_batches_);
}

void Run::add(LogEvent event) {
  state_.record.log.push_back(std::move(event));
  listener_.on_log(state_.record.log.back(), state_.record);
  if (processes_.is_first()) write_logs(state_.record, output_);
}

void Run::begin() {
  // Each process draws dropout of its own.
  at::manual_seed(arguments_.loading.seed + static_cast<uint64_t>(processes_.rank()));
  state_.hyperparameters = set_.to_json();
  for (const std::string& note : set_.notes()) notes_.push_back(note);
  const bool resumed = resume();
  for (const std::string& note : notes_) listener_.on_note(note);
  check_same_start(resumed ? state_.position.step : -1);
  if (!resumed) start_anew();
  describe_run(arguments_, static_cast<size_t>(processes_.size()), state_.record);
  share_parameters(trained_.parameters(), processes_);
}

// All processes begin at the same step: they have found the same checkpoint, or none.
void Run::check_same_start(int64_t step) {
  const at::Tensor first = at::full({1}, step, at::kLong);
  processes_.copy_from_first(first);
  const at::Tensor differ = at::full({1}, first.item<int64_t>() == step ? 0 : 1, at::kLong);
  processes_.add_up(differ);
  if (differ.item<int64_t>() == 0) return;
  throw IoError("output_dir " + output_.string() +
                ": not all processes find the same newest checkpoint there; all must see one "
                "folder");
}

void Run::start_anew() {
  if (processes_.is_first()) clear_checkpoints(output_, arguments_.saving, arguments_.model.model);
  state_.record = new_record(set_, arguments_, model_, train_, eval_);
  state_.record.evaluators = records_of(evaluators_);
  state_.record.started = now_text();
  if (arguments_.model.projection_start == ProjectionStart::kMainDirections) {
    start_projection_from_main_directions(model_, train_, trained_);
  }
}

// Takes up the run where a checkpoint left it; false when there is none to take up.
bool Run::resume() {
  const SavingArguments& saving = arguments_.saving;
  std::vector<fs::path> checkpoints;
  if (!saving.resume_from_checkpoint.empty()) {
    checkpoints = {saving.resume_from_checkpoint};
  } else if (saving.resume_from_last) {
    checkpoints = find_checkpoints(output_, notes_);
  }
  if (checkpoints.empty()) {
    if (saving.resume_from_last) {
      notes_.push_back(output_.string() + " has no whole checkpoint: the run begins anew");
    }
    return false;
  }
  const fs::path& folder = checkpoints.front();
  RunState found = restore_run(folder, processes_, trained_.parameters(), optimizer_);
  check_same_run(found, set_, sizes_, folder);
  found.hyperparameters = state_.hyperparameters;
  adopt_evaluators(records_of(evaluators_), found.record);
  state_ = std::move(found);
  rates_->restore(state_.position.plateau);
  earlier_seconds_ = state_.record.seconds.value_or(0);
  stopped_early_ = saving.early_stopping_patience.has_value() &&
                   state_.position.evaluations_without_gain >= *saving.early_stopping_patience;
  if (fs::weakly_canonical(folder) ==
      fs::weakly_canonical(checkpoint_folder(output_, state_.position.step))) {
    saved_step_ = state_.position.step;
  }
  notes_.push_back("resumed from " + folder.string());
  return true;
}

TrainingOutcome Run::run() {
  fs::create_directories(output_);
  begin();
  agree_to_stop();
  // Transformers does not count it for the best model either.
  if (arguments_.evaluation.eval_on_start && state_.position.step == 0 &&
      state_.position.evaluated_step < 0) {
    measure();
  }
  while (state_.position.step < total_steps_ && !stopping_ && !stopped_early_) train_epoch();
  return finish();
}

void Run::train_epoch() {
  RunPosition& at = state_.position;
  std::vector<BatchRows> batches =
      shard_batches(epoch_batches(sizes_, at.epoch, sampler_), sampler_, shard());
  const size_t num_batches = batches.size();  // of this epoch: no_duplicates may give fewer
  if (num_batches == 0) {
    throw std::invalid_argument(
        "train_dataset: no batch can be filled with rows that share no text; a smaller "
        "per_device_train_batch_size, or no dataloader_drop_last, may help");
  }
  batches.erase(batches.begin(), batches.begin() + static_cast<ptrdiff_t>(at.batch));
  BatchLoader loader(model_, train_, std::move(batches));
  const auto accumulation = static_cast<size_t>(arguments_.length.gradient_accumulation_steps);
  std::vector<TokenizedBatch> micro_batches;
  while (at.step < total_steps_ && !stopping_ && !stopped_early_) {
    micro_batches.push_back(loader.next().value());
    const bool epoch_ends = at.batch + micro_batches.size() == num_batches;
    if (micro_batches.size() < accumulation && !epoch_ends) continue;
    const auto start = Clock::now();
    StepReport step = train_step(micro_batches);
    step_seconds_ += seconds_since(start);
    at.batch += micro_batches.size();
    if (epoch_ends) {  // the next batch is that of the next epoch
      ++at.epoch;
      at.batch = 0;
    }
    report(std::move(step), micro_batches);
    agree_to_stop();
    micro_batches.clear();
    after_step(epoch_ends);
    if (epoch_ends) return;
  }
}

// One process that was asked to stop stops all, at the same step.
void Run::agree_to_stop() {
  const at::Tensor asked = at::full({1}, stop_ ? 1 : 0, at::kLong);
  processes_.add_up(asked);
  stopping_ = asked.item<int64_t>() > 0;
}

// Forward and backward, here and in the other processes; the mean of the losses.
double Run::accumulate(const std::vector<TokenizedBatch>& micro_batches) {
  trained_.parameters().clear_gradients();
  const auto parts = static_cast<double>(arguments_.length.gradient_accumulation_steps);
  double loss = 0, tokens = 0;
  for (const TokenizedBatch& batch : micro_batches) {
    loss += add_gradients(trained_, batch, forward_options(true), objective_, parts);
    tokens += static_cast<double>(batch.num_tokens());
  }
  average_gradients(trained_.parameters(), processes_);
  const at::Tensor sums = at::tensor({loss, tokens}, at::kDouble);
  processes_.add_up(sums);
  tokens_seen_ += sums[1].item<double>();
  return sums[0].item<double>() / static_cast<double>(processes_.size());
}

void Run::skip_step(double loss) {
  RunPosition& at = state_.position;
  ++at.skipped_steps;
  // The logged mean is that of the other steps, or, unfiltered, no number either.
  const auto others = static_cast<double>(at.step - at.logged_step - 1);
  if (!arguments_.logging.logging_nan_inf_filter) {
    at.loss_sum += loss;
  } else if (others > 0) {
    at.loss_sum += at.loss_sum / others;
  }
  listener_.on_note("step " + std::to_string(state_.position.step) +
                    ": the loss or a gradient is not a number; the step is skipped");
  if (++skipped_in_a_row_ < kMaxSkippedInARow) return;
  throw FormatError("training: the losses of " + std::to_string(kMaxSkippedInARow) +
                    " steps in a row are not numbers; the last checkpoint is kept. A lower "
                    "learning_rate or a higher temperature may help");
}

// Forward, backward and update.
StepReport Run::train_step(const std::vector<TokenizedBatch>& micro_batches) {
  StepReport step{.learning_rate = rates_->at(state_.position.step)};
  step.loss = accumulate(micro_batches);
  last_norm_ = clip_gradients(trained_.parameters(), arguments_.optimizer.max_grad_norm);
  ++state_.position.step;
  ++steps_here_;
  if (std::isfinite(step.loss) && std::isfinite(last_norm_)) {
    optimizer_.step(step.learning_rate);
    state_.position.loss_sum += step.loss;
    skipped_in_a_row_ = 0;
  } else {
    skip_step(step.loss);
  }
  return step;
}

void Run::report(StepReport step, std::vector<TokenizedBatch>& micro_batches) {
  step.step = state_.position.step;
  step.total_steps = total_steps_;
  step.epoch = epoch_now();
  step.tokens_per_second = tokens_seen_ / step_seconds_;
  step.seconds_left = step_seconds_ / static_cast<double>(steps_here_) *
                      static_cast<double>(total_steps_ - step.step);
  for (TokenizedBatch& batch : micro_batches) step.batches.push_back(std::move(batch.source));
  listener_.on_step(step);
}

// Log, evaluate, save: transformers' order.
void Run::after_step(bool epoch_ends) {
  const int64_t step = state_.position.step;
  if (logging_.is_due(step, epoch_ends) || (step == 1 && arguments_.logging.logging_first_step)) {
    log_loss();
  }
  const bool evaluate_now = evaluating_.is_due(step, epoch_ends) && !is_delayed();
  if (evaluate_now) evaluate();
  const bool is_best = evaluate_now && state_.position.best_step == step;
  // Weights that give no numbers must not push good checkpoints out.
  const bool is_due = saving_.is_due(step, epoch_ends) && skipped_in_a_row_ == 0;
  if (is_due || (is_best && keeps_best()) || stopping_) save_checkpoint();
}

// The best model must be there at the end, whatever save_steps says.
bool Run::keeps_best() const {
  return arguments_.saving.save_strategy == RunStrategy::kBest ||
         arguments_.saving.load_best_model_at_end;
}

// eval_delay counts steps, or epochs where those evaluate.
bool Run::is_delayed() const {
  const EvaluationArguments& given = arguments_.evaluation;
  return given.eval_strategy == RunStrategy::kEpoch
             ? epoch_now() < given.eval_delay
             : static_cast<double>(state_.position.step) < given.eval_delay;
}

void Run::log_loss() {
  RunPosition& at = state_.position;
  if (at.step == at.logged_step) return;
  const double mean = at.loss_sum / static_cast<double>(at.step - at.logged_step);
  at.loss_sum = 0;
  at.logged_step = at.step;
  add(TrainLog{.step = static_cast<uint64_t>(at.step),
               .epoch = epoch_now(),
               .loss = std::round(mean * 1e4) / 1e4,
               .grad_norm = last_norm_,
               .learning_rate = rates_->at(at.step)});
}

void Run::evaluate() {
  judge(measure());
}

EvaluationNumbers Run::measure() {
  const c10::NoGradGuard no_grad;
  ObjectiveOptions evaluated = objective_;
  evaluated.gather = nullptr;  // one process evaluates
  const EvaluationPlan plan{
      .model = model_,
      .trained = trained_,
      .datasets = eval_,
      .evaluators = evaluators_,
      .sampler = eval_sampler_,
      .objective = evaluated,
      .forward = forward_options(false),
      .precision = arguments_.precision.bf16_full_eval ? Precision::bf16 : Precision::f32,
      .output = output_ / "eval",
      .step = state_.position.step,
      .epoch = epoch_now()};
  EvaluationNumbers numbers;
  if (processes_.is_first()) {
    for (LogEvent& event : evaluate_all(plan, listener_, numbers)) add(std::move(event));
  }
  state_.position.evaluated_step = state_.position.step;
  return numbers;
}

// Is this the best model so far, and has it not got better for too long? All processes hear it.
void Run::judge(const EvaluationNumbers& numbers) {
  const SavingArguments& saving = arguments_.saving;
  if (saving.metric_for_best_model.empty()) return;
  const at::Tensor metric = at::zeros({1}, at::kDouble);
  if (processes_.is_first()) metric.fill_(deciding_metric(numbers, saving));
  processes_.copy_from_first(metric);
  const auto value = metric.item<double>();
  rates_->after_evaluation(value);
  state_.position.plateau = rates_->state();
  stopped_early_ = judge_metric(value, saving, state_.position);
}

void Run::save_checkpoint() {
  listener_.on_work("saving checkpoint-" + std::to_string(state_.position.step), 0, 1);
  state_.record.seconds = earlier_seconds_ + step_seconds_;
  const std::vector<at::Tensor> random_states = processes_.gather(random_state());
  if (processes_.is_first()) {
    save_run(model_, trained_.parameters(),
             arguments_.saving.save_only_model ? nullptr : &optimizer_, random_states, state_,
             output_);
    drop_old_checkpoints(output_, arguments_.saving, state_.position.best_step);
  }
  saved_step_ = state_.position.step;
  listener_.on_work("saving checkpoint-" + std::to_string(state_.position.step), 1, 1);
}

// The first process writes; the others are done when it is.
TrainingOutcome Run::finish() {
  TrainingOutcome outcome = write_outcome();
  outcome.is_first = processes_.is_first();
  if (step_seconds_ > 0) outcome.tokens_per_second = tokens_seen_ / step_seconds_;
  processes_.wait();
  return outcome;
}

TrainingOutcome Run::write_outcome() {
  const RunPosition& at = state_.position;
  evaluate_last();
  if (stopping_ && !stopped_early_ && at.step < total_steps_) {
    // Asked to stop after the last step had looked, or before the first.
    if (saved_step_ != at.step) save_checkpoint();
    write_record();
    return {.steps = at.step, .stopped = true, .model_folder = checkpoint_folder(output_, at.step)};
  }
  const fs::path folder = output_ / state_.record.model_folder;
  const TrainingOutcome outcome{
      .steps = at.step, .stopped_early = stopped_early_, .model_folder = folder};
  if (!processes_.is_first()) return outcome;
  if (arguments_.saving.load_best_model_at_end && at.best_step.has_value()) {
    restore_weights(checkpoint_folder(output_, *at.best_step), trained_.parameters());
    state_.record.best_step = static_cast<uint64_t>(*at.best_step);
  }
  state_.record.finished = now_text();
  state_.record.seconds = earlier_seconds_ + step_seconds_;
  write_record();
  const ModelSummary summary = summarize_model(model_.checkpoint());  // training changes no shape
  // The model of an earlier run stays until this one is whole.
  const fs::path fresh = output_ / (state_.record.model_folder + ".new");
  fs::remove_all(fresh);
  save_model(model_, trained_.parameters(), model_card(state_.record, summary), fresh);
  fs::remove_all(folder);
  fs::rename(fresh, folder);
  return outcome;
}

// The card's metrics are those of the weights it lies beside.
void Run::evaluate_last() {
  const RunPosition& at = state_.position;
  const bool ends = at.step >= total_steps_ && at.step > 0;
  if (!ends || evaluating_.strategy == RunStrategy::kNo || at.evaluated_step == at.step) return;
  evaluate();
  if (at.best_step == at.step && keeps_best()) save_checkpoint();
}

void Run::write_record() const {
  if (!processes_.is_first()) return;
  write_training_record(state_.record, output_ / kTrainingRecordName);
}

/// Threads of this process: as asked for, else its share of the machine's.
size_t num_threads(const DeviceArguments& devices) {
  if (devices.threads > 0) return devices.threads;
  const auto processes = static_cast<size_t>(num_local_processes());
  return std::max<size_t>(1, std::thread::hardware_concurrency() / processes);
}

}  // namespace

TrainingOutcome train(const HyperparameterSet& hyperparameters, TrainingListener& listener,
                      const std::atomic<bool>& stop) {
  TrainingArguments arguments = training_arguments(hyperparameters);
  check_can_train(arguments);
  const ProcessGroup processes = ProcessGroup::from_environment(arguments.devices.ddp_timeout);
  arguments.devices.threads = num_threads(arguments.devices);
  at::set_num_threads(static_cast<int>(arguments.devices.threads));
  TrainingListener silence;  // one process of several tells what goes on
  TrainingListener& heard = processes.is_first() ? listener : silence;
  return Run(hyperparameters, arguments, processes, heard, stop).run();
}

}  // namespace maxsimd::training
