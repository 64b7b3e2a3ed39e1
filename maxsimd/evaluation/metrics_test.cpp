#include "maxsimd/evaluation/metrics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "maxsimd/base/json.h"
#include "maxsimd/evaluation/run_evaluation.h"

namespace maxsimd {
namespace {

// Hits with equal scores: only their order may matter.
std::vector<Hit> hits_of(const std::vector<std::string>& ids) {
  std::vector<Hit> hits;
  for (const std::string& id : ids) hits.push_back({id, 1.0F});
  return hits;
}

double value(const char* metric, const Judgments& judgments, const std::vector<std::string>& ids) {
  return score_ranking(parse_metric(metric), judge_ranking(judgments, hits_of(ids)));
}

constexpr double kTolerance = 1e-7;

TEST(Metrics, B50_FollowTheOrderOfTheListNotTheScores) {
  EXPECT_NEAR(value("nDCG@10", {{"d3", 1}}, {"d1", "d2", "d3"}), 0.5, kTolerance);
  EXPECT_NEAR(value("nDCG@10", {{"d3", 1}}, {"d3", "d1", "d2"}), 1.0, kTolerance);
}

TEST(Metrics, B51_1_ADuplicateGainsNothing) {
  EXPECT_NEAR(value("nDCG@10", {{"A", 1}}, {"A", "A"}), 1.0, kTolerance);
  for (const char* metric : {"Recall@10", "MAP@10", "MRR@10", "Success@10"}) {
    EXPECT_NEAR(value(metric, {{"A", 1}}, {"A", "A"}), 1.0, kTolerance) << metric;
  }
  EXPECT_NEAR(value("P@2", {{"A", 1}, {"B", 1}}, {"A", "A", "B"}), 0.5, kTolerance);
}

TEST(Metrics, B51_2_TheIdealComesFromTheJudgments) {
  EXPECT_NEAR(value("nDCG@10", {{"A", 1}, {"B", 1}}, {"A"}), 0.6131472, kTolerance);
  EXPECT_NEAR(value("Recall@10", {{"A", 1}, {"B", 1}}, {"A"}), 0.5, kTolerance);
}

TEST(Metrics, B51_3_GainsAreLinear) {
  EXPECT_NEAR(value("nDCG@10", {{"A", 2}, {"B", 1}}, {"B", "A"}), 0.8597187, kTolerance);
}

TEST(Metrics, B51_4_AQueryWithoutHitsCountsInTheAverage) {
  const Metric metric = parse_metric("nDCG@10");
  const RunEvaluation evaluation = evaluate_run({{"q1", {{"A", 1}}}, {"q2", {{"B", 1}}}},
                                                {{"q1", hits_of({"A"})}}, {&metric, 1});
  EXPECT_NEAR(evaluation.means[0], 0.5, kTolerance);
  EXPECT_EQ(evaluation.num_queries(), 2U);
  EXPECT_EQ(evaluation.num_unanswered, 1U);
}

TEST(Metrics, B51_5_AQueryJudgedOnlyZeroScoresZeroAndIsCounted) {
  const std::vector<Metric> metrics = default_metrics();
  const RunEvaluation evaluation =
      evaluate_run({{"q1", {{"A", 1}}}, {"q2", {{"B", 0}}}},
                   {{"q1", hits_of({"A"})}, {"q2", hits_of({"B"})}}, metrics);
  EXPECT_NEAR(evaluation.means[0], 0.5, kTolerance);
  EXPECT_EQ(evaluation.num_without_relevant, 1U);
  for (const double mean : evaluation.means) EXPECT_FALSE(std::isnan(mean));
}

TEST(Metrics, B51_6_UnjudgedQueriesAreIgnored) {
  const Metric metric = parse_metric("nDCG@10");
  const RunEvaluation evaluation = evaluate_run(
      {{"q1", {{"A", 1}}}}, {{"q1", hits_of({"A"})}, {"q9", hits_of({"A"})}}, {&metric, 1});
  EXPECT_NEAR(evaluation.means[0], 1.0, kTolerance);
  EXPECT_EQ(evaluation.num_queries(), 1U);
  EXPECT_EQ(evaluation.num_unjudged, 1U);
}

TEST(Metrics, B51_7_PastTheCutoffIsNothing) {
  const std::vector<std::string> ids = {"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "A"};
  for (const char* metric : {"nDCG@10", "MAP@10", "MRR@10", "P@10", "Recall@10", "Success@10"}) {
    EXPECT_EQ(value(metric, {{"A", 1}}, ids), 0.0) << metric;
  }
  EXPECT_NEAR(value("MRR", {{"A", 1}}, ids), 1.0 / 11, kTolerance);
}

TEST(Metrics, B51_8_NegativeJudgmentsGainZero) {
  EXPECT_NEAR(value("nDCG@10", {{"A", -1}, {"B", 1}}, {"A", "B"}), 1.0 / std::log2(3.0),
              kTolerance);
  EXPECT_NEAR(value("Recall@10", {{"A", -1}, {"B", 1}}, {"A", "B"}), 1.0, kTolerance);
  EXPECT_EQ(value("nDCG@10", {{"A", -1}}, {"A"}), 0.0);
}

TEST(Metrics, B51_9_AnEmptyRunScoresZeroAndSaysSo) {
  const RunEvaluation evaluation = evaluate_run({{"q1", {{"A", 1}}}}, {}, default_metrics());
  for (const double mean : evaluation.means) EXPECT_EQ(mean, 0.0);
  EXPECT_EQ(evaluation.num_unanswered, 1U);
  EXPECT_THROW(evaluate_run({}, {}, default_metrics()), std::invalid_argument);
}

TEST(Metrics, B51_EveryValueStaysWithinZeroAndOne) {
  uint32_t state = 12345;  // the seed
  const auto random = [&state](uint32_t below) {
    state = state * 1664525U + 1013904223U;
    return (state >> 16) % below;
  };
  for (int round = 0; round < 2000; ++round) {
    Judgments judgments;
    std::vector<std::string> ids;
    for (uint32_t i = random(6); i > 0; --i)
      judgments[std::to_string(random(8))] = static_cast<int32_t>(random(5)) - 1;
    for (uint32_t i = random(12); i > 0; --i) ids.push_back(std::to_string(random(8)));  // repeats
    for (const char* metric :
         {"nDCG@3", "nDCG", "MAP@5", "MAP", "MRR", "P@4", "Recall@4", "Success@2"}) {
      const double result = value(metric, judgments, ids);
      ASSERT_TRUE(result >= 0.0 && result <= 1.0 + 1e-12) << metric << " = " << result;
    }
  }
}

TEST(Metrics, NamesAreReadAndPrinted) {
  for (const char* name :
       {"nDCG@10", "Recall@100", "MAP@100", "MRR@10", "P@10", "Success@5", "nDCG", "MAP", "MRR"}) {
    EXPECT_EQ(metric_name(parse_metric(name)), name);
  }
  EXPECT_EQ(metric_name(parse_metric("ndcg@5")), "nDCG@5");
  EXPECT_EQ(metric_name(parse_metric("AP@7")), "MAP@7");
  EXPECT_EQ(metric_name(parse_metric("R@7")), "Recall@7");
  EXPECT_EQ(metric_name(parse_metric("RR")), "MRR");
  for (const char* name : {"", "@10", "nDCG@", "nDCG@0", "nDCG@-1", "nDCG@1.5", "nDCG@10x",
                           "foo@10", "P", "Recall", "Success", "nDCG@99999999999999999999999"}) {
    EXPECT_THROW(parse_metric(name), std::invalid_argument) << name;
  }
}

// scripts/goldens/metrics_ir_measures.py
TEST(Metrics, B50_B51_EqualIrMeasuresOnRandomRunsWithTies) {
  const nlohmann::json golden = read_json_file(std::string(MAXSIMD_SOURCE_DIR) +
                                               "/maxsimd/evaluation/testdata/ir_measures.json");
  size_t compared = 0;
  for (const nlohmann::json& expected : golden.at("cases")) {
    std::vector<Metric> metrics;
    for (const auto& name : expected.at("measures"))
      metrics.push_back(parse_metric(name.get<std::string>()));
    maxsimd::Run run;
    for (const auto& [query, ids] : expected.at("ranking").items()) run[query] = hits_of(ids);
    const RunEvaluation evaluation = evaluate_run(expected.at("qrels").get<Qrels>(), run, metrics);
    ASSERT_EQ(evaluation.by_query.size(), expected.at("by_query").size());
    for (size_t i = 0; i < metrics.size(); ++i) {
      EXPECT_NEAR(evaluation.means[i], expected.at("means")[i].get<double>(), 1e-6)
          << metric_name(metrics[i]);
      for (const auto& [query, values] : evaluation.by_query) {
        EXPECT_NEAR(values[i], expected.at("by_query").at(query)[i].get<double>(), 1e-6)
            << metric_name(metrics[i]) << " of " << query;
        ++compared;
      }
    }
  }
  EXPECT_GT(compared, 1500U);
}

}  // namespace
}  // namespace maxsimd
