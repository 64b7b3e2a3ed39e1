#include "maxsimd/training/adamw.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <regex>
#include <stdexcept>
#include <string>

namespace maxsimd::training {

namespace {

// A pattern that finds nothing would be passed over in silence.
void check_patterns(const Parameters& parameters, const AdamWOptions& options) {
  for (const auto& [pattern, rate] : options.learning_rate_mapping) {
    const std::regex expression(pattern);
    const auto is_found = [&](const Parameter& parameter) {
      return std::regex_search(parameter.name, expression);
    };
    if (parameters.all().empty() || std::ranges::any_of(parameters.all(), is_found)) continue;
    throw std::invalid_argument("learning_rate_mapping: '" + pattern +
                                "' is found in no parameter's name; they are called '" +
                                parameters.all().front().name + "', ..., '" +
                                parameters.all().back().name + "'");
  }
}

}  // namespace

AdamW::AdamW(const Parameters& parameters, const AdamWOptions& options) : options_(options) {
  check_patterns(parameters, options);
  for (const Parameter& parameter : parameters.all()) {
    Group& group = group_of(parameter);
    group.names.push_back(parameter.name);
    group.parameters.push_back(parameter.tensor);
    group.averages.push_back(at::zeros_like(parameter.tensor).detach());
    group.squares.push_back(at::zeros_like(parameter.tensor).detach());
    group.steps.push_back(at::zeros({}, parameter.tensor.options()).detach());
  }
}

AdamW::Group& AdamW::group_of(const Parameter& parameter) {
  const double decay = parameter.decays ? options_.weight_decay : 0;
  std::optional<double> own_rate;
  for (const auto& [pattern, rate] : options_.learning_rate_mapping) {
    if (std::regex_search(parameter.name, std::regex(pattern))) own_rate = rate;
  }
  for (Group& group : groups_) {
    if (group.weight_decay == decay && group.own_rate == own_rate) return group;
  }
  return groups_.emplace_back(Group{.weight_decay = decay, .own_rate = own_rate});
}

void AdamW::step(double learning_rate, double schedule_factor) {
  const c10::NoGradGuard no_grad;
  for (Group& group : groups_) {
    std::vector<at::Tensor> parameters, gradients, averages, squares, steps;
    for (size_t i = 0; i < group.parameters.size(); ++i) {
      const at::Tensor& gradient = group.parameters[i].grad();
      if (!gradient.defined()) continue;
      parameters.push_back(group.parameters[i]);
      gradients.push_back(gradient);
      averages.push_back(group.averages[i]);
      squares.push_back(group.squares[i]);
      steps.push_back(group.steps[i]);
    }
    if (parameters.empty()) continue;
    at::_foreach_add_(steps, 1);
    const double rate =
        group.own_rate.has_value() ? *group.own_rate * schedule_factor : learning_rate;
    at::_fused_adamw_(parameters, gradients, averages, squares, {}, steps, rate, options_.beta1,
                      options_.beta2, group.weight_decay, options_.epsilon,
                      /*amsgrad=*/false, /*maximize=*/false);
  }
}

std::vector<AdamW::State> AdamW::state() const {
  std::vector<State> states;
  for (const Group& group : groups_) {
    for (size_t i = 0; i < group.names.size(); ++i) {
      states.push_back({group.names[i], group.averages[i], group.squares[i], group.steps[i]});
    }
  }
  return states;
}

at::Tensor clip_gradients(Parameters& parameters, double max_norm) {
  const c10::NoGradGuard no_grad;
  const at::Tensor norm = parameters.gradient_norm();
  const std::vector<at::Tensor> gradients = parameters.gradients();
  if (max_norm <= 0 || gradients.empty()) return norm;
  if (!norm.is_cpu()) {
    at::_foreach_mul_(gradients, (max_norm / (norm + 1e-6)).clamp_max(1));
    return norm;
  }
  const double factor = max_norm / (norm.item<double>() + 1e-6);
  if (factor < 1) at::_foreach_mul_(gradients, factor);
  return norm;
}

}  // namespace maxsimd::training
