// What the loss on an evaluation data set is called.
#pragma once

#include <string>

namespace maxsimd::training {

/// Among the metrics: "loss", "NAME_loss".
inline std::string loss_metric_name(const std::string& dataset) {
  return dataset.empty() ? "loss" : dataset + "_loss";
}

/// In the logs, whose metrics all begin so: "eval_loss", "eval_NAME_loss".
inline std::string eval_loss_name(const std::string& dataset) {
  return "eval_" + loss_metric_name(dataset);
}

}  // namespace maxsimd::training
