// Hyperparameters beside each other.
#pragma once

#include "maxsimd/hyperparameters/training_arguments.h"

namespace maxsimd::detail {

/// Throws std::invalid_argument for what training_arguments() says does not go together.
void check_together(const TrainingArguments& arguments);

/// Throws std::invalid_argument for columns or prompts of a data set that is not there.
void check_dataset_names(const DataArguments& data);

}  // namespace maxsimd::detail
