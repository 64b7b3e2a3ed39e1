// Hyperparameters beside each other.
#pragma once

#include "maxsimd/hyperparameters/training_arguments.h"

namespace maxsimd::detail {

/// Throws std::invalid_argument for what training_arguments() says does not go together.
void check_together(const TrainingArguments& arguments);

}  // namespace maxsimd::detail
