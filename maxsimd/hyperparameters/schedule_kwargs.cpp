#include "maxsimd/hyperparameters/schedule_kwargs.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace maxsimd::detail {

ScheduleKwargs::ScheduleKwargs(const HyperparameterValue& kwargs, std::string_view type_name)
    : kwargs_(kwargs), type_name_(type_name) {
  if (!kwargs.is_none() && !kwargs.map()) fail("expected a mapping, got " + shown(kwargs));
}

std::optional<double> ScheduleKwargs::number(std::string_view name, double min) {
  const HyperparameterValue* value = take(name);
  if (!value) return std::nullopt;
  if (value->is_number() && std::isfinite(value->number()) && value->number() >= min) {
    return value->number();
  }
  fail(std::string(name) + ": expected a number of at least " +
       python_repr(HyperparameterValue(min)) + ", got " + shown(*value));
}

std::optional<std::string> ScheduleKwargs::text(std::string_view name) {
  const HyperparameterValue* value = take(name);
  if (!value) return std::nullopt;
  if (value->string()) return *value->string();
  fail(std::string(name) + ": expected a text, got " + shown(*value));
}

void ScheduleKwargs::check_all_known() const {
  if (!kwargs_.map()) return;
  for (const auto& member : *kwargs_.map()) {
    if (std::ranges::find(known_, member.first) != known_.end()) continue;
    std::string names;
    for (const auto name : known_) names.append(names.empty() ? "" : ", ").append(name);
    fail("no such parameter: " + shown(HyperparameterValue(member.first)) +
         (names.empty() ? "; it has none" : "; it has " + names));
  }
}

void ScheduleKwargs::fail(const std::string& problem) const {
  throw std::invalid_argument("lr_scheduler_kwargs of " + type_name_ + ": " + problem);
}

const HyperparameterValue* ScheduleKwargs::take(std::string_view name) {
  known_.push_back(name);
  const HyperparameterValue* value = kwargs_.member(name);
  return value && !value->is_none() ? value : nullptr;
}

}  // namespace maxsimd::detail
