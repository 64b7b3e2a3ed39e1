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

/// What the metrics of the record's evaluators are called: joint_metric_names().
using MetricNames = std::vector<std::vector<std::string>>;

std::string log_lines(const TrainingRecord& record, const MetricNames& names);
std::string log_table(const TrainingRecord& record, const MetricNames& names);
std::string loss_curve(const TrainingRecord& record);

/// Throws IoError.
void write_logs(const TrainingRecord& record, const MetricNames& names,
                const std::filesystem::path& output);

}  // namespace maxsimd::training
