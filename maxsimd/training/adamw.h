// AdamW (Loshchilov and Hutter 2019) as torch.optim.AdamW with Hugging Face's two groups: weight
// decay on all but biases and layer norms. One thread at a time.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "maxsimd/training/parameters.h"

namespace maxsimd::training {

struct AdamWOptions {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0.0;
  /// Regular expressions (ECMAScript) of parameter names and their highest learning rates; the last
  /// that finds something in a name counts. They follow the schedule as all others do.
  std::vector<std::pair<std::string, double>> learning_rate_mapping;
};

class AdamW {
 public:
  AdamW(const Parameters& parameters, const AdamWOptions& options);

  /// One update of every parameter that has a gradient. schedule_factor: the part of their highest
  /// rate that parameters with a learning rate of their own take.
  void step(double learning_rate, double schedule_factor = 1);

  /// The state of a parameter, float32: running averages of the gradient and of its square, and how
  /// many steps went into them [1]. They are the optimizer's own memory: copy into them to restore.
  struct State {
    std::string name;  // the parameter's
    at::Tensor average, square, steps;
  };
  std::vector<State> state() const;

 private:
  struct Group {
    double weight_decay = 0;
    std::optional<double> own_rate;  // of learning_rate_mapping
    std::vector<std::string> names;
    std::vector<at::Tensor> parameters, averages, squares, steps;
  };
  Group& group_of(const Parameter& parameter);

  AdamWOptions options_;
  std::vector<Group> groups_;
};

/// Scales all gradients so that their norm is at most max_norm (torch's clip_grad_norm_: factor
/// max_norm / (norm + 1e-6), at most 1). Returns the norm before, [] on the gradients' device,
/// which is not waited for. max_norm <= 0: only measures.
at::Tensor clip_gradients(Parameters& parameters, double max_norm);

}  // namespace maxsimd::training
