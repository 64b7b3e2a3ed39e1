// Metrics of a whole run, averaged over the judged queries.
//
// Every query of the qrels takes part in the average: one without hits scores 0, and so does one
// that is only judged 0 (as in ir-measures). Queries of the run that nobody judged are ignored.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "maxsimd/data/qrels.h"
#include "maxsimd/data/run.h"
#include "maxsimd/evaluation/metrics.h"

namespace maxsimd {

struct RunEvaluation {
  std::vector<Metric> metrics;
  std::vector<double> means;                            // [metrics]
  std::map<std::string, std::vector<double>> by_query;  // judged query -> [metrics]
  size_t num_unanswered = 0;                            // judged, but without hits: they score 0
  size_t num_without_relevant = 0;  // judged, but nothing above grade 0: they score 0
  size_t num_unjudged = 0;          // in the run, but not judged: ignored

  size_t num_queries() const { return by_query.size(); }  // averaged over
};

/// Throws std::invalid_argument when the qrels are empty (there is nothing to average).
RunEvaluation evaluate_run(const Qrels& qrels, const Run& run, std::span<const Metric> metrics);

}  // namespace maxsimd
