// Hyperparameters that play no part for what others of the run say.
#pragma once

#include <string>
#include <vector>

#include "maxsimd/hyperparameters/training_arguments.h"

namespace maxsimd {

/// A sentence, as HyperparameterSet::notes() has them, for each hyperparameter of `set` that is
/// not its default and that the run it describes never looks at: a temperature with loss
/// distillation, n_ways with contrastive. `arguments` are those of the set.
std::vector<std::string> unused_arguments(const HyperparameterSet& set,
                                          const TrainingArguments& arguments);

}  // namespace maxsimd
