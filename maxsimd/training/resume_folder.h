// The folder that resume_from_checkpoint names.
#pragma once

#include "maxsimd/hyperparameters/training_arguments.h"

namespace maxsimd::training {

/// Throws std::invalid_argument when a folder is named that is not there or is no checkpoint of a
/// run: a run's own folder, for one, whose checkpoints are told then.
void check_resume_folder(const SavingArguments& arguments);

}  // namespace maxsimd::training
