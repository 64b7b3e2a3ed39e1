// Retrieval metrics of one ranking, with the definitions of trec_eval and ir-measures:
//
//   nDCG@k     sum of grade / log2(rank + 1), over the same sum of the best possible ranking of the
//              judgments (linear gains, as BEIR; not of what was retrieved)
//   MAP@k      mean over all relevant documents of the precision at their ranks; 0 past rank k
//   Recall@k   relevant documents in the first k, over all relevant ones
//   P@k        relevant documents in the first k, over k
//   MRR@k      1 / rank of the first relevant document within k, else 0
//   Success@k  1 when there is a relevant document in the first k, else 0
//
// Relevant = grade of at least 1; a grade below 0 gains as much as 0, and so does no judgment. The
// order of the list is the ranking: scores are not looked at. (trec_eval re-sorts by score and
// breaks ties by document id, descending; see data/run.h for how our run files agree with it.)
// A document listed twice counts at its first rank; the later one keeps its rank and gains nothing.
// A query without relevant documents scores 0, never NaN. Pure functions, safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "maxsimd/base/types.h"
#include "maxsimd/data/qrels.h"

namespace maxsimd {

enum class MetricKind { ndcg, map, recall, precision, mrr, success };

struct Metric {
  MetricKind kind = MetricKind::ndcg;
  size_t cutoff = 0;  // 0: the whole ranking (nDCG, MAP and MRR only)

  bool operator==(const Metric&) const = default;
};

/// "nDCG@10", "MAP" (no cut-off) ...
std::string metric_name(const Metric& metric);

/// Reads such a name, in any case; also ir-measures' AP, R, RR and Precision. Throws
/// std::invalid_argument saying which names there are.
Metric parse_metric(std::string_view name);

/// nDCG@10, Recall@100, MAP@100, MRR@10, P@10, Success@5: what `evaluate` prints.
std::vector<Metric> default_metrics();

/// A ranking with its judgments looked up, once for all metrics.
struct JudgedRanking {
  std::vector<int32_t> gains;  // [hits] max(grade, 0) in rank order
  std::vector<int32_t> ideal;  // the grades above 0 of all judgments, descending
};

JudgedRanking judge_ranking(const Judgments& judgments, std::span<const Hit> hits);

/// The value of a metric, in [0, 1].
double score_ranking(const Metric& metric, const JudgedRanking& ranking);

}  // namespace maxsimd
