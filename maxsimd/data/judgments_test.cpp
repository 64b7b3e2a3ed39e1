// Qrels, runs and triplets: what is read, what is refused, and what a run file says to trec_eval.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "maxsimd/base/errors.h"
#include "maxsimd/data/qrels.h"
#include "maxsimd/data/run.h"
#include "maxsimd/data/test_folder.h"
#include "maxsimd/data/training_columns.h"
#include "maxsimd/data/triplets.h"

namespace maxsimd {
namespace {

Qrels qrels_of(std::string_view bytes) {
  LineReader lines(memory_byte_source(bytes), "qrels");
  return read_qrels(lines);
}

maxsimd::Run run_of(std::string_view bytes) {
  LineReader lines(memory_byte_source(bytes), "run");
  return read_run(lines);
}

std::vector<Triplet> triplets_of(std::string_view bytes, TableFormat format,
                                 const TripletOptions& options = {}) {
  const TableFile table =
      TableFile::from_memory(bytes, "triplets", format, {.tsv = training_tsv_columns()});
  std::vector<Triplet> triplets;
  read_triplets(table, options, [&](Triplet& t) { triplets.push_back(t); });
  return triplets;
}

TEST(Qrels, ReadsTrecAndBeirAlike) {
  const Qrels expected = {{"q1", {{"d1", 2}, {"d2", -1}}}, {"q2", {{"d1", 0}}}};
  EXPECT_EQ(qrels_of("q1 0 d1 2\nq1\t0\td2\t-1\n\n  q2  Q0  d1  0 \n"), expected);
  EXPECT_EQ(qrels_of("query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t-1\nq2\td1\t0\n"), expected);
  EXPECT_EQ(
      qrels_of("\xEF\xBB\xBFquery-id\tcorpus-id\tscore\r\nq1\td1\t2\r\nq1\td2\t-1\r\nq2\td1\t0"),
      expected);
}

TEST(Qrels, FirstJudgmentIsKeptWhenThereIsNoHeader) {
  EXPECT_EQ(qrels_of("q1\td1\t1\n").at("q1").at("d1"), 1);
}

TEST(Qrels, BeirIdsMayHoldSpaces) {
  EXPECT_EQ(qrels_of("a b\tc d\t1\n").at("a b").at("c d"), 1);
}

TEST(Qrels, WrongLinesAreNamed) {
  for (const auto& [bytes, line] :
       {std::pair("q1 0 d1 1\nq1 0 d1\n", ":2: "), std::pair("q1 0 d1 1.5\n", ":1: "),
        std::pair("q1\td1\t1\nq1\td2\tx\n", ":2: "), std::pair("a\n", ":1: "),
        std::pair("q1 0 d1 1\nq1\td1\t1\n", ":2: "), std::pair("q1 0 d1 99999999999\n", ":1: "),
        std::pair("query-id\tcorpus-id\tscore\nq1 0 d1 1\n", ":2: "), std::pair("\td\t1\n", ":1: "),
        std::pair("q1 0 d\xFF 1\n", ":1: ")}) {
    const std::string message = message_of<FormatError>([bytes = bytes] { qrels_of(bytes); });
    EXPECT_NE(message.find(line), std::string::npos) << message;
  }
}

TEST(Qrels, TwoGradesForOneDocumentAreAnError) {
  EXPECT_THROW(qrels_of("q 0 d 1\nq 0 d 2\n"), FormatError);
  EXPECT_EQ(qrels_of("q 0 d 1\nq 0 d 1\n").at("q").size(), 1U);
}

Qrels json_qrels_of(std::string_view bytes) {
  LineReader lines(memory_byte_source(bytes), "qrels");
  return read_qrels_json_lines(lines);
}

TEST(Qrels, JsonLinesAsTheHubExportsThem) {
  const Qrels expected = {{"q1", {{"d1", 2}, {"d2", 1}}}, {"7", {{"1", 1}, {"2", 1}}}};
  constexpr std::string_view kBytes =
      "{\"query-id\":\"q1\",\"corpus-id\":\"d1\",\"score\":2}\n"
      "\n{\"query-id\":\"q1\",\"corpus-id\":\"d2\",\"other\":[1]}\n"
      "{\"query-id\":7,\"corpus-id\":[1,\"2\"]}";
  EXPECT_EQ(json_qrels_of(kBytes), expected);
  const TestFolder folder;
  EXPECT_EQ(read_qrels(folder.write("qrels.jsonl", kBytes)), expected);
  EXPECT_EQ(read_qrels(folder.write_gzip("qrels.jsonl.gz", kBytes)), expected);
}

TEST(Qrels, WrongJsonLinesAreNamed) {
  for (const char* line :
       {"[]", "{}", "{\"query-id\":\"q\"}", "{\"query-id\":1.5,\"corpus-id\":\"d\"}",
        "{\"query-id\":\"\",\"corpus-id\":\"d\"}", "{\"query-id\":\"q\",\"corpus-id\":null}",
        "{\"query-id\":\"q\",\"corpus-id\":[[\"d\"]]}",
        "{\"query-id\":\"q\",\"corpus-id\":\"d\",\"score\":0.5}",
        "{\"query-id\":\"q\",\"corpus-id\":\"d\",\"score\":99999999999}",
        "{\"query-id\":\"q\",\"corpus-id\":\"d\",\"score\":2}", "{\"query-id\":"}) {
    const std::string bytes =
        std::string("{\"query-id\":\"q\",\"corpus-id\":\"d\"}\n").append(line);
    EXPECT_NE(message_of<FormatError>([&] { json_qrels_of(bytes); }).find("qrels:2: "),
              std::string::npos)
        << line;
  }
}

TEST(Run, SortsByScoreAndTiesByRank) {
  const maxsimd::Run run =
      run_of("q Q0 low 1 0.5 t\nq Q0 b 3 1.0 t\nq Q0 a 2 1.0 t\nq Q0 top 9 1.0000001 t\n");
  ASSERT_EQ(run.at("q").size(), 4U);
  EXPECT_EQ(run.at("q")[0].id, "top");
  EXPECT_EQ(run.at("q")[1].id, "a");
  EXPECT_EQ(run.at("q")[2].id, "b");
  EXPECT_EQ(run.at("q")[3].id, "low");
}

TEST(Run, ScoresThatDifferBelowFloat32StillDecideTheOrder) {
  const maxsimd::Run run = run_of("q Q0 a 1 100.00000001 t\nq Q0 b 2 100.00000002 t\n");
  EXPECT_EQ(run.at("q")[0].id, "b");
}

TEST(Run, WrongLinesAreNamed) {
  for (const auto& [bytes, line] :
       {std::pair("q Q0 d 1 1.0\n", ":1: "), std::pair("q Q0 d 1 nan t\n", ":1: "),
        std::pair("q Q0 d 1 1e999 t\n", ":1: "), std::pair("q Q0 d x 1 t\n", ":1: "),
        std::pair("q Q0 d 1 2 t\nq Q0 e 2 1 t\nq Q0 d 3 0 t\n", ":3: ")}) {
    const std::string message = message_of<FormatError>([bytes = bytes] { run_of(bytes); });
    EXPECT_NE(message.find(line), std::string::npos) << message;
  }
}

TEST(Run, B50_TiesAreWrittenStrictlyDecreasing) {
  const std::vector<Hit> hits = {{"d1", 1.0F},
                                 {"d2", 1.0F},
                                 {"d3", 1.0F},
                                 {"d4", 0.99999994F},
                                 {"d5", 0.0F},
                                 {"d6", 0.0F},
                                 {"d7", -std::numeric_limits<float>::infinity()},
                                 {"d8", -std::numeric_limits<float>::infinity()}};
  const maxsimd::Run run = run_of(format_run_lines("q", hits));
  ASSERT_EQ(run.at("q").size(), hits.size());
  for (size_t i = 0; i < hits.size(); ++i) {
    EXPECT_EQ(run.at("q")[i].id, hits[i].id);
    if (i > 0) {
      EXPECT_LT(run.at("q")[i].score, run.at("q")[i - 1].score);
    }
  }
  EXPECT_EQ(run.at("q")[0].score, 1.0F);
  EXPECT_EQ(run.at("q")[4].score, 0.0F);
}

TEST(Run, B50_NineDigitsKeepEveryFloat) {
  const TestFolder folder;
  maxsimd::Run run;
  float score = 30.0F;
  for (int i = 0; i < 1000; ++i, score = std::nextafter(score, 0.0F))
    run["q"].push_back({std::to_string(i), score});
  write_run(folder.path() / "run.txt", run);
  EXPECT_EQ(read_run(folder.path() / "run.txt"), run);
}

TEST(Run, LinesHaveSixColumns) {
  EXPECT_EQ(format_run_lines("q1", std::vector<Hit>{{"d1", 12.5F}, {"d2", 0.1F}}),
            "q1 Q0 d1 1 12.5 maxsimd\nq1 Q0 d2 2 0.100000001 maxsimd\n");
}

TEST(Run, WhatTheFormatCannotHoldIsRefused) {
  const auto write = [](const std::string& query, std::vector<Hit> hits) {
    format_run_lines(query, hits);
  };
  EXPECT_THROW(write("q 1", {}), std::invalid_argument);
  EXPECT_THROW(write("q", {{"d\t1", 1.0F}}), std::invalid_argument);
  EXPECT_THROW(write("q", {{"", 1.0F}}), std::invalid_argument);
  EXPECT_THROW(write("q", {{"d", std::nanf("")}}), std::invalid_argument);
  EXPECT_THROW(write("q", {{"d", std::numeric_limits<float>::infinity()}}), std::invalid_argument);
  EXPECT_THROW(write("q", {{"a", 1.0F}, {"b", 2.0F}}), std::invalid_argument);
}

TEST(Triplets, RolesAreFoundByName) {
  const auto triplets =
      triplets_of(R"({"question":"q","answer":"p","negative_1":"a","negative_2":"b","source":"s"}
{"anchor":"q","positive":"p","negatives":["c"],"negative":["a","\ud83d\ude00"]}
{"query":"q","positive":"p","negative":"a"})",
                  TableFormat::json_lines);
  ASSERT_EQ(triplets.size(), 3U);
  for (const Triplet& triplet : triplets) {
    EXPECT_EQ(triplet.query, "q");
    EXPECT_EQ(triplet.positive, "p");
  }
  EXPECT_EQ(triplets[0].negatives, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(triplets[1].negatives, (std::vector<std::string>{"a", "\xF0\x9F\x98\x80", "c"}));
}

TEST(Triplets, NegativesGoByNumberNotByAlphabet) {
  const auto triplets = triplets_of(
      R"({"negative_10":"c","negative_2":"b","negative":"a","query":"q","positive":"p"})",
      TableFormat::json_lines);
  EXPECT_EQ(triplets.at(0).negatives, (std::vector<std::string>{"a", "b", "c"}));
}

TEST(Triplets, TsvHasThreeColumnsAndKeepsQuotes) {
  const auto triplets = triplets_of("query\tpositive\tnegative\nq\t\"p\tn\r\n", TableFormat::tsv);
  ASSERT_EQ(triplets.size(), 1U);
  EXPECT_EQ(triplets[0].positive, "\"p");
  EXPECT_EQ(triplets[0].negatives, std::vector<std::string>{"n"});
}

TEST(Triplets, CsvHasAHeaderAndRowsMayDiffer) {
  const auto csv = triplets_of("negative,answer,id,question\n\"a, b\",p,1,q\n", TableFormat::csv);
  ASSERT_EQ(csv.size(), 1U);
  EXPECT_EQ(csv[0].query, "q");
  EXPECT_EQ(csv[0].negatives, std::vector<std::string>{"a, b"});
  const auto tsv = triplets_of("q\tp\ta\nq\tp\ta\tb\n", TableFormat::tsv);
  EXPECT_EQ(tsv[1].negatives, (std::vector<std::string>{"a", "b"}));
}

TEST(Triplets, PairsNeedToBeAskedFor) {
  EXPECT_THROW(triplets_of("q\tp\n", TableFormat::tsv), FormatError);
  EXPECT_EQ(triplets_of("q\tp\n", TableFormat::tsv, {0}).size(), 1U);
}

TEST(Triplets, WrongLinesAreNamed) {
  for (const std::string_view line :
       {R"({"answer":"p","negative":"n"})", R"({"query":"q","negative":"n"})",
        R"({"query":"q","answer":"a","positive":"p","negative":"n"})",
        R"({"query":1,"answer":"a","negative":"n"})",
        R"({"query":"q","answer":"a","negative":[1]})",
        R"({"query":"q","answer":"a","negative":{}})", R"({"query":"q")",
        R"({"query":"q","answer":"\ud800","negative":"n"})", R"(["q","p","n"])",
        R"({"query":"q","query":"r","answer":"a","negative":"n"})"}) {
    const std::string message =
        message_of<FormatError>([&] { triplets_of(line, TableFormat::json_lines); });
    EXPECT_NE(message.find("triplets:1: "), std::string::npos) << message;
  }
}

}  // namespace
}  // namespace maxsimd
