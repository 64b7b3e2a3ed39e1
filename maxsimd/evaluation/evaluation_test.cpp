// Self matches, triplet accuracy and BEIR folders.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "maxsimd/base/errors.h"
#include "maxsimd/data/test_folder.h"
#include "maxsimd/evaluation/beir.h"
#include "maxsimd/evaluation/identical_ids.h"
#include "maxsimd/evaluation/run_evaluation.h"
#include "maxsimd/evaluation/triplet_accuracy.h"

namespace maxsimd {
namespace {

double ndcg(size_t cutoff, const Qrels& qrels, const maxsimd::Run& run) {
  const Metric metric{MetricKind::ndcg, cutoff};
  return evaluate_run(qrels, run, {&metric, 1}).means[0];
}

TEST(IdenticalIds, B49_OffCountsTheQueryItselfAndOnDropsIt) {
  const Qrels qrels = {{"q1", {{"d1", 1}}}};
  maxsimd::Run run = {{"q1", {{"q1", 2.0F}, {"d1", 1.0F}}}};
  EXPECT_NEAR(ndcg(10, qrels, run), 0.63093, 1e-5);
  EXPECT_EQ(ndcg(1, qrels, run), 0.0);
  EXPECT_EQ(remove_identical_ids(run, 10), 1U);
  EXPECT_EQ(ndcg(10, qrels, run), 1.0);
  EXPECT_EQ(ndcg(1, qrels, run), 1.0);
}

TEST(IdenticalIds, B49_AQueryJudgedRelevantToItselfLosesOnlyTheHit) {
  const Qrels qrels = {{"q1", {{"d1", 1}, {"q1", 1}}}};
  maxsimd::Run run = {{"q1", {{"q1", 2.0F}, {"d1", 1.0F}}}};
  EXPECT_EQ(ndcg(10, qrels, run), 1.0);
  remove_identical_ids(run, 10);
  EXPECT_NEAR(ndcg(10, qrels, run), 0.6131472, 1e-7);
}

TEST(IdenticalIds, B49_KHitsRemainWhenOneMoreWasFetched) {
  std::vector<Hit> with_self = {{"a", 3.0F}, {"q", 2.0F}, {"b", 1.0F}};
  EXPECT_TRUE(remove_identical_id("q", with_self, 2));
  EXPECT_EQ(with_self, (std::vector<Hit>{{"a", 3.0F}, {"b", 1.0F}}));
  std::vector<Hit> without = {{"a", 3.0F}, {"b", 2.0F}, {"c", 1.0F}};
  EXPECT_FALSE(remove_identical_id("q", without, 2));
  EXPECT_EQ(without, (std::vector<Hit>{{"a", 3.0F}, {"b", 2.0F}}));
}

TEST(IdenticalIds, B49_AccidentalOverlapIsReportedWithTheFlag) {
  const std::vector<std::string> queries = {"1", "2", "3"};
  const std::vector<std::string> documents = {"2", "3", "4", "5"};
  EXPECT_EQ(count_identical_ids(queries, documents), 2U);
  const std::string note = identical_ids_note(2, 3, false);
  EXPECT_NE(note.find("2 of 3"), std::string::npos);
  EXPECT_NE(note.find("--ignore-identical-ids is off"), std::string::npos);
  EXPECT_NE(identical_ids_note(0, 3, true).find("--ignore-identical-ids is on"), std::string::npos);
  EXPECT_EQ(identical_ids_note(0, 3, false), "");
}

TEST(TripletAccuracy, TiesAreWrong) {
  const TripletAccuracy accuracy =
      triplet_accuracy(std::vector<float>{2, 1, 1, 0}, std::vector<float>{1, 1, 2, -1});
  EXPECT_EQ(accuracy.accuracy(), 0.5);
  EXPECT_EQ(accuracy.num_triplets, 4U);
  EXPECT_EQ(accuracy.num_ties, 1U);
  EXPECT_EQ(TripletAccuracy().accuracy(), 0.0);
  EXPECT_THROW(triplet_accuracy(std::vector<float>{1}, {}), std::invalid_argument);
  EXPECT_THROW(triplet_accuracy(std::vector<float>{std::nanf("")}, std::vector<float>{1}),
               std::invalid_argument);
}

// An encoder whose score is computable by hand: a text is one row, its length.
Embeddings encode_length(std::span<const std::string> texts, TextKind kind) {
  Embeddings embeddings;
  embeddings.dim = 1;
  for (const std::string& text : texts) {
    const float length = kind == TextKind::query ? 1.0F : static_cast<float>(text.size());
    embeddings.append({&length, 1, 1});
  }
  return embeddings;
}

TEST(TripletAccuracy, EveryNegativeIsATripletInAnyBatchSize) {
  const std::vector<Triplet> triplets = {
      {"q", "long", {"l", "longer"}}, {"q", "a", {"b"}}, {"q", "aa", {"b", "c", "dd"}}};
  ThreadPool pool(2);
  for (const size_t batch_size : {1U, 2U, 3U, 100U}) {
    const TripletAccuracy accuracy =
        evaluate_triplets(triplets, encode_length, {.batch_size = batch_size}, pool);
    EXPECT_EQ(accuracy.num_triplets, 6U);
    EXPECT_EQ(accuracy.num_correct, 3U);
    EXPECT_EQ(accuracy.num_ties, 2U);
  }
  EXPECT_THROW(evaluate_triplets(triplets, encode_length, {.batch_size = 0}, pool),
               std::invalid_argument);
}

void write_beir(const TestFolder& folder) {
  folder.write(
      "corpus.jsonl",
      "{\"_id\":\"d1\",\"title\":\"T\",\"text\":\"x\"}\n{\"_id\":\"d2\",\"text\":\"y\"}\n");
  folder.write("queries.jsonl",
               "{\"_id\":\"q2\",\"text\":\"b\"}\n{\"_id\":\"q1\",\"text\":\"a\"}\n{\"_id\":\"q3\","
               "\"text\":\"c\"}\n");
  folder.write("qrels/test.tsv",
               "query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\tdx\t1\nq2\tdy\t0\nq9\td1\t1\n");
  folder.write("qrels/dev.tsv", "query-id\tcorpus-id\tscore\nq3\td2\t1\n");
}

TEST(Beir, LoadsTheJudgedQueriesAndCountsUnknownIds) {
  const TestFolder folder;
  write_beir(folder);
  const BeirData data = load_beir(folder.path(), "test");
  EXPECT_EQ(data.document_ids, (std::vector<std::string>{"d1", "d2"}));
  EXPECT_EQ(data.document_texts, (std::vector<std::string>{"T x", "y"}));
  EXPECT_EQ(data.query_ids, (std::vector<std::string>{"q2", "q1"}));
  EXPECT_EQ(data.query_texts, (std::vector<std::string>{"b", "a"}));
  EXPECT_EQ(data.qrels.size(), 3U);
  EXPECT_EQ(data.num_unknown_queries, 1U);
  EXPECT_EQ(data.num_unknown_documents, 1U);
  EXPECT_EQ(data.unknown_examples, (std::vector<std::string>{"dx", "q9"}));
}

TEST(Beir, AMissingSplitListsTheSplitsThereAre) {
  const TestFolder folder;
  write_beir(folder);
  const std::string message = message_of<IoError>([&] { load_beir(folder.path(), "train"); });
  EXPECT_NE(message.find("dev, test"), std::string::npos) << message;
  EXPECT_THROW(load_beir(folder.path(), "../qrels/test"), IoError);
}

TEST(Beir, MissingFilesAndForeignQrelsSayWhatWasExpected) {
  const TestFolder folder;
  EXPECT_THROW(load_beir(folder.path() / "none", "test"), IoError);
  EXPECT_NE(message_of<IoError>([&] { load_beir(folder.path(), "test"); }).find("corpus.jsonl"),
            std::string::npos);
  write_beir(folder);
  folder.write("qrels/other.tsv", "x\ty\t1\n");
  EXPECT_THROW(load_beir(folder.path(), "other"), FormatError);
  folder.write("corpus.jsonl", "");
  EXPECT_THROW(load_beir(folder.path(), "test"), FormatError);
}

TEST(Beir, SciFactHas300TestQueries) {
  const char* given = std::getenv("MAXSIMD_SHARED");
  const std::filesystem::path shared = given != nullptr ? given : MAXSIMD_SOURCE_DIR "/../shared";
  if (!std::filesystem::exists(shared / "data/scifact")) {
    GTEST_SKIP() << "SKIPPED: no " << shared / "data/scifact"
                 << "; set MAXSIMD_SHARED";
  }
  const BeirData data = load_beir(shared / "data/scifact", "test");
  EXPECT_EQ(data.document_ids.size(), 5183U);
  EXPECT_EQ(data.query_ids.size(), 300U);
  EXPECT_EQ(data.qrels.size(), 300U);
  EXPECT_EQ(data.num_unknown_queries + data.num_unknown_documents, 0U);
  size_t judgments = 0;
  for (const auto& [query, judged] : data.qrels) judgments += judged.size();
  EXPECT_EQ(judgments, 339U);
}

}  // namespace
}  // namespace maxsimd
