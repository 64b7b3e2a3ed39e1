#include "maxsimd/hyperparameters/argument_checks.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "maxsimd/hyperparameters/plateau_schedule.h"

namespace maxsimd {
namespace detail {
namespace {

[[noreturn]] void fail(const std::string& text) {
  throw std::invalid_argument(text);
}

std::string steps_text(double steps) {
  return python_repr(steps == std::floor(steps) ? HyperparameterValue(static_cast<int64_t>(steps))
                                                : HyperparameterValue(steps));
}

// Ratios are compared as transformers does it, to a millionth.
bool is_multiple(double save_steps, double eval_steps) {
  constexpr double kRatioUnit = 1'000'000;
  if ((save_steps < 1) != (eval_steps < 1)) return false;
  const double unit = save_steps < 1 ? kRatioUnit : 1;
  const double remainder = std::fmod(std::round(save_steps * unit), std::round(eval_steps * unit));
  return eval_steps > 0 && remainder == 0;
}

void check_best_model(const TrainingArguments& arguments) {
  const EvaluationArguments& evaluation = arguments.evaluation;
  const SavingArguments& saving = arguments.saving;
  if (!saving.load_best_model_at_end || saving.save_strategy == RunStrategy::kBest) return;
  if (evaluation.eval_strategy != saving.save_strategy) {
    fail("load_best_model_at_end: eval_strategy and save_strategy must be the same");
  }
  if (evaluation.eval_strategy == RunStrategy::kNo) {
    fail("load_best_model_at_end: nothing is evaluated; set eval_strategy and save_strategy");
  }
  if (evaluation.eval_strategy == RunStrategy::kSteps &&
      !is_multiple(saving.save_steps, evaluation.eval_steps)) {
    fail(
        "load_best_model_at_end: save_steps must be a multiple of eval_steps, both counts or both "
        "parts of all steps; got save_steps " +
        steps_text(saving.save_steps) + " and eval_steps " + steps_text(evaluation.eval_steps));
  }
}

void check_needs_evaluation(const TrainingArguments& arguments) {
  if (arguments.evaluation.eval_strategy != RunStrategy::kNo) return;
  const std::string rest = " needs evaluations; set eval_strategy: steps or epoch";
  if (arguments.saving.early_stopping_patience) fail("early_stopping_patience" + rest);
  if (arguments.saving.save_strategy == RunStrategy::kBest) fail("save_strategy: best" + rest);
  if (arguments.schedule.lr_scheduler_type == SchedulerType::kReduceLrOnPlateau) {
    fail("lr_scheduler_type: reduce_lr_on_plateau" + rest);
  }
}

void check_intervals(const TrainingArguments& arguments) {
  const auto check = [](RunStrategy strategy, double steps, const std::string& name) {
    if (strategy == RunStrategy::kSteps && steps == 0) {
      fail(name + "_steps: expected more than 0 with " + name + "_strategy: steps");
    }
  };
  check(arguments.logging.logging_strategy, arguments.logging.logging_steps, "logging");
  check(arguments.evaluation.eval_strategy, arguments.evaluation.eval_steps, "eval");
  check(arguments.saving.save_strategy, arguments.saving.save_steps, "save");
}

void check_texts(const TrainingArguments& arguments) {
  if (arguments.saving.output_dir.empty()) fail("output_dir: expected a folder, got ''");
  for (const std::string& language : arguments.card.language) {
    if (language.empty()) fail("language: expected en, de, ..., got ''");
  }
}

// Building one tells what is wrong with lr_scheduler_kwargs now rather than after the data is read.
void check_schedule(const TrainingArguments& arguments) {
  const ScheduleArguments& schedule = arguments.schedule;
  const double learning_rate = arguments.optimizer.learning_rate;
  if (schedule.lr_scheduler_type == SchedulerType::kReduceLrOnPlateau) {
    PlateauSchedule(learning_rate, schedule.lr_scheduler_kwargs);
  } else {
    LearningRateSchedule({.type = schedule.lr_scheduler_type,
                          .learning_rate = learning_rate,
                          .kwargs = schedule.lr_scheduler_kwargs});
  }
}

// "'one', 'two'"; the first few.
std::string listed_names(const std::vector<const DatasetFiles*>& datasets) {
  constexpr size_t kMax = 8;
  std::string names;
  for (size_t i = 0; i < std::min(kMax, datasets.size()); ++i) {
    names.append(names.empty() ? "" : ", ").append(shown(HyperparameterValue(datasets[i]->name)));
  }
  return datasets.size() > kMax ? names + ", ..." : names;
}

// A name that no data set has would be passed over in silence.
void check_dataset_name(const DataArguments& data, const std::string& argument,
                        const std::string& name) {
  std::vector<const DatasetFiles*> named;
  for (const auto* datasets : {&data.train_dataset, &data.eval_dataset}) {
    for (const DatasetFiles& dataset : *datasets) {
      if (dataset.name == name) return;
      if (!dataset.name.empty()) named.push_back(&dataset);
    }
  }
  const std::string no_name =
      argument + ": no data set is called " + shown(HyperparameterValue(name));
  if (named.empty()) fail(no_name + "; they have no names: give it without one");
  fail(no_name + "; there are " + listed_names(named));
}

}  // namespace

void check_dataset_names(const DataArguments& data) {
  for (const DatasetColumns& columns : data.columns) {
    if (!columns.name.empty()) check_dataset_name(data, "columns", columns.name);
  }
  if (!data.prompts.map()) return;
  for (const auto& [name, texts] : *data.prompts.map()) {
    if (texts.map()) check_dataset_name(data, "prompts", name);
  }
}

void check_together(const TrainingArguments& arguments) {
  check_texts(arguments);
  check_intervals(arguments);
  check_needs_evaluation(arguments);
  check_best_model(arguments);
  check_schedule(arguments);
}

}  // namespace detail

void check_can_train(const TrainingArguments& arguments) {
  const EvaluationArguments& evaluation = arguments.evaluation;
  if (arguments.model.model.empty()) {
    throw std::invalid_argument("model: expected a folder or mini; it was not given");
  }
  if (arguments.data.train_dataset.empty()) {
    throw std::invalid_argument("train_dataset: expected a file; it was not given");
  }
  detail::check_dataset_names(arguments.data);
  const bool can_evaluate = !arguments.data.eval_dataset.empty() ||
                            !evaluation.eval_triplets.empty() || !evaluation.eval_beir.empty() ||
                            !evaluation.eval_nano_beir.empty() ||
                            !evaluation.eval_distillation.empty() || !evaluation.evaluators.empty();
  if (can_evaluate) return;
  if (evaluation.eval_strategy != RunStrategy::kNo || evaluation.eval_on_start) {
    throw std::invalid_argument(
        "eval_strategy: there is nothing to evaluate; give eval_dataset, eval_triplets, eval_beir, "
        "eval_nano_beir, eval_distillation or evaluator, or set eval_strategy: no");
  }
}

}  // namespace maxsimd
