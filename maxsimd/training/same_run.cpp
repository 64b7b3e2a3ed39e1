#include "maxsimd/training/same_run.h"

#include <algorithm>
#include <span>
#include <stdexcept>
#include <variant>

#include "maxsimd/hyperparameters/config_file.h"
#include "maxsimd/training/other_run.h"
#include "maxsimd/training/same_data.h"

namespace maxsimd::training {
namespace {

namespace fs = std::filesystem;

// A run with another value of these would not be the same run. What is read from files is compared
// by what they say (same_data.h, same_model.h).
constexpr const char* kThatMatter[] = {"query_length",
                                       "document_length",
                                       "query_prefix",
                                       "document_prefix",
                                       "do_query_expansion",
                                       "attend_to_expansion_tokens",
                                       "embedding_size",
                                       "projection_start",
                                       "dropout",
                                       "columns",
                                       "pylate_columns",
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

}  // namespace

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
  check_same_training_data(before, old, setup, folder);
  if (setup.arguments.schedule.lr_scheduler_type == SchedulerType::kReduceLrOnPlateau) {
    check_plateau(old, setup, folder);
  }
  check_evaluators(before.record, setup, folder);
  if (has_evaluated(before.record)) check_same_evaluation_data(before, old, setup, folder);
}

}  // namespace maxsimd::training
