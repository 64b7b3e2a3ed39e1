#include "maxsimd/training/optimizer_steps.h"

#include <ATen/ATen.h>

#include <chrono>
#include <cmath>
#include <numeric>

#include "maxsimd/base/elapsed.h"
#include "maxsimd/training/batch_loss.h"
#include "maxsimd/training/data_parallel.h"
#include "maxsimd/training/divergence.h"

namespace maxsimd::training {
namespace {

// A run whose losses are not numbers so many times in a row will not come back.
constexpr int64_t kMaxSkippedInARow = 10;

AdamWOptions adamw_options(const OptimizerArguments& arguments) {
  return {.beta1 = arguments.adam_beta1,
          .beta2 = arguments.adam_beta2,
          .epsilon = arguments.adam_epsilon,
          .weight_decay = arguments.weight_decay,
          .learning_rate_mapping = arguments.learning_rate_mapping};
}

// The device is waited for once.
std::vector<double> read(const std::vector<at::Tensor>& numbers) {
  const at::Tensor values = at::stack(numbers).to(at::kCPU);
  std::vector<double> out;
  for (int64_t i = 0; i < values.size(0); ++i) out.push_back(values[i].item<double>());
  return out;
}

}  // namespace

OptimizerSteps::OptimizerSteps(const RunSetup& setup, TrainingListener& listener)
    : setup_(setup),
      listener_(listener),
      model_(setup.model, setup.device),
      optimizer_(model_.parameters(), adamw_options(setup.arguments.optimizer)),
      rates_(setup.arguments, setup.total_steps) {
  const std::optional<double> dropout = setup.arguments.model.dropout;
  if (dropout.has_value()) model_.set_dropout(*dropout);
}

StepReport OptimizerSteps::take(const std::vector<TokenizedBatch>& batches, RunPosition& at) {
  const auto start = std::chrono::steady_clock::now();
  StepReport step{.learning_rate = rates_.at(at.step)};
  const double factor = rates_.factor(at.step);
  std::vector<at::Tensor> numbers = accumulate(batches);
  numbers.push_back(clip_gradients(model_.parameters(), setup_.arguments.optimizer.max_grad_norm));
  std::vector<double> values = read(numbers);
  gradient_norm_ = values.back();
  values.pop_back();
  step.loss = share(std::accumulate(values.begin(), values.end(), 0.0), batches, at);
  step.step = ++at.step;
  if (std::isfinite(step.loss) && std::isfinite(gradient_norm_)) {
    optimizer_.step(step.learning_rate, factor);
    at.loss_sum += step.loss;
    skipped_in_a_row_ = 0;
  } else {
    skip(step.loss, at);
  }
  ++num_steps_;
  seconds_ += seconds_since(start);
  step.tokens_per_second = tokens_per_second();
  return step;
}

// Forward and backward, here and in the other processes; the losses here. All processes have as
// many batches: the last step of an epoch has what is left, and its mean is that of fewer.
std::vector<at::Tensor> OptimizerSteps::accumulate(const std::vector<TokenizedBatch>& batches) {
  model_.parameters().clear_gradients();
  const auto parts = static_cast<double>(batches.size());
  const ForwardOptions forward = forward_options(setup_.arguments, true);
  std::vector<at::Tensor> losses;
  for (const TokenizedBatch& batch : batches) {
    losses.push_back(add_gradients(model_, batch, forward, setup_.objective, parts));
  }
  average_gradients(model_.parameters(), setup_.processes);
  return losses;
}

// The mean of the losses of all processes; what they were trained on is counted.
double OptimizerSteps::share(double loss, const std::vector<TokenizedBatch>& batches,
                             RunPosition& at) {
  double tokens = 0, samples = 0;
  for (const TokenizedBatch& batch : batches) {
    tokens += static_cast<double>(batch.num_tokens());
    samples += static_cast<double>(batch.rows());
  }
  const at::Tensor sums = at::tensor({loss, tokens, samples}, at::kDouble);
  setup_.processes.add_up(sums);
  tokens_ += sums[1].item<double>();
  at.samples += static_cast<uint64_t>(sums[2].item<double>());
  return sums[0].item<double>() / static_cast<double>(setup_.processes.size());
}

void OptimizerSteps::skip(double loss, RunPosition& at) {
  ++at.skipped_steps;
  // The logged mean is that of the other steps, or, unfiltered, no number either.
  const auto others = static_cast<double>(at.step - at.logged_step - 1);
  if (!setup_.arguments.logging.logging_nan_inf_filter) {
    at.loss_sum += loss;
  } else if (others > 0) {
    at.loss_sum += at.loss_sum / others;
  }
  listener_.on_note("step " + std::to_string(at.step) +
                    ": the loss or a gradient is not a number; the step is skipped");
  if (++skipped_in_a_row_ == kMaxSkippedInARow) check_last_step();
}

void OptimizerSteps::check_last_step() const {
  if (!was_skipped()) return;
  const bool is_one = skipped_in_a_row_ == 1;
  throw Diverged("the loss or a gradient of the last " +
                 (is_one ? "step is" : std::to_string(skipped_in_a_row_) + " steps in a row is") +
                 " not a number");
}

}  // namespace maxsimd::training
