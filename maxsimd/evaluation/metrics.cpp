#include "maxsimd/evaluation/metrics.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <functional>
#include <stdexcept>
#include <unordered_set>

namespace maxsimd {
namespace {

struct MetricSpelling {
  std::string_view name;  // the first of a kind is the one we print
  MetricKind kind;
};

constexpr std::array<MetricSpelling, 10> kSpellings = {{
    {"nDCG", MetricKind::ndcg},
    {"MAP", MetricKind::map},
    {"AP", MetricKind::map},
    {"Recall", MetricKind::recall},
    {"R", MetricKind::recall},
    {"P", MetricKind::precision},
    {"Precision", MetricKind::precision},
    {"MRR", MetricKind::mrr},
    {"RR", MetricKind::mrr},
    {"Success", MetricKind::success},
}};

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

bool needs_cutoff(MetricKind kind) {
  return kind == MetricKind::recall || kind == MetricKind::precision || kind == MetricKind::success;
}

[[noreturn]] void fail(std::string_view name) {
  throw std::invalid_argument("unknown metric '" + std::string(name) +
                              "'; expected nDCG@k, MAP@k, MRR@k, Recall@k, P@k or Success@k with k "
                              "of at least 1 (the first "
                              "three also without @k)");
}

// The gains within the cut-off.
std::span<const int32_t> top(const Metric& metric, const JudgedRanking& ranking) {
  const std::span<const int32_t> gains(ranking.gains);
  return metric.cutoff == 0 ? gains : gains.first(std::min(metric.cutoff, gains.size()));
}

double discounted_gain(std::span<const int32_t> gains) {
  double sum = 0.0;
  for (size_t i = 0; i < gains.size(); ++i) {
    sum += static_cast<double>(gains[i]) / std::log2(static_cast<double>(i) + 2.0);
  }
  return sum;
}

double ndcg(const Metric& metric, const JudgedRanking& ranking) {
  std::span<const int32_t> ideal(ranking.ideal);
  if (metric.cutoff != 0) ideal = ideal.first(std::min(metric.cutoff, ideal.size()));
  return discounted_gain(top(metric, ranking)) / discounted_gain(ideal);
}

double average_precision(std::span<const int32_t> gains, size_t num_relevant) {
  double sum = 0.0;
  size_t found = 0;
  for (size_t i = 0; i < gains.size(); ++i) {
    if (gains[i] == 0) continue;
    ++found;
    sum += static_cast<double>(found) / static_cast<double>(i + 1);
  }
  return sum / static_cast<double>(num_relevant);
}

double reciprocal_rank(std::span<const int32_t> gains) {
  const auto first = std::ranges::find_if(gains, [](int32_t gain) { return gain > 0; });
  return first == gains.end() ? 0.0 : 1.0 / static_cast<double>(first - gains.begin() + 1);
}

}  // namespace

std::string metric_name(const Metric& metric) {
  const auto* spelling = std::ranges::find(kSpellings, metric.kind, &MetricSpelling::kind);
  std::string name(spelling->name);
  if (metric.cutoff != 0) name.append("@").append(std::to_string(metric.cutoff));
  return name;
}

Metric parse_metric(std::string_view name) {
  const size_t at = name.find('@');
  const std::string_view kind_name = name.substr(0, at);
  const auto* spelling =
      std::ranges::find_if(kSpellings, [kind_name](const MetricSpelling& candidate) {
        return equal_ignoring_case(candidate.name, kind_name);
      });
  if (spelling == kSpellings.end()) fail(name);
  Metric metric{spelling->kind, 0};
  if (at == std::string_view::npos) {
    if (needs_cutoff(metric.kind)) fail(name);
    return metric;
  }
  const std::string_view digits = name.substr(at + 1);
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), metric.cutoff);
  if (error != std::errc() || end != digits.data() + digits.size() || metric.cutoff == 0) {
    fail(name);
  }
  return metric;
}

std::vector<Metric> default_metrics() {
  return {{MetricKind::ndcg, 10}, {MetricKind::recall, 100},   {MetricKind::map, 100},
          {MetricKind::mrr, 10},  {MetricKind::precision, 10}, {MetricKind::success, 5}};
}

JudgedRanking judge_ranking(const Judgments& judgments, std::span<const Hit> hits) {
  JudgedRanking ranking;
  ranking.gains.reserve(hits.size());
  std::unordered_set<std::string_view> gained;
  for (const Hit& hit : hits) {
    const auto judged = judgments.find(hit.id);
    const bool gains =
        judged != judgments.end() && judged->second > 0 && gained.insert(judged->first).second;
    ranking.gains.push_back(gains ? judged->second : 0);
  }
  for (const auto& [document, grade] : judgments) {
    if (grade > 0) ranking.ideal.push_back(grade);
  }
  std::ranges::sort(ranking.ideal, std::greater<>());
  return ranking;
}

double score_ranking(const Metric& metric, const JudgedRanking& ranking) {
  if (ranking.ideal.empty()) return 0.0;
  const std::span<const int32_t> gains = top(metric, ranking);
  const auto found =
      static_cast<double>(std::ranges::count_if(gains, [](int32_t gain) { return gain > 0; }));
  const auto num_relevant = static_cast<double>(ranking.ideal.size());
  switch (metric.kind) {
    case MetricKind::ndcg:
      return ndcg(metric, ranking);
    case MetricKind::map:
      return average_precision(gains, ranking.ideal.size());
    case MetricKind::recall:
      return found / num_relevant;
    case MetricKind::precision:
      return found / static_cast<double>(metric.cutoff);
    case MetricKind::mrr:
      return reciprocal_rank(gains);
    case MetricKind::success:
      return found > 0.0 ? 1.0 : 0.0;
  }
  return 0.0;
}

}  // namespace maxsimd
