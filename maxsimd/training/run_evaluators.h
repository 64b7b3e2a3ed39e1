// The evaluators of a run, by its arguments, and what its record says of them.
#pragma once

#include <memory>
#include <vector>

#include "maxsimd/card/training_record.h"
#include "maxsimd/evaluation/evaluator_spec.h"
#include "maxsimd/hyperparameters/training_arguments.h"

namespace maxsimd::training {

/// What eval_triplets, eval_beir, eval_nano_beir, eval_distillation and `evaluator` ask for, in
/// this order; the parts of a sequence are specs of their own. Throws as read_evaluator_spec(), and
/// std::invalid_argument for the `main` of a sequence: metric_for_best_model says what counts.
std::vector<EvaluatorSpec> evaluator_specs(const TrainingArguments& arguments);

/// Reads the data of them all. Throws as make_evaluator(), and std::invalid_argument for two of one
/// class and name, whose numbers nobody could tell apart.
std::vector<std::unique_ptr<Evaluator>> make_evaluators(const TrainingArguments& arguments);

/// What a record says of the evaluators, in their order.
std::vector<EvaluatorRecord> records_of(const std::vector<std::unique_ptr<Evaluator>>& evaluators);

/// Makes the evaluators of a resumed run the first of the record, in their order; those that ran
/// before and do so no more come after. The log keeps pointing at what it pointed at.
void adopt_evaluators(std::vector<EvaluatorRecord> now, TrainingRecord& record);

}  // namespace maxsimd::training
