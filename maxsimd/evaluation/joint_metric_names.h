// What metrics are called where those of several evaluators stand together: in a sequence, in the
// logs of a training run, in metric_for_best_model.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "maxsimd/evaluation/evaluator.h"

namespace maxsimd {

/// [evaluators][their metric_names()]: the metrics' own names, and where two evaluators have one of
/// the same name (two of triplets: "accuracy") "NAME_accuracy" by the evaluators' names. No name
/// comes twice. Throws std::invalid_argument: two evaluators of a class with one name, which would
/// also write the same CSV file, or metrics that no name tells apart.
std::vector<std::vector<std::string>> joint_metric_names(
    const std::vector<std::unique_ptr<Evaluator>>& evaluators);

}  // namespace maxsimd
