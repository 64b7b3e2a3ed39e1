#include "maxsimd/training/best_model.h"

#include <cmath>
#include <stdexcept>

namespace maxsimd::training {

double deciding_metric(const EvaluationNumbers& numbers, const SavingArguments& saving) {
  const auto found = numbers.find(saving.metric_for_best_model);
  if (found != numbers.end()) return found->second;
  std::string known;
  for (const auto& [name, value] : numbers) known += (known.empty() ? "" : ", ") + name;
  throw std::invalid_argument("metric_for_best_model: no metric '" + saving.metric_for_best_model +
                              "' was measured; there are: " + known);
}

void judge_metric(double value, const SavingArguments& saving, RunPosition& at) {
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
