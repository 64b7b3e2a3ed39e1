// The record of a run before its first step: what will be its card's data sets, hyperparameters and
// versions.
#pragma once

#include "maxsimd/card/training_record.h"
#include "maxsimd/training/run_setup.h"

namespace maxsimd::training {

/// What stays of a run whenever it is resumed: model, training data with their statistics, and the
/// time now, when it begins.
TrainingRecord new_record(const RunSetup& setup);

/// Throws std::invalid_argument for names that the card cannot show (control characters): before
/// the run, not after it.
void check_card_names(const RunSetup& setup);

/// Puts the rest into a record, new or of a resumed run, in place of what it said: evaluation data,
/// hyperparameters, evaluators, versions, what the arguments say for its card, where the final
/// model will lie, and the machine that this process runs on.
void describe_run(const RunSetup& setup, TrainingRecord& record);

/// What a record says of evaluators, in their order.
std::vector<EvaluatorRecord> records_of(const std::vector<std::unique_ptr<Evaluator>>& evaluators);

/// The time now, ISO 8601: "2026-01-31T12:00:00Z".
std::string now_text();

}  // namespace maxsimd::training
