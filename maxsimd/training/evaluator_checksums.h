// What the evaluators of a run read and how they judge it, as a number each: to notice that a run
// which goes on would be evaluated on something else.
#pragma once

#include <string>
#include <vector>

#include "maxsimd/hyperparameters/training_arguments.h"

namespace maxsimd::training {

/// Of each of evaluator_specs(), as decimal digits: of the bytes of its files, wherever they lie,
/// and of what changes its results. Files that can be read but once (pipes) are left out. Names and
/// metrics are the evaluators' own (Evaluator::metric_names). Throws IoError, FormatError,
/// std::invalid_argument as evaluator_specs() and make_evaluator().
std::vector<std::string> evaluator_checksums(const TrainingArguments& arguments);

}  // namespace maxsimd::training
