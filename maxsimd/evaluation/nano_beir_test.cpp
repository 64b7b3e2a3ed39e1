#include "maxsimd/evaluation/nano_beir.h"

#include <gtest/gtest.h>

#include "maxsimd/base/errors.h"
#include "maxsimd/data/test_folder.h"
#include "maxsimd/evaluation/evaluator_testing.h"
#include "maxsimd/evaluation/nano_beir_evaluator.h"

namespace maxsimd {
namespace {

constexpr const char* kCorpus =
    "{\"_id\":\"1\",\"text\":\"a\"}\n{\"_id\":\"2\",\"text\":\"b\"}\n{\"_id\":\"3\",\"text\":\"\"}"
    "\n";
constexpr const char* kQueries =
    "{\"_id\":\"q\",\"text\":\"a\"}\n{\"_id\":\"empty\",\"text\":\"\"}\n";
constexpr const char* kFound = "{\"query-id\":\"q\",\"corpus-id\":\"1\"}\n";
constexpr const char* kSecond = "{\"query-id\":\"q\",\"corpus-id\":[\"2\"]}\n";

void write_set(const TestFolder& folder, const std::string& set, const char* qrels) {
  folder.write(set + "/corpus.jsonl", kCorpus);
  folder.write(set + "/queries.jsonl", kQueries);
  folder.write(set + "/qrels.jsonl", qrels);
}

std::vector<std::string> set_names(const std::vector<NanoBeirSet>& sets) {
  std::vector<std::string> names;
  for (const NanoBeirSet& set : sets) names.push_back(set.name);
  return names;
}

TEST(NanoBeir, SetsComeInPyLatesOrderAndUnderItsNames) {
  const TestFolder folder;
  for (const char* set : {"own", "scifact", "NanoNQ", "ClimateFEVER", ".cache"}) {
    write_set(folder, set, kFound);
  }
  folder.write("README.md", "");
  const std::vector<NanoBeirSet> sets = find_nano_beir(folder.path());
  EXPECT_EQ(set_names(sets),
            (std::vector<std::string>{"NanoClimateFEVER", "NanoNQ", "NanoSciFact", "own"}));
  EXPECT_EQ(sets[2].dataset_name, "scifact");
  EXPECT_EQ(set_names(select_nano_beir(sets, {"own", "SciFact"})),
            (std::vector<std::string>{"own", "NanoSciFact"}));
  EXPECT_EQ(select_nano_beir(sets, {}).size(), 4U);
  EXPECT_THROW(select_nano_beir(sets, {"fever"}), std::invalid_argument);
  EXPECT_THROW(select_nano_beir(sets, {"own", "own"}), std::invalid_argument);
}

TEST(NanoBeir, SubsetsOfTheHubAndBeirFoldersAreRead) {
  const TestFolder hub;
  hub.write("corpus/NanoSciFact.jsonl", kCorpus);
  hub.write_gzip("corpus/NanoNQ.jsonl.gz", kCorpus);
  for (const char* set : {"NanoSciFact", "NanoNQ"}) {
    hub.write(std::string("queries/").append(set).append(".jsonl"), kQueries);
    hub.write(std::string("qrels/").append(set).append(".jsonl"), kFound);
  }
  EXPECT_EQ(set_names(find_nano_beir(hub.path())),
            (std::vector<std::string>{"NanoNQ", "NanoSciFact"}));
  const TestFolder beir;
  beir.write("nq/corpus.jsonl", kCorpus);
  beir.write("nq/queries.jsonl", kQueries);
  beir.write("nq/qrels/train.tsv", "query-id\tcorpus-id\tscore\nq\t1\t1\n");
  const std::vector<NanoBeirSet> sets = find_nano_beir(beir.path());
  ASSERT_EQ(sets.size(), 1U);
  EXPECT_EQ(read_beir(sets[0].files).qrels.at("q").at("1"), 1);
}

TEST(NanoBeir, WhatIsMissingOrTwiceIsNamed) {
  const TestFolder folder;
  EXPECT_THROW(find_nano_beir(folder.path() / "none"), IoError);
  EXPECT_THROW(find_nano_beir(folder.path()), IoError);
  write_set(folder, "nq", kFound);
  write_set(folder, "NanoNQ", kFound);
  EXPECT_NE(message_of<FormatError>([&] { find_nano_beir(folder.path()); }).find("NanoNQ"),
            std::string::npos);
  const TestFolder splits;
  write_set(splits, "nq", kFound);
  std::filesystem::remove(splits.path() / "nq/qrels.jsonl");
  EXPECT_THROW(find_nano_beir(splits.path()), IoError);
  splits.write("nq/qrels/a.tsv", "q\t1\t1\n");
  splits.write("nq/qrels/b.tsv", "q\t1\t1\n");
  EXPECT_THROW(find_nano_beir(splits.path()), FormatError);
  const TestFolder parquet;
  parquet.write("nq/corpus/train-00000-of-00001.parquet", "PAR1");
  EXPECT_NE(message_of<IoError>([&] { find_nano_beir(parquet.path()); }).find("Parquet"),
            std::string::npos);
  const TestFolder one;
  one.write("corpus.jsonl", kCorpus);
  EXPECT_NE(message_of<IoError>([&] { find_nano_beir(one.path()); }).find("one BEIR data set"),
            std::string::npos);
}

TEST(NanoBeir, TheMeanGoesOverTheSets) {
  const TestFolder folder;
  const TestFolder out;
  write_set(folder, "nq", kFound);
  write_set(folder, "scifact", kSecond);
  const NanoBEIREvaluator evaluator(find_nano_beir(folder.path()));
  ThreadPool pool(1);
  const EvaluationResult result =
      evaluator.evaluate(encode_counts, pool, {.output_path = out.path()});
  EXPECT_EQ(names_of(result.values), evaluator.metric_names());
  EXPECT_EQ(value_of(result, "NanoNQ_MaxSim_mrr@10"), 1.0);
  EXPECT_EQ(value_of(result, "NanoSciFact_MaxSim_mrr@10"), 0.5);
  EXPECT_EQ(value_of(result, "NanoBEIR_mean_MaxSim_mrr@10"), 0.75);
  EXPECT_EQ(evaluator.primary_metric(), "NanoBEIR_mean_MaxSim_ndcg@10");
  EXPECT_EQ(evaluator.config(), "{\"dataset_names\":[\"nq\",\"scifact\"]}");
  ASSERT_EQ(result.reports.size(), 3U);
  EXPECT_EQ(result.reports[0].evaluator->name(), "NanoNQ");
  EXPECT_EQ(result.reports[2].evaluator, &evaluator);
  EXPECT_EQ(result.reports[2].values.front().name, "NanoBEIR_mean_MaxSim_accuracy@1");
  // The document and the query without text are passed over.
  EXPECT_NE(evaluator.notes()[0].find("1 queries, 2 documents"), std::string::npos);
  for (const char* file : {"NanoBEIR_evaluation_mean_results.csv",
                           "Information-Retrieval_evaluation_NanoNQ_results.csv",
                           "Information-Retrieval_evaluation_NanoSciFact_results.csv"}) {
    EXPECT_TRUE(text_of(out.path() / file).starts_with("epoch,steps,MaxSim-Accuracy@1,")) << file;
  }
}

TEST(NanoBeir, OneSetHasNoMeanToReport) {
  const TestFolder folder;
  write_set(folder, "nq", kFound);
  ThreadPool pool(1);
  const NanoBEIREvaluator evaluator(find_nano_beir(folder.path()));
  const EvaluationResult result = evaluator.evaluate(encode_counts, pool);
  EXPECT_EQ(result.reports.size(), 1U);
  EXPECT_EQ(value_of(result, "NanoBEIR_mean_MaxSim_mrr@10"), 1.0);
  EXPECT_THROW(NanoBEIREvaluator({}), std::invalid_argument);
}

}  // namespace
}  // namespace maxsimd
