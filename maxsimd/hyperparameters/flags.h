// Hyperparameters as flags, in the forms that the scripts of transformers take:
//   --learning_rate 3e-6   --learning-rate=3e-6      '-' and '_' are alike
//   --bf16   --bf16 true   --no_dataloader_pin_memory
//   --columns query positive negative                 several words are a list
//   --lr_scheduler_kwargs '{"num_cycles": 2}'         lists and mappings as in YAML, JSON or Python
// A value that starts with "--" is given with '='.
#pragma once

#include <span>
#include <string>

#include "maxsimd/hyperparameters/hyperparameter_set.h"

namespace maxsimd {

/// Gives `set` what the flags say, in order; a flag given twice counts the last time, but for those
/// that add to a list (Hyperparameter::is_repeated). Throws
/// std::invalid_argument ("--learning_rat: ..."); what stands before the error has been taken then.
void parse_hyperparameter_flags(std::span<const std::string> words, HyperparameterSet& set);

}  // namespace maxsimd
