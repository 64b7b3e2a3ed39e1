// AdamW (Loshchilov and Hutter 2019) as torch.optim.AdamW with Hugging Face's two groups: weight
// decay on all but biases and layer norms. One thread at a time.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "maxsimd/training/parameters.h"

namespace maxsimd::training {

struct AdamWOptions {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0.0;
};

class AdamW {
 public:
  AdamW(const Parameters& parameters, const AdamWOptions& options);

  /// One update of every parameter that has a gradient.
  void step(double learning_rate);

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
    std::vector<std::string> names;
    std::vector<at::Tensor> parameters, averages, squares, steps;
  };
  AdamWOptions options_;
  std::vector<Group> groups_;
};

/// Scales all gradients so that their norm is at most max_norm (torch's clip_grad_norm_: factor
/// max_norm / (norm + 1e-6), at most 1). Returns the norm before. max_norm <= 0: only measures.
double clip_gradients(Parameters& parameters, double max_norm);

}  // namespace maxsimd::training
