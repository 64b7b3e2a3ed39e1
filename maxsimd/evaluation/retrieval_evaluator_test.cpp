// Retrieval metrics beside sentence-transformers' and ranx's, the retrieval evaluators on an
// encoder computed by hand, and known bugs B49 to B51 where they meet these.
#include "maxsimd/evaluation/retrieval_evaluator.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "maxsimd/base/json.h"
#include "maxsimd/data/test_folder.h"
#include "maxsimd/evaluation/corpus_search.h"
#include "maxsimd/evaluation/evaluator_testing.h"
#include "maxsimd/evaluation/run_evaluation.h"
#include "maxsimd/search/exact_search.h"

namespace maxsimd {
namespace {

using Ids = std::vector<std::string>;

std::vector<Hit> hits_of(const Ids& ids) {
  std::vector<Hit> hits;
  for (const std::string& id : ids) hits.push_back({id, 1.0F});
  return hits;
}

nlohmann::json golden() {
  return read_json_file(std::string(MAXSIMD_SOURCE_DIR) +
                        "/maxsimd/evaluation/testdata/retrieval_metrics.json");
}

RetrievalCutoffs cutoffs_of(const nlohmann::json& given) {
  RetrievalCutoffs cutoffs;
  if (given.empty()) return cutoffs;
  return {given.at("accuracy_at_k"), given.at("precision_recall_at_k"), given.at("mrr_at_k"),
          given.at("ndcg_at_k"), given.at("map_at_k")};
}

// scripts/goldens/retrieval_metrics_st.py
TEST(RetrievalMetrics, B50_EqualSentenceTransformersOnRandomRunsWithTies) {
  const nlohmann::json cases = golden().at("cases");
  for (const nlohmann::json& expected : cases) {
    const RetrievalCutoffs cutoffs = cutoffs_of(expected.at("cutoffs"));
    std::vector<JudgedRanking> rankings;
    for (const auto& [query, relevant] : expected.at("relevant").items()) {
      Judgments judgments;
      for (const auto& id : relevant) judgments[id.get<std::string>()] = 1;
      rankings.push_back(
          judge_ranking(judgments, hits_of(expected.at("ranking").at(query).get<Ids>())));
    }
    const MetricValues got = retrieval_metrics(rankings, cutoffs);
    ASSERT_EQ(got.size(), expected.at("metrics").size());
    for (size_t i = 0; i < got.size(); ++i) {
      EXPECT_EQ(got[i].name, expected.at("metrics")[i][0]);
      EXPECT_NEAR(got[i].value, expected.at("metrics")[i][1].get<double>(), 1e-12) << got[i].name;
    }
  }
}

TEST(Metrics, B51_EqualRanxOnGradedJudgments) {
  const nlohmann::json cases = golden().at("ranx");
  for (const nlohmann::json& expected : cases) {
    maxsimd::Run run;
    for (const auto& [query, ids] : expected.at("ranking").items()) {
      run[query] = hits_of(ids.get<Ids>());
    }
    std::vector<Metric> metrics;
    for (const auto& [name, value] : expected.at("metrics").items()) {
      metrics.push_back(parse_metric(name));
    }
    const RunEvaluation got = evaluate_run(expected.at("qrels").get<Qrels>(), run, metrics);
    for (size_t m = 0; m < metrics.size(); ++m) {
      EXPECT_NEAR(got.means[m], expected.at("metrics").at(metric_name(metrics[m])).get<double>(),
                  1e-9)
          << metric_name(metrics[m]);
    }
  }
}

double value(const char* name, const Judgments& judgments, const Ids& ids) {
  const std::vector<JudgedRanking> rankings = {judge_ranking(judgments, hits_of(ids))};
  RetrievalCutoffs cutoffs;
  cutoffs.map_at_k = {2, 100};
  for (const MetricValue& metric : retrieval_metrics(rankings, cutoffs)) {
    if (metric.name == name) return metric.value;
  }
  throw std::out_of_range(name);
}

TEST(RetrievalMetrics, B51_TheCasesOfTheKnownBug) {
  EXPECT_NEAR(value("ndcg@10", {{"A", 1}}, {"A", "A"}), 1.0, 1e-12);
  EXPECT_NEAR(value("recall@10", {{"A", 1}}, {"A", "A"}), 1.0, 1e-12);
  EXPECT_NEAR(value("ndcg@10", {{"A", 1}, {"B", 1}}, {"A"}), 0.6131472, 1e-7);
  // Binary: what is linear (0.8597) or exponential elsewhere is perfect here.
  EXPECT_NEAR(value("ndcg@10", {{"A", 2}, {"B", 1}}, {"B", "A"}), 1.0, 1e-12);
  EXPECT_EQ(value("ndcg@10", {{"A", 0}}, {"A"}), 0.0);
  EXPECT_EQ(value("ndcg@10", {{"A", -1}}, {"A"}), 0.0);
  EXPECT_EQ(value("ndcg@10", {{"A", 1}}, {}), 0.0);
  EXPECT_EQ(value("mrr@10", {{"A", 1}}, {"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "A"}),
            0.0);
  EXPECT_EQ(value("map@2", {{"A", 1}, {"B", 1}, {"C", 1}}, {"A", "B"}), 1.0);
  EXPECT_NEAR(value("map@100", {{"A", 1}, {"B", 1}, {"C", 1}}, {"A", "B"}), 2.0 / 3, 1e-12);
  EXPECT_EQ(retrieval_metrics({}, {})[0].value, 0.0);
}

TEST(RetrievalMetrics, CutoffsAreChecked) {
  EXPECT_EQ(largest_cutoff({}), 100U);
  RetrievalCutoffs zero;
  zero.map_at_k = {0};
  EXPECT_THROW(check_cutoffs(zero), std::invalid_argument);
  RetrievalCutoffs twice;
  twice.accuracy_at_k = {3, 3};
  EXPECT_THROW(check_cutoffs(twice), std::invalid_argument);
  RetrievalCutoffs none;
  none.ndcg_at_k = {};
  EXPECT_THROW(check_cutoffs(none), std::invalid_argument);
  none.ndcg_at_k = {5};
  none.map_at_k = {};
  EXPECT_NO_THROW(check_cutoffs(none));
}

BeirData self_match() {
  return beir_of({{"q1", "aa"}, {"d1", "a"}}, {{"q1", "aa"}}, {{"q1", {{"d1", 1}}}});
}

TEST(RetrievalEvaluator, B49_TheQueryItselfCountsUnlessItIsIgnored) {
  ThreadPool pool(1);
  const PyLateInformationRetrievalEvaluator off(self_match(), {.name = "x"});
  const EvaluationResult with_self = off.evaluate(encode_counts, pool);
  EXPECT_NEAR(value_of(with_self, "x_MaxSim_ndcg@10"), 0.63093, 1e-5);
  EXPECT_EQ(value_of(with_self, "x_MaxSim_accuracy@1"), 0.0);
  EXPECT_NE(off.notes().back().find("--ignore-identical-ids is off"), std::string::npos);
  const PyLateInformationRetrievalEvaluator on(self_match(),
                                               {.name = "x", .ignore_identical_ids = true});
  const EvaluationResult without = on.evaluate(encode_counts, pool);
  EXPECT_EQ(value_of(without, "x_MaxSim_ndcg@10"), 1.0);
  EXPECT_EQ(value_of(without, "x_MaxSim_accuracy@1"), 1.0);
  EXPECT_NE(on.notes().back().find("--ignore-identical-ids is on"), std::string::npos);
}

TEST(RetrievalEvaluator, B49_KHitsRemainAfterTheRemoval) {
  RetrievalCutoffs cutoffs{{1}, {1}, {1}, {1}, {1}};
  ThreadPool pool(1);
  const PyLateInformationRetrievalEvaluator evaluator(
      self_match(), {.cutoffs = cutoffs, .ignore_identical_ids = true});
  EXPECT_EQ(value_of(evaluator.evaluate(encode_counts, pool), "MaxSim_ndcg@1"), 1.0);
}

// Twenty documents of one text, the relevant one in the middle: rank 11 whatever the chunks.
TEST(RetrievalEvaluator, B50_TiesGoToTheFirstDocumentForAnyThreadsAndChunks) {
  std::vector<std::pair<std::string, std::string>> documents;
  for (int i = 1; i <= 20; ++i)
    documents.emplace_back(std::string("d").append(std::to_string(i)), "ab");
  RetrievalCutoffs cutoffs;
  cutoffs.mrr_at_k = {20};
  for (const size_t threads : {1U, 8U}) {
    ThreadPool pool(threads);
    for (const size_t chunk : {1U, 3U, 7U, 512U}) {
      const PyLateInformationRetrievalEvaluator evaluator(
          beir_of(documents, {{"q1", "a"}}, {{"q1", {{"d11", 1}}}}),
          {.cutoffs = cutoffs, .corpus_chunk_size = chunk});
      for (int round = 0; round < 5; ++round) {
        EXPECT_NEAR(value_of(evaluator.evaluate(encode_counts, pool), "MaxSim_mrr@20"), 1.0 / 11,
                    1e-12);
      }
    }
  }
}

TEST(RetrievalEvaluator, B51_OnlyQueriesWithSomethingRelevantCount) {
  ThreadPool pool(1);
  const PyLateInformationRetrievalEvaluator evaluator(
      beir_of({{"d1", "a"}, {"d2", "b"}}, {{"q0", "b"}, {"q1", "a"}, {"q2", "a"}, {"q3", "b"}},
              {{"q0", {{"d1", 0}}}, {"q1", {{"d1", 1}}}, {"q2", {{"gone", 1}}}}));
  EXPECT_NE(evaluator.notes()[0].find("2 queries, 2 documents"), std::string::npos);
  EXPECT_EQ(value_of(evaluator.evaluate(encode_counts, pool), "MaxSim_mrr@10"), 0.5);
  EXPECT_THROW(PyLateInformationRetrievalEvaluator(
                   beir_of({{"d1", "a"}}, {{"q0", "b"}}, {{"q0", {{"d1", 0}}}})),
               std::invalid_argument);
}

TEST(RetrievalEvaluator, NamesReportsAndCsvAreSentenceTransformers) {
  const TestFolder folder;
  ThreadPool pool(1);
  const PyLateInformationRetrievalEvaluator evaluator(self_match(), {.name = "dev"});
  const EvaluationResult result = evaluator.evaluate(
      encode_counts, pool, {.epoch = 1, .steps = 7, .output_path = folder.path()});
  EXPECT_EQ(names_of(result.values), evaluator.metric_names());
  EXPECT_EQ(evaluator.primary_metric(), "dev_MaxSim_ndcg@10");
  ASSERT_EQ(result.reports.size(), 1U);
  EXPECT_EQ(result.reports[0].values, result.values);
  EXPECT_EQ(text_of(folder.path() / "Information-Retrieval_evaluation_dev_results.csv"),
            "epoch,steps,MaxSim-Accuracy@1,MaxSim-Accuracy@3,MaxSim-Accuracy@5,MaxSim-Accuracy@10,"
            "MaxSim-Precision@1,MaxSim-Recall@1,MaxSim-Precision@3,MaxSim-Recall@3,"
            "MaxSim-Precision@5,MaxSim-Recall@5,MaxSim-Precision@10,MaxSim-Recall@10,"
            "MaxSim-MRR@10,MaxSim-NDCG@10,MaxSim-MAP@100\n"
            "1.0,7,0.0,1.0,1.0,1.0,0.0,0.0,0.3333333333333333,1.0,0.2,1.0,0.1,1.0,0.5,"
            "0.6309297535714575,0.5\n");
}

// Against the plainest form: all documents in memory, one search.
TEST(CorpusSearch, ChunksFindWhatOneSearchFinds) {
  std::vector<std::string> texts;
  uint32_t state = 7;
  for (int i = 0; i < 200; ++i) {
    state = state * 1664525U + 1013904223U;
    texts.push_back(std::string(state >> 28, 'a').append((state >> 20) & 7U, 'b'));
  }
  std::vector<std::string> asked = {"a", "b", "aab"};
  asked.resize(600, "abb");  // more than are searched at a time
  const Embeddings queries = encode_counts(asked, TextKind::query);
  CodedEmbeddings all(2, Codec::float32);
  all.append(encode_counts(texts, TextKind::document));
  ThreadPool pool(3);
  const auto expected = search_exact(queries, all, {.k = 17}, pool);
  for (const size_t chunk : {1U, 5U, 64U, 199U, 200U, 1000U}) {
    EXPECT_EQ(
        search_corpus(queries, texts, encode_counts, {.k = 17, .corpus_chunk_size = chunk}, pool),
        expected);
  }
  std::vector<size_t> done;
  const auto progress = [&](size_t documents, size_t) {
    done.push_back(documents);
    if (done.size() == 5) throw std::runtime_error("enough");
  };
  EXPECT_THROW(search_corpus(queries, texts, encode_counts,
                             {.k = 17, .corpus_chunk_size = 120, .progress = progress}, pool),
               std::runtime_error);
  EXPECT_EQ(done, (std::vector<size_t>{51, 102, 120, 154, 188}));
  EXPECT_THROW(search_corpus(queries, texts, encode_counts, {.k = 0}, pool), std::invalid_argument);
  EXPECT_THROW(search_corpus(queries, texts, encode_counts, {.corpus_chunk_size = 0}, pool),
               std::invalid_argument);
}

}  // namespace
}  // namespace maxsimd
