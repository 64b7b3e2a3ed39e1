#include "maxsimd/evaluation/run_evaluation.h"

#include <stdexcept>

namespace maxsimd {

RunEvaluation evaluate_run(const Qrels& qrels, const Run& run, std::span<const Metric> metrics) {
  if (qrels.empty()) {
    throw std::invalid_argument("no judged queries: the qrels are empty; nothing to average over");
  }
  RunEvaluation evaluation;
  evaluation.metrics.assign(metrics.begin(), metrics.end());
  evaluation.means.assign(metrics.size(), 0.0);
  const std::vector<Hit> no_hits;
  for (const auto& [query, judgments] : qrels) {
    const auto answered = run.find(query);
    const std::vector<Hit>& hits = answered == run.end() ? no_hits : answered->second;
    const JudgedRanking ranking = judge_ranking(judgments, hits);
    if (hits.empty()) ++evaluation.num_unanswered;
    if (ranking.ideal.empty()) ++evaluation.num_without_relevant;
    std::vector<double>& values = evaluation.by_query[query];
    for (size_t i = 0; i < metrics.size(); ++i) {
      values.push_back(score_ranking(metrics[i], ranking));
      evaluation.means[i] += values.back();
    }
  }
  for (double& mean : evaluation.means) mean /= static_cast<double>(qrels.size());
  for (const auto& [query, hits] : run) {
    if (!qrels.contains(query)) ++evaluation.num_unjudged;
  }
  return evaluation;
}

}  // namespace maxsimd
