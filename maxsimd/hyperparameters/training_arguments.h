// The hyperparameters that work, as plain fields of their types: what a trainer reads. Names and
// meanings are those of the table (docs/hyperparameters.md). Values are checked beside each other
// here, once.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "maxsimd/hyperparameters/hyperparameter_set.h"
#include "maxsimd/hyperparameters/learning_rate_schedule.h"
#include "maxsimd/hyperparameters/step_rules.h"

namespace maxsimd {

/// When something happens in a run.
enum class RunStrategy { kNo, kSteps, kEpoch, kBest };  // best: for saving only

/// A data set: the name in the configuration (empty when it has none) and its files.
struct DatasetFiles {
  std::string name;
  std::vector<std::string> files;
  bool operator==(const DatasetFiles&) const = default;
};

/// The columns of a data set: query, positive, negatives. An empty name is every data set.
struct DatasetColumns {
  std::string name;
  std::vector<std::string> columns;
  bool operator==(const DatasetColumns&) const = default;
};

enum class ProjectionStart { kKeep, kMainDirections };

struct ModelArguments {
  std::string model;  // empty: not given
  std::optional<int64_t> query_length;
  std::optional<int64_t> document_length;
  std::optional<std::string> query_prefix;
  std::optional<std::string> document_prefix;
  std::optional<bool> do_query_expansion;
  std::optional<bool> attend_to_expansion_tokens;
  std::optional<int64_t> embedding_size;
  ProjectionStart projection_start = ProjectionStart::kKeep;
  std::optional<double> dropout;
};

struct DataArguments {
  std::vector<DatasetFiles> train_dataset;  // empty: not given
  std::vector<DatasetFiles> eval_dataset;
  std::vector<DatasetColumns> columns;
  bool pylate_columns = false;
  std::vector<std::string> queries;    // files
  std::vector<std::string> documents;  // files
  int64_t n_ways = 32;
  bool allow_missing_documents = false;
  HyperparameterValue prompts;  // prompt_of() reads it
};

enum class LossKind { kContrastive, kCachedContrastive, kDistillation };

struct LossArguments {
  LossKind loss = LossKind::kContrastive;
  double temperature = 1;
  bool size_average = true;
  int64_t mini_batch_size = 32;
  std::optional<int64_t> score_mini_batch_size;
  bool gather_across_devices = false;
  bool normalize_scores = true;
  bool exact_masking = false;  // masking: exact
};

struct OptimizerArguments {
  double learning_rate = 5e-5;
  /// Regular expressions of parameter names and their learning rates; a later one overrules.
  std::vector<std::pair<std::string, double>> learning_rate_mapping;
  double weight_decay = 0;
  double adam_beta1 = 0.9;
  double adam_beta2 = 0.999;
  double adam_epsilon = 1e-8;
  double max_grad_norm = 1;  // 0: gradients are not scaled down
  std::string optim = "adamw_torch";
  double neftune_noise_alpha = 0;  // 0: no noise
};

struct ScheduleArguments {
  SchedulerType lr_scheduler_type = SchedulerType::kLinear;
  HyperparameterValue lr_scheduler_kwargs;
  double warmup_ratio = 0;
  double warmup_steps = 0;  // resolve_warmup_steps() reads both
};

struct PrecisionArguments {
  bool bf16 = false;
  bool bf16_full_eval = false;
  bool gradient_checkpointing = false;
  bool tf32 = false;
};

struct EvaluationArguments {
  RunStrategy eval_strategy = RunStrategy::kNo;
  double eval_steps = 500;  // logging_steps when it was not given; resolve_steps() reads it
  double eval_delay = 0;
  bool eval_on_start = false;
  std::vector<std::string> eval_triplets;
  std::vector<std::string> eval_beir;
  std::string eval_nano_beir;  // empty: none
  std::vector<std::string> eval_distillation;
  std::vector<std::string> evaluators;  // lines, JSON texts and names of JSON files
};

struct SavingArguments {
  std::string output_dir = "trainer_output";
  bool overwrite_output_dir = false;
  RunStrategy save_strategy = RunStrategy::kSteps;
  double save_steps = 500;                 // resolve_steps() reads it
  std::optional<size_t> save_total_limit;  // nothing: all are kept
  bool save_only_model = false;
  bool load_best_model_at_end = false;
  std::string metric_for_best_model;  // empty: there is no best model; never starts with eval_
  bool greater_is_better = false;
  std::optional<int64_t> early_stopping_patience;
  double early_stopping_threshold = 0;
  bool resume_from_last = false;       // resume_from_checkpoint: True
  std::string resume_from_checkpoint;  // a folder; empty: none was named
};

struct LoggingArguments {
  RunStrategy logging_strategy = RunStrategy::kSteps;
  double logging_steps = 500;  // resolve_steps() reads it
  bool logging_first_step = false;
  bool logging_nan_inf_filter = true;
  bool disable_tqdm = false;
};

enum class BatchSampler { kBatchSampler, kNoDuplicates };
enum class MultiDatasetBatchSampler { kProportional, kRoundRobin };

struct LoadingArguments {
  uint64_t seed = 42;
  std::optional<uint64_t> data_seed;
  bool full_determinism = false;
  BatchSampler batch_sampler = BatchSampler::kBatchSampler;
  MultiDatasetBatchSampler multi_dataset_batch_sampler = MultiDatasetBatchSampler::kProportional;
  bool dataloader_drop_last = false;
};

enum class DeviceKind { kAuto, kCpu, kCuda };

struct DeviceArguments {
  DeviceKind device = DeviceKind::kAuto;
  size_t threads = 0;       // 0: all
  std::string ddp_backend;  // empty: nccl for GPUs, else gloo
  std::chrono::seconds ddp_timeout{1800};
};

/// What only the user knows of the model, for its card; empty: not said.
struct CardArguments {
  std::string hub_model_id;
  std::string model_name;
  std::vector<std::string> language;
  std::string license;
};

struct TrainingArguments {
  ModelArguments model;
  DataArguments data;
  LossArguments loss;
  int64_t per_device_train_batch_size = 8;
  int64_t per_device_eval_batch_size = 8;
  TrainingLength length;  // epochs, max_steps, gradient_accumulation_steps
  OptimizerArguments optimizer;
  ScheduleArguments schedule;
  PrecisionArguments precision;
  EvaluationArguments evaluation;
  SavingArguments saving;
  LoggingArguments logging;
  LoadingArguments loading;
  DeviceArguments devices;
  CardArguments card;
};

/// The typed arguments. Throws std::invalid_argument for values that do not go together, as
/// transformers does: logging_steps: 0 with logging_strategy: steps; load_best_model_at_end with
/// strategies that differ, or save_steps that are no multiple of eval_steps; early stopping or
/// reduce_lr_on_plateau without evaluation; parameters that the schedule does not know. With `read`
/// the names of all hyperparameters that were looked at are appended to it.
TrainingArguments training_arguments(const HyperparameterSet& set,
                                     std::vector<std::string>* read = nullptr);

/// Throws std::invalid_argument when there is no model or no training data, when columns or prompts
/// are given for a data set that is not there, or when evaluations are wanted (eval_strategy,
/// eval_on_start) and there is nothing to evaluate: what a run needs besides.
void check_can_train(const TrainingArguments& arguments);

/// The text put before those of a column: PyLate's rule (utils/collator.py). `dataset` is empty for
/// a data set without a name. Throws std::invalid_argument: prompts by data set, and no name.
std::string prompt_of(const HyperparameterValue& prompts, std::string_view dataset,
                      std::string_view column);

}  // namespace maxsimd
