// The evaluators of a run, by its arguments.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "maxsimd/evaluation/evaluator_spec.h"
#include "maxsimd/hyperparameters/training_arguments.h"

namespace maxsimd::training {

/// What eval_triplets, eval_beir, eval_nano_beir, eval_distillation and `evaluator` ask for, in
/// this order; the parts of a sequence are specs of their own. Throws as read_evaluator_spec(), and
/// std::invalid_argument for the `main` of a sequence: metric_for_best_model says what counts.
std::vector<EvaluatorSpec> evaluator_specs(const TrainingArguments& arguments);

/// The JSON files among `evaluator`, by name, and the hashes (SHA-256) of their bytes. Throws
/// IoError.
std::map<std::string, std::string> evaluator_files(const TrainingArguments& arguments);

/// What the arguments give to evaluate on and no evaluation will ever use, for eval_strategy is no:
/// a note for people, or "".
std::string never_evaluated(const TrainingArguments& arguments);

/// Reads the data of them all. Throws as make_evaluator().
std::vector<std::unique_ptr<Evaluator>> make_evaluators(const TrainingArguments& arguments);

}  // namespace maxsimd::training
