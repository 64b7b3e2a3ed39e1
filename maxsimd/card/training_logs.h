// The "Training Logs" table of a card: one row a step, a column for each loss and for the primary
// metric of each evaluator.
#pragma once

#include <string>

#include "maxsimd/card/training_record.h"

namespace maxsimd {

struct TrainingLogs {
  std::string table;  // "" when nothing was logged
  size_t num_rows = 0;
  bool has_bold_row = false;  // that of the weights that were kept
};

/// One row a step, and columns of evaluators that share a metric's name told apart. `pylate`: as
/// PyLate 1.6 does it, where every run of an evaluator is a row of its own at epoch 0, step 0, and
/// evaluators with the same metric write into one column.
TrainingLogs training_logs(const TrainingRecord& record, bool pylate);

}  // namespace maxsimd
