// The rows of the table, a file a part; hyperparameter.cpp joins them.
#pragma once

#include <span>

#include "maxsimd/hyperparameters/hyperparameter.h"

namespace maxsimd::detail {

std::span<const Hyperparameter> model_rows();     // model, data, loss
std::span<const Hyperparameter> training_rows();  // duration, optimizer
std::span<const Hyperparameter> schedule_rows();  // schedule, precision
std::span<const Hyperparameter> evaluation_rows();
std::span<const Hyperparameter> saving_rows();
std::span<const Hyperparameter> logging_rows();
std::span<const Hyperparameter> loading_rows();
std::span<const Hyperparameter> device_rows();
std::span<const Hyperparameter> hub_rows();

}  // namespace maxsimd::detail
