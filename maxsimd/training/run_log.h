// What a run wrote down so far, as files of its folder:
//   logs.jsonl   one event a line, as the trainer's console shows it; grows with every event
//   logs.csv     step, epoch, loss, eval_loss and every metric: one row a step that has any, in
//                RFC 4180's quoting; a number that is not finite is empty, as one that is not there
//   loss.svg     the losses as curves (loss_curve.h)
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "maxsimd/card/training_record.h"

namespace maxsimd::training {

/// What the metrics of the record's evaluators are called: joint_metric_names().
using MetricNames = std::vector<std::vector<std::string>>;

std::string log_line(const LogEvent& event, const MetricNames& names);
std::string log_table(const TrainingRecord& record, const MetricNames& names);

/// One thread at a time.
class RunLog {
 public:
  /// Writes logs.jsonl anew with the events of the record, and those only: the lines of what a
  /// killed run did after its last checkpoint go. `names` must outlive it. Throws IoError.
  RunLog(std::filesystem::path folder, const MetricNames& names, const TrainingRecord& record);

  /// Adds a line. Throws IoError.
  void append(const LogEvent& event);

  /// Writes logs.csv and loss.svg anew: not for every event, for they hold all of them. Throws
  /// IoError.
  void write_tables(const TrainingRecord& record) const;

 private:
  std::filesystem::path folder_;
  const MetricNames& names_;
  std::ofstream lines_;
};

}  // namespace maxsimd::training
