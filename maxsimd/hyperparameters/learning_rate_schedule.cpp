#include "maxsimd/hyperparameters/learning_rate_schedule.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <string>
#include <utility>

#include "maxsimd/hyperparameters/schedule_kwargs.h"

namespace maxsimd {
namespace {

using enum SchedulerType;

constexpr std::array<std::pair<std::string_view, SchedulerType>, 11> kTypes = {{
    {"linear", kLinear},
    {"cosine", kCosine},
    {"cosine_with_restarts", kCosineWithRestarts},
    {"polynomial", kPolynomial},
    {"constant", kConstant},
    {"constant_with_warmup", kConstantWithWarmup},
    {"inverse_sqrt", kInverseSqrt},
    {"reduce_lr_on_plateau", kReduceLrOnPlateau},
    {"cosine_with_min_lr", kCosineWithMinLr},
    {"cosine_warmup_with_min_lr", kCosineWarmupWithMinLr},
    {"warmup_stable_decay", kWarmupStableDecay},
}};

std::string_view name_of(SchedulerType type) {
  return std::ranges::find(kTypes, type, [](const auto& pair) { return pair.second; })->first;
}

// From 1 at progress 0 down to 0 at 1, for half a cycle.
double cosine_factor(double num_cycles, double progress) {
  return 0.5 * (1.0 + std::cos(std::numbers::pi * num_cycles * 2.0 * progress));
}

double above(double min_rate, double factor) {
  return factor * (1 - min_rate) + min_rate;
}

double min_rate_of(detail::ScheduleKwargs& kwargs, double learning_rate) {
  const auto min_lr = kwargs.number("min_lr");
  const auto min_lr_rate = kwargs.number("min_lr_rate");
  if (min_lr && min_lr_rate) kwargs.fail("min_lr and min_lr_rate are both given; give one");
  if (min_lr_rate) return *min_lr_rate;
  if (!min_lr) kwargs.fail("min_lr or min_lr_rate must be given");
  if (learning_rate == 0) kwargs.fail("min_lr needs a learning_rate above 0");
  return *min_lr / learning_rate;
}

}  // namespace

SchedulerType scheduler_type(std::string_view name) {
  const auto found = std::ranges::find(kTypes, name, [](const auto& pair) { return pair.first; });
  if (found != kTypes.end()) return found->second;
  throw std::invalid_argument("lr_scheduler_type: no such type: " +
                              shown(HyperparameterValue(std::string(name))));
}

LearningRateSchedule::LearningRateSchedule(const ScheduleOptions& options)
    : type_(options.type),
      learning_rate_(options.learning_rate),
      num_warmup_steps_(static_cast<double>(options.num_warmup_steps)),
      num_training_steps_(static_cast<double>(options.num_training_steps)) {
  if (options.num_warmup_steps < 0 || options.num_training_steps < 0) {
    throw std::invalid_argument("learning rate schedule: steps must not be negative");
  }
  if (!(learning_rate_ >= 0 && std::isfinite(learning_rate_))) {
    throw std::invalid_argument("learning_rate: expected a number of at least 0");
  }
  if (type_ == kReduceLrOnPlateau) {
    throw std::invalid_argument(
        "reduce_lr_on_plateau follows a metric, not the steps; use PlateauSchedule");
  }
  read_kwargs(options.kwargs);
}

void LearningRateSchedule::read_kwargs(const HyperparameterValue& values) {
  detail::ScheduleKwargs kwargs(values, name_of(type_));
  const auto curve = [&](std::string_view name, Curve standard) {
    const auto text = kwargs.text(name);
    if (!text) return standard;
    if (*text == "linear") return Curve::kLinear;
    if (*text == "cosine") return Curve::kCosine;
    if (*text == "1-sqrt") return Curve::kOneMinusSqrt;
    kwargs.fail(std::string(name) + ": expected linear, cosine or 1-sqrt, got " +
                shown(HyperparameterValue(*text)));
  };
  if (type_ == kCosine || type_ == kCosineWithRestarts) {
    num_cycles_ = kwargs.number("num_cycles").value_or(type_ == kCosine ? 0.5 : 1);
  } else if (type_ == kPolynomial) {
    lr_end_ = kwargs.number("lr_end").value_or(1e-7);
    power_ = kwargs.number("power").value_or(1);
    if (lr_end_ >= learning_rate_) kwargs.fail("lr_end must be below learning_rate");
  } else if (type_ == kInverseSqrt) {
    const double standard = num_warmup_steps_ > 0 ? num_warmup_steps_ : 10'000;
    timescale_ = kwargs.number("timescale", 1).value_or(standard);
  } else if (type_ == kCosineWithMinLr || type_ == kCosineWarmupWithMinLr) {
    num_cycles_ = kwargs.number("num_cycles").value_or(0.5);
    min_rate_ = min_rate_of(kwargs, learning_rate_);
    if (type_ == kCosineWarmupWithMinLr)
      warmup_rate_ = kwargs.number("warmup_lr_rate").value_or(-1);
  } else if (type_ == kWarmupStableDecay) {
    const auto decay = kwargs.number("num_decay_steps");
    if (!decay) kwargs.fail("num_decay_steps must be given");
    num_decay_steps_ = *decay;
    num_stable_steps_ = kwargs.number("num_stable_steps")
                            .value_or(num_training_steps_ - num_warmup_steps_ - num_decay_steps_);
    warmup_curve_ = curve("warmup_type", Curve::kLinear);
    decay_curve_ = curve("decay_type", Curve::kCosine);
    min_rate_ = kwargs.number("min_lr_ratio").value_or(0);
    num_cycles_ = kwargs.number("num_cycles").value_or(0.5);
  }
  kwargs.check_all_known();
}

double LearningRateSchedule::factor(int64_t completed_steps) const {
  const auto step = static_cast<double>(completed_steps);
  if (type_ == kConstant) return 1;
  if (type_ == kWarmupStableDecay) return stable_decay(step);
  if (step < num_warmup_steps_) return warmup(step);
  switch (type_) {
    case kLinear:
      return std::max(0.0, (num_training_steps_ - step) /
                               std::max(1.0, num_training_steps_ - num_warmup_steps_));
    case kCosine:
      return std::max(0.0, cosine_factor(num_cycles_, progress(step)));
    case kCosineWithRestarts:
      if (progress(step) >= 1) return 0;
      return cosine_factor(0.5, std::fmod(num_cycles_ * progress(step), 1.0));
    case kPolynomial:
      return polynomial(step);
    case kInverseSqrt:
      return 1.0 / std::sqrt((step + (timescale_ - num_warmup_steps_)) / timescale_);
    case kCosineWithMinLr:
      return std::max(0.0, above(min_rate_, cosine_factor(num_cycles_, progress(step))));
    case kCosineWarmupWithMinLr:  // of the step that is done with this rate
      return std::max(0.0, above(min_rate_, cosine_factor(num_cycles_, progress(step + 1))));
    default:
      return 1;  // constant_with_warmup
  }
}

double LearningRateSchedule::warmup(double step) const {
  if (type_ != kCosineWarmupWithMinLr) return step / std::max(1.0, num_warmup_steps_);
  if (warmup_rate_ < 0) return (step + 1) / std::max(1.0, num_warmup_steps_);
  return warmup_rate_ + (1 - warmup_rate_) * step / std::max(1.0, num_warmup_steps_ - 1);
}

double LearningRateSchedule::progress(double step) const {
  return (step - num_warmup_steps_) / std::max(1.0, num_training_steps_ - num_warmup_steps_);
}

double LearningRateSchedule::polynomial(double step) const {
  if (step > num_training_steps_) return lr_end_ / learning_rate_;
  const double decay_steps = num_training_steps_ - num_warmup_steps_;
  // transformers divides by zero when all steps are warm-up.
  const double remaining = decay_steps > 0 ? 1 - (step - num_warmup_steps_) / decay_steps : 0;
  return ((learning_rate_ - lr_end_) * std::pow(remaining, power_) + lr_end_) / learning_rate_;
}

// Warm-up, a constant part, decay, and then the lowest rate.
double LearningRateSchedule::stable_decay(double step) const {
  const auto rising = [](Curve curve, double progress) {
    if (curve == Curve::kLinear) return progress;
    if (curve == Curve::kCosine) return 0.5 * (1.0 - std::cos(std::numbers::pi * progress));
    return 1.0 - std::sqrt(1.0 - progress);
  };
  const auto falling = [this](Curve curve, double progress) {
    if (curve == Curve::kLinear) return 1.0 - progress;
    if (curve == Curve::kCosine) return cosine_factor(num_cycles_, progress);
    return 1.0 - std::sqrt(progress);
  };
  if (step < num_warmup_steps_) {
    const double progress = step / std::max(1.0, num_warmup_steps_);
    return std::max(0.0, above(min_rate_, rising(warmup_curve_, progress)));
  }
  const double decay_start = num_warmup_steps_ + num_stable_steps_;
  if (step < decay_start) return 1;
  if (step >= decay_start + num_decay_steps_) return min_rate_;
  const double progress = (step - decay_start) / std::max(1.0, num_decay_steps_);
  return std::max(0.0, above(min_rate_, falling(decay_curve_, progress)));
}

}  // namespace maxsimd
