// What a run wrote down so far, as files of its folder, written anew from the record each time:
//   logs.jsonl   one event a line, as the trainer's console shows it
//   logs.csv     step, epoch, loss, eval_loss and every metric: one row a step that has any
//   loss.svg     the loss curve, training and evaluation
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "maxsimd/card/training_record.h"

namespace maxsimd::training {

/// What a metric of evaluators[e] is called beside those of the others: with the evaluator's name
/// before it where another one of its class has one of the same name ("dev_accuracy").
std::string joint_metric_name(const std::vector<EvaluatorRecord>& evaluators, size_t e,
                              const std::string& metric);

std::string log_lines(const TrainingRecord& record);
std::string log_table(const TrainingRecord& record);
std::string loss_curve(const TrainingRecord& record);

/// Throws IoError.
void write_logs(const TrainingRecord& record, const std::filesystem::path& output);

}  // namespace maxsimd::training
