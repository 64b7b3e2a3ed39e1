// The metrics of sentence-transformers' InformationRetrievalEvaluator, which PyLate's evaluators
// report. Relevance is binary (a grade above 0), so some differ from metrics.h (trec_eval's):
//
//   accuracy@k    1 when a relevant document is in the first k, else 0 (Success@k)
//   precision@k   relevant documents in the first k, over k
//   recall@k      relevant documents in the first k, over all relevant ones
//   ndcg@k        gains of 1 / log2(rank + 1), over those of min(k, relevant) best ranks: grades
//                 above 1 gain no more
//   mrr@k         1 / rank of the first relevant document in the first k, else 0
//   map@k         mean of the precision at the ranks of relevant documents, over min(k, relevant):
//                 larger than MAP@k where more than k documents are relevant
//
// each averaged over the queries. Pure functions, safe from any thread.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "maxsimd/evaluation/evaluator.h"
#include "maxsimd/evaluation/metrics.h"

namespace maxsimd {

struct RetrievalCutoffs {
  std::vector<size_t> accuracy_at_k = {1, 3, 5, 10};
  std::vector<size_t> precision_recall_at_k = {1, 3, 5, 10};
  std::vector<size_t> mrr_at_k = {10};
  std::vector<size_t> ndcg_at_k = {10};  // the largest is the primary metric
  std::vector<size_t> map_at_k = {100};
};

/// The hits a query that the metrics look at.
size_t largest_cutoff(const RetrievalCutoffs& cutoffs);

/// Throws std::invalid_argument: a cut-off of 0, one given twice, no ndcg_at_k.
void check_cutoffs(const RetrievalCutoffs& cutoffs);

/// "accuracy@1" ... in the order of the Python dict: accuracy, precision, recall, ndcg, mrr, map.
std::vector<std::string> retrieval_metric_names(const RetrievalCutoffs& cutoffs);

/// Their means over rankings, under these names; 0 for no rankings. A query without relevant
/// documents scores 0 (sentence-transformers leaves it out before).
MetricValues retrieval_metrics(std::span<const JudgedRanking> rankings,
                               const RetrievalCutoffs& cutoffs);

/// The metrics as a row of a CSV file: "MaxSim-Accuracy@1" ..., precision and recall in turns.
/// `values` are those of retrieval_metrics().
struct RetrievalCsvRow {
  std::vector<std::string> headers;
  std::vector<double> values;
};
RetrievalCsvRow retrieval_csv_row(const MetricValues& values, const RetrievalCutoffs& cutoffs);

}  // namespace maxsimd
