#include "maxsimd/training/same_run.h"

#include <algorithm>
#include <span>
#include <stdexcept>
#include <variant>

#include "maxsimd/hyperparameters/config_file.h"

namespace maxsimd::training {
namespace {

namespace fs = std::filesystem;

// A run with another value of these would not be the same run.
constexpr const char* kThatMatter[] = {"model",
                                       "query_length",
                                       "document_length",
                                       "query_prefix",
                                       "document_prefix",
                                       "do_query_expansion",
                                       "attend_to_expansion_tokens",
                                       "embedding_size",
                                       "projection_start",
                                       "dropout",
                                       "train_dataset",
                                       "columns",
                                       "pylate_columns",
                                       "queries",
                                       "documents",
                                       "n_ways",
                                       "allow_missing_documents",
                                       "prompts",
                                       "loss",
                                       "temperature",
                                       "size_average",
                                       "mini_batch_size",
                                       "score_mini_batch_size",
                                       "gather_across_devices",
                                       "normalize_scores",
                                       "masking",
                                       "learning_rate",
                                       "learning_rate_mapping",
                                       "weight_decay",
                                       "adam_beta1",
                                       "adam_beta2",
                                       "adam_epsilon",
                                       "max_grad_norm",
                                       "optim",
                                       "neftune_noise_alpha",
                                       "lr_scheduler_type",
                                       "lr_scheduler_kwargs",
                                       "warmup_ratio",
                                       "warmup_steps",
                                       "num_train_epochs",
                                       "max_steps",
                                       "per_device_train_batch_size",
                                       "gradient_accumulation_steps",
                                       "bf16",
                                       "seed",
                                       "data_seed",
                                       "batch_sampler",
                                       "multi_dataset_batch_sampler",
                                       "dataloader_drop_last"};

// Nor with another value of these once it has evaluated: its logs are of one evaluation.
constexpr const char* kThatMatterToEvaluations[] = {"eval_dataset",      "eval_triplets",
                                                    "eval_beir",         "eval_nano_beir",
                                                    "eval_distillation", "evaluator"};

[[noreturn]] void refuse_other_run(const fs::path& folder, const std::string& what,
                                   const std::string& was, const std::string& is) {
  throw std::invalid_argument(folder.string() + " is of another run: " + what + " was " + was +
                              ", now it is " + is +
                              "; resume with what it was, or begin anew in another output_dir");
}

// By what they mean: a default may be spelled out.
void check_equal(const fs::path& folder, const char* what, const auto& was, const auto& is) {
  if (was == is) return;
  refuse_other_run(folder, what, shown(HyperparameterValue(was)), shown(HyperparameterValue(is)));
}

// Whether an evaluator is the one that a record's log speaks of.
bool has_logged(const Evaluator& evaluator, const EvaluatorRecord& record,
                const EvaluatorLog& event) {
  return evaluator.class_path() == record.class_path && evaluator.name() == record.name &&
         std::ranges::equal(event.metrics, evaluator.metric_names(), {},
                            &std::pair<std::string, double>::first);
}

// The log tells evaluators and metrics by their places.
void check_evaluators(const TrainingRecord& record, const RunSetup& setup, const fs::path& folder) {
  for (const LogEvent& event : record.log) {
    const auto* log = std::get_if<EvaluatorLog>(&event);
    if (log == nullptr) continue;
    const size_t e = log->evaluator;
    if (record.evaluators.size() == setup.evaluators.size() &&
        has_logged(*setup.evaluators[e], record.evaluators[e], *log)) {
      continue;
    }
    throw std::invalid_argument(folder.string() +
                                " is of a run with other evaluators; resume with those it had, or "
                                "begin anew in another output_dir");
  }
}

void check_hyperparameters(const HyperparameterSet& old, const RunSetup& setup,
                           const fs::path& folder, std::span<const char* const> names) {
  for (const char* name : names) {
    const HyperparameterValue was = old.get(name), is = setup.hyperparameters.get(name);
    if (was != is) refuse_other_run(folder, name, shown(was), shown(is));
  }
}

// Of the same names: what they say.
void check_evaluator_files(const RunState& before, const RunSetup& setup, const fs::path& folder) {
  for (const auto& [name, hash] : before.evaluator_files) {
    const auto now = setup.evaluator_files.find(name);
    if (now == setup.evaluator_files.end() || now->second == hash) continue;
    throw std::invalid_argument(folder.string() + " is of another run: evaluator: " + name +
                                " has been changed since it evaluated; resume with what it said, "
                                "or begin anew in another output_dir");
  }
}

bool has_evaluated(const TrainingRecord& record) {
  return std::ranges::any_of(record.log, [](const LogEvent& event) {
    return std::holds_alternative<EvaluatorLog>(event) ||
           std::holds_alternative<EvalLossLog>(event);
  });
}

// What decides when lr_scheduler_type: reduce_lr_on_plateau lowers the learning rate.
void check_plateau(const HyperparameterSet& old, const RunSetup& setup, const fs::path& folder) {
  constexpr const char* kNames[] = {"eval_strategy", "eval_delay", "per_device_eval_batch_size",
                                    "bf16_full_eval"};
  check_hyperparameters(old, setup, folder, kNames);
  const TrainingArguments was = training_arguments(old);
  const TrainingArguments& is = setup.arguments;
  if (was.evaluation.eval_strategy == RunStrategy::kSteps) {
    check_equal(folder, "eval_steps", was.evaluation.eval_steps, is.evaluation.eval_steps);
  }
  check_equal(folder, "metric_for_best_model", was.saving.metric_for_best_model,
              is.saving.metric_for_best_model);
  check_equal(folder, "greater_is_better", was.saving.greater_is_better,
              is.saving.greater_is_better);
}

void check_datasets(const RunState& before, const RunSetup& setup, const fs::path& folder) {
  const std::vector<DatasetRecord>& datasets = before.record.train_datasets;
  for (size_t i = 0; i < std::min(datasets.size(), setup.train_sizes.size()); ++i) {
    if (datasets[i].size == setup.train_sizes[i]) continue;
    const std::string& name = datasets[i].name;
    refuse_other_run(
        folder, "the number of rows of " + (name.empty() ? std::string("train_dataset") : name),
        std::to_string(datasets[i].size), std::to_string(setup.train_sizes[i]));
  }
}

// Of as many data sets under the same names. Checkpoints of earlier versions have no checksums.
void check_rows(const std::vector<std::string>& before, const std::vector<Dataset>& datasets,
                const std::string& what, const fs::path& folder) {
  const std::vector<std::string> now = checksums_of(datasets);
  for (size_t i = 0; i < std::min(before.size(), now.size()); ++i) {
    if (before[i] == now[i]) continue;
    const std::string& name = datasets[i].name;
    throw std::invalid_argument(folder.string() + " is of another run: the rows of " +
                                (name.empty() ? what : what + " '" + name + "'") +
                                " say something else than they did; resume with what they were, or "
                                "begin anew in another output_dir");
  }
}

}  // namespace

std::vector<std::string> checksums_of(const std::vector<Dataset>& datasets) {
  std::vector<std::string> checksums;
  for (const Dataset& dataset : datasets) checksums.push_back(std::to_string(dataset.checksum));
  return checksums;
}

HyperparameterSet hyperparameters_of(const RunState& state, const fs::path& folder) {
  HyperparameterSet set;
  parse_hyperparameters(state.hyperparameters, ConfigFormat::kJson, folder.string(), set);
  return set;
}

void check_same_run(const RunState& before, const RunSetup& setup, const fs::path& folder) {
  const int64_t num_processes = setup.processes.size();
  if (before.num_processes != num_processes) {
    refuse_other_run(folder, "the number of processes", std::to_string(before.num_processes),
                     std::to_string(num_processes));
  }
  const HyperparameterSet old = hyperparameters_of(before, folder);
  check_hyperparameters(old, setup, folder, kThatMatter);
  check_datasets(before, setup, folder);
  check_rows(before.train_checksums, setup.train, "train_dataset", folder);
  if (setup.arguments.schedule.lr_scheduler_type == SchedulerType::kReduceLrOnPlateau) {
    check_plateau(old, setup, folder);
  }
  check_evaluators(before.record, setup, folder);
  if (has_evaluated(before.record)) {
    check_hyperparameters(old, setup, folder, kThatMatterToEvaluations);
    check_evaluator_files(before, setup, folder);
    check_rows(before.eval_checksums, setup.eval, "eval_dataset", folder);
  }
}

}  // namespace maxsimd::training
