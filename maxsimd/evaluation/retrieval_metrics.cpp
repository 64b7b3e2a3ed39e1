#include "maxsimd/evaluation/retrieval_metrics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <stdexcept>

namespace maxsimd {
namespace {

using Gains = std::span<const int32_t>;
using Score = double (*)(Gains first_k, size_t k, size_t num_relevant);

double count_relevant(Gains gains) {
  return static_cast<double>(std::ranges::count_if(gains, [](int32_t gain) { return gain > 0; }));
}

double accuracy(Gains first_k, size_t, size_t) {
  return count_relevant(first_k) > 0 ? 1.0 : 0.0;
}

double precision(Gains first_k, size_t k, size_t) {
  return count_relevant(first_k) / static_cast<double>(k);
}

double recall(Gains first_k, size_t, size_t num_relevant) {
  return count_relevant(first_k) / static_cast<double>(num_relevant);
}

double discount(size_t rank_from_0) {
  return 1.0 / std::log2(static_cast<double>(rank_from_0) + 2.0);
}

double ndcg(Gains first_k, size_t k, size_t num_relevant) {
  double found = 0.0;
  double ideal = 0.0;
  for (size_t i = 0; i < first_k.size(); ++i) {
    if (first_k[i] > 0) found += discount(i);
  }
  for (size_t i = 0; i < std::min(k, num_relevant); ++i) ideal += discount(i);
  return found / ideal;
}

double mrr(Gains first_k, size_t, size_t) {
  for (size_t i = 0; i < first_k.size(); ++i) {
    if (first_k[i] > 0) return 1.0 / static_cast<double>(i + 1);
  }
  return 0.0;
}

double average_precision(Gains first_k, size_t k, size_t num_relevant) {
  double sum = 0.0;
  size_t found = 0;
  for (size_t i = 0; i < first_k.size(); ++i) {
    if (first_k[i] <= 0) continue;
    ++found;
    sum += static_cast<double>(found) / static_cast<double>(i + 1);
  }
  return sum / static_cast<double>(std::min(k, num_relevant));
}

// A kind of metric with its cut-offs.
struct Family {
  const char* name;
  const char* csv_name;
  Score score;
  const std::vector<size_t>* cutoffs;
};

std::array<Family, 6> families(const RetrievalCutoffs& cutoffs) {
  return {{{"accuracy", "Accuracy", accuracy, &cutoffs.accuracy_at_k},
           {"precision", "Precision", precision, &cutoffs.precision_recall_at_k},
           {"recall", "Recall", recall, &cutoffs.precision_recall_at_k},
           {"ndcg", "NDCG", ndcg, &cutoffs.ndcg_at_k},
           {"mrr", "MRR", mrr, &cutoffs.mrr_at_k},
           {"map", "MAP", average_precision, &cutoffs.map_at_k}}};
}

std::string at(const std::string& name, size_t k) {
  return std::string(name).append("@").append(std::to_string(k));
}

double mean_score(const Family& family, size_t k, std::span<const JudgedRanking> rankings) {
  if (rankings.empty()) return 0.0;
  double sum = 0.0;
  for (const JudgedRanking& ranking : rankings) {
    if (ranking.ideal.empty()) continue;
    const Gains gains(ranking.gains);
    sum += family.score(gains.first(std::min(k, gains.size())), k, ranking.ideal.size());
  }
  return sum / static_cast<double>(rankings.size());
}

double value_of(const MetricValues& values, const std::string& name) {
  const auto found = std::ranges::find(values, name, &MetricValue::name);
  if (found == values.end()) throw std::invalid_argument("no metric '" + name + "' was measured");
  return found->value;
}

}  // namespace

size_t largest_cutoff(const RetrievalCutoffs& cutoffs) {
  size_t largest = 0;
  for (const Family& family : families(cutoffs)) {
    for (const size_t k : *family.cutoffs) largest = std::max(largest, k);
  }
  return largest;
}

void check_cutoffs(const RetrievalCutoffs& cutoffs) {
  for (const Family& family : families(cutoffs)) {
    std::set<size_t> seen;
    for (const size_t k : *family.cutoffs) {
      if (k == 0) {
        throw std::invalid_argument(at(family.name, k) + ": expected a cut-off of at least 1");
      }
      if (!seen.insert(k).second) {
        throw std::invalid_argument(at(family.name, k) + ": the cut-off is given twice");
      }
    }
  }
  if (cutoffs.ndcg_at_k.empty()) {
    throw std::invalid_argument(
        "ndcg_at_k: expected at least one cut-off; the largest is the primary metric");
  }
}

std::vector<std::string> retrieval_metric_names(const RetrievalCutoffs& cutoffs) {
  std::vector<std::string> names;
  for (const Family& family : families(cutoffs)) {
    for (const size_t k : *family.cutoffs) names.push_back(at(family.name, k));
  }
  return names;
}

MetricValues retrieval_metrics(std::span<const JudgedRanking> rankings,
                               const RetrievalCutoffs& cutoffs) {
  MetricValues values;
  for (const Family& family : families(cutoffs)) {
    for (const size_t k : *family.cutoffs) {
      values.push_back({at(family.name, k), mean_score(family, k, rankings)});
    }
  }
  return values;
}

RetrievalCsvRow retrieval_csv_row(const MetricValues& values, const RetrievalCutoffs& cutoffs) {
  RetrievalCsvRow row;
  const auto [accuracies, precisions, recalls, ndcgs, mrrs, maps] = families(cutoffs);
  const auto add = [&](const Family& family, size_t k) {
    row.headers.push_back(std::string("MaxSim-").append(at(family.csv_name, k)));
    row.values.push_back(value_of(values, at(family.name, k)));
  };
  for (const size_t k : cutoffs.accuracy_at_k) add(accuracies, k);
  for (const size_t k : cutoffs.precision_recall_at_k) {
    add(precisions, k);
    add(recalls, k);
  }
  for (const size_t k : cutoffs.mrr_at_k) add(mrrs, k);
  for (const size_t k : cutoffs.ndcg_at_k) add(ndcgs, k);
  for (const size_t k : cutoffs.map_at_k) add(maps, k);
  return row;
}

}  // namespace maxsimd
