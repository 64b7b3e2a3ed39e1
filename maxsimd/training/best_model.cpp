#include "maxsimd/training/best_model.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace maxsimd::training {
namespace {

constexpr const char* kUnlessGiven = "loss";  // what metric_for_best_model then is

/// What to set, where that can be told.
std::string remedy(const std::string& wanted, const std::vector<std::string>& measured) {
  if (measured.empty()) return "none; give eval_dataset, or an evaluator that measures it";
  if (wanted != kUnlessGiven) return "";
  const bool has_loss = std::ranges::any_of(
      measured, [](const std::string& name) { return name.ends_with(kUnlessGiven); });
  return "; set metric_for_best_model: " + measured.front() +
         (measured.size() == 1 ? "" : ", or another of these") +
         (has_loss ? "" : ", or give eval_dataset, whose loss then counts");
}

}  // namespace

void check_deciding_metric(const SavingArguments& saving,
                           const std::vector<std::string>& measured) {
  const std::string& wanted = saving.metric_for_best_model;
  if (wanted.empty() || std::ranges::find(measured, wanted) != measured.end()) return;
  std::string known;
  for (const std::string& name : measured) known += (known.empty() ? "" : ", ") + name;
  std::string problem =
      "metric_for_best_model: no evaluation of this run measures '" + wanted + "'";
  if (wanted == kUnlessGiven) problem += ", which it is when not given";
  throw std::invalid_argument(problem + "; there are: " + known + remedy(wanted, measured));
}

void judge_metric(double value, const SavingArguments& saving, RunPosition& at) {
  const bool is_first = at.judged_evaluations++ == 0;
  if (!std::isfinite(value)) {
    if (!is_first) ++at.evaluations_without_gain;
    return;
  }
  const double gain = !at.best_metric.has_value() ? INFINITY
                      : saving.greater_is_better  ? value - *at.best_metric
                                                  : *at.best_metric - value;
  at.evaluations_without_gain =
      gain > saving.early_stopping_threshold ? 0 : at.evaluations_without_gain + 1;
  if (gain > 0) {
    at.best_metric = value;
    at.best_step = at.step;
  }
}

bool is_patience_over(const SavingArguments& saving, const RunPosition& at) {
  return saving.early_stopping_patience.has_value() &&
         at.evaluations_without_gain >= *saving.early_stopping_patience;
}

}  // namespace maxsimd::training
