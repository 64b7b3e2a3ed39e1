// The evaluators of a run with the metrics a card shows of each. Private to this room.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "maxsimd/card/training_record.h"

namespace maxsimd {

struct EvaluationResult {
  std::string class_path;
  std::string description;                              // "ColBERT Triplet"
  std::string name;                                     // of the data, or ""
  std::string primary_metric;                           // without "NAME_" in front, or ""
  std::vector<std::pair<std::string, double>> metrics;  // without "NAME_" in front
};

/// One entry an evaluator that measured the weights that were kept: its last run at best_step, else
/// at `step`; where the record has neither, its last run. `pylate`: its last run whatever it
/// measured, and the class name split as PyLate splits it ("Col BERTTriplet").
std::vector<EvaluationResult> evaluation_results(const TrainingRecord& record, bool pylate);

}  // namespace maxsimd
