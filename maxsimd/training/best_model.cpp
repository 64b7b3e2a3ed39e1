#include "maxsimd/training/best_model.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace maxsimd::training {

void check_deciding_metric(const SavingArguments& saving,
                           const std::vector<std::string>& measured) {
  const std::string& wanted = saving.metric_for_best_model;
  if (wanted.empty() || std::ranges::find(measured, wanted) != measured.end()) return;
  std::string known;
  for (const std::string& name : measured) known += (known.empty() ? "" : ", ") + name;
  throw std::invalid_argument("metric_for_best_model: no evaluation of this run measures '" +
                              wanted + "'; there are: " + known);
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
