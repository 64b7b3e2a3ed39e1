#include "maxsimd/hyperparameters/plateau_schedule.h"

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>

#include "maxsimd/hyperparameters/schedule_kwargs.h"

namespace maxsimd {
namespace {

// Whether the member is the second of two words; false, the first, when it is missing.
bool is_second(detail::ScheduleKwargs& kwargs, std::string_view name, std::string_view first,
               std::string_view second) {
  const std::string text = kwargs.text(name).value_or(std::string(first));
  if (text != first && text != second) {
    kwargs.fail(std::string(name) + ": expected " + std::string(first) + " or " +
                std::string(second) + ", got " + shown(HyperparameterValue(text)));
  }
  return text == second;
}

}  // namespace

PlateauSchedule::PlateauSchedule(double learning_rate, const HyperparameterValue& values) {
  detail::ScheduleKwargs kwargs(values, "reduce_lr_on_plateau");
  is_max_ = is_second(kwargs, "mode", "min", "max");
  is_absolute_ = is_second(kwargs, "threshold_mode", "rel", "abs");
  factor_ = kwargs.number("factor").value_or(factor_);
  if (factor_ >= 1) kwargs.fail("factor must be below 1");
  patience_ = kwargs.number("patience").value_or(patience_);
  threshold_ = kwargs.number("threshold").value_or(threshold_);
  cooldown_ = kwargs.number("cooldown").value_or(cooldown_);
  min_lr_ = kwargs.number("min_lr").value_or(min_lr_);
  eps_ = kwargs.number("eps").value_or(eps_);
  kwargs.check_all_known();
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  state_ = {.learning_rate = learning_rate, .best = is_max_ ? -kInfinity : kInfinity};
}

void PlateauSchedule::step(double metric) {
  if (is_better(metric)) {
    state_.best = metric;
    state_.num_bad_evaluations = 0;
  } else {
    ++state_.num_bad_evaluations;
  }
  if (state_.cooldown_counter > 0) {
    --state_.cooldown_counter;
    state_.num_bad_evaluations = 0;
  }
  if (static_cast<double>(state_.num_bad_evaluations) <= patience_) return;
  const double reduced = std::max(state_.learning_rate * factor_, min_lr_);
  if (state_.learning_rate - reduced > eps_) state_.learning_rate = reduced;
  state_.cooldown_counter = static_cast<int64_t>(cooldown_);
  state_.num_bad_evaluations = 0;
}

bool PlateauSchedule::is_better(double metric) const {
  const double best = state_.best;
  if (is_absolute_) return is_max_ ? metric > best + threshold_ : metric < best - threshold_;
  return is_max_ ? metric > best * (threshold_ + 1.0) : metric < best * (1.0 - threshold_);
}

}  // namespace maxsimd
