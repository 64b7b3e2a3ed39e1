#include "maxsimd/evaluation/evaluator_spec.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "maxsimd/base/errors.h"
#include "maxsimd/data/test_folder.h"
#include "maxsimd/evaluation/evaluator_testing.h"

namespace maxsimd {
namespace {

TEST(EvaluatorSpec, OneLineNamesKindAndPlace) {
  EXPECT_EQ(parse_evaluator_spec("triplet:dev.jsonl").kind, EvaluatorKind::triplet);
  EXPECT_EQ(parse_evaluator_spec("triplet:dev.jsonl").path, "dev.jsonl");
  EXPECT_EQ(parse_evaluator_spec("ir:data/scifact:dev").path, "data/scifact:dev");
  EXPECT_EQ(parse_evaluator_spec("nanobeir:x").kind, EvaluatorKind::nano_beir);
  EXPECT_EQ(parse_evaluator_spec("ColBERTDistillationEvaluator:x").kind,
            EvaluatorKind::distillation);
}

TEST(EvaluatorSpec, JsonSaysMore) {
  const EvaluatorSpec spec = parse_evaluator_spec(
      "{\"type\":\"ir\",\"folder\":\"f\",\"split\":\"dev\",\"name\":\"n\",\"ndcg_at_k\":[3,20],"
      "\"ignore_identical_ids\":true,\"corpus_chunk_size\":9}");
  EXPECT_EQ(spec.split, "dev");
  EXPECT_EQ(spec.name, "n");
  EXPECT_EQ(spec.cutoffs.ndcg_at_k, (std::vector<size_t>{3, 20}));
  EXPECT_EQ(spec.cutoffs.map_at_k, (std::vector<size_t>{100}));
  EXPECT_TRUE(spec.ignore_identical_ids);
  EXPECT_EQ(spec.corpus_chunk_size, 9U);
  const EvaluatorSpec list = parse_evaluator_spec(
      "[\"triplet:a.tsv\",{\"type\":\"distillation\",\"file\":\"b\",\"normalize_scores\":false}]");
  ASSERT_EQ(list.parts.size(), 2U);
  EXPECT_EQ(list.parts[0].path, "a.tsv");
  EXPECT_FALSE(list.parts[1].normalize_scores);
  const EvaluatorSpec sequence = evaluator_spec_of(nlohmann::json{
      {"type", "sequence"}, {"main", 0}, {"evaluators", nlohmann::json::array({"triplet:a"})}});
  EXPECT_EQ(sequence.main, 0U);
}

TEST(EvaluatorSpec, TextsOfIdsAreAFileOrSeveral) {
  const EvaluatorSpec spec = parse_evaluator_spec(
      R"({"type":"distillation","file":"kd","queries":"q","documents":["a","b"]})");
  EXPECT_EQ(spec.queries, (std::vector<std::filesystem::path>{"q"}));
  EXPECT_EQ(spec.documents, (std::vector<std::filesystem::path>{"a", "b"}));
}

TEST(EvaluatorSpec, WhatCannotBeReadIsNamed) {
  for (const char* text : {"",
                           "triplet",
                           "triplet:",
                           "unknown:x",
                           "sequence:x",
                           "x",
                           "{\"type\":\"triplet\"}",
                           "{\"type\":7}",
                           "{}",
                           "{\"type\":\"triplet\",\"file\":\"\"}",
                           "{\"type\":\"triplet\",\"file\":\"a\",\"split\":\"test\"}",
                           "{\"type\":\"triplet\",\"file\":\"a\",\"batch_size\":-1}",
                           "{\"type\":\"triplet\",\"file\":\"a\",\"batch_size\":1.5}",
                           "{\"type\":\"ir\",\"folder\":\"a\",\"map_at_k\":[0]}",
                           "{\"type\":\"ir\",\"folder\":\"a\",\"map_at_k\":5}",
                           "{\"type\":\"nanobeir\",\"folder\":\"a\",\"dataset_names\":[1]}",
                           "{\"type\":\"distillation\",\"file\":\"a\",\"normalize_scores\":1}",
                           R"({"type":"distillation","file":"a","queries":7})",
                           R"({"type":"distillation","file":"a","queries":["q",""]})",
                           "{\"type\":\"sequence\"}",
                           "{\"type\":\"sequence\",\"evaluators\":[]}",
                           "[]",
                           "[[]]",
                           "[1]"}) {
    EXPECT_THROW(parse_evaluator_spec(text), std::invalid_argument) << text;
  }
  EXPECT_THROW(parse_evaluator_spec("{\"type\":"), FormatError);
  const std::string message = message_of<std::invalid_argument>(
      [] { parse_evaluator_spec("{\"type\":\"triplet\",\"file\":\"a\",\"nmae\":\"x\"}"); });
  EXPECT_NE(message.find("'nmae'"), std::string::npos) << message;
}

TEST(EvaluatorSpec, OfAFile) {
  const TestFolder folder;
  const std::string file =
      folder.write("spec.json", R"(["triplet:a.jsonl", {"type": "ir", "folder": "b"}])").string();
  EXPECT_EQ(read_evaluator_spec(file).parts.size(), 2U);
  EXPECT_EQ(read_evaluator_spec("triplet:a.json").path, "a.json");
  EXPECT_EQ(read_evaluator_spec(R"({"type": "ir", "folder": "b.json"})").path, "b.json");
  EXPECT_THROW(read_evaluator_spec((folder.path() / "none.json").string()), IoError);
  EXPECT_THROW(read_evaluator_spec("spec.yaml"), std::invalid_argument);
  const std::string wrong = folder.write("wrong.json", R"({"type": "ir", "nmae": "b"})").string();
  try {
    read_evaluator_spec(wrong);
    FAIL() << "expected an error";
  } catch (const std::invalid_argument& error) {  // as of the same spec in place
    EXPECT_TRUE(std::string(error.what()).starts_with(wrong)) << error.what();
  }
  const std::string cut = folder.write("cut.json", "{\"type\": ").string();
  try {
    read_evaluator_spec(cut);
    FAIL() << "expected an error";
  } catch (const FormatError& error) {
    EXPECT_TRUE(std::string(error.what()).starts_with(cut)) << error.what();
  }
}

void write_beir(const TestFolder& folder, const std::string& name) {
  folder.write(name + "/corpus.jsonl", "{\"_id\":\"1\",\"text\":\"a\"}\n");
  folder.write(name + "/queries.jsonl", "{\"_id\":\"q\",\"text\":\"a\"}\n");
  folder.write(name + "/qrels/test.tsv", "q\t1\t1\n");
  folder.write(name + "/qrels/dev.tsv", "q\t1\t1\n");
}

TEST(MakeEvaluator, FindsTheSplitAndNamesByTheFolder) {
  const TestFolder folder;
  write_beir(folder, "set");
  write_beir(folder, "odd:dev");
  const auto named = [&](const std::string& place) {
    return make_evaluator(parse_evaluator_spec("ir:" + (folder.path() / place).string()))->name();
  };
  EXPECT_EQ(named("set"), "set");
  EXPECT_EQ(named("set/"), "set");
  EXPECT_EQ(named("set:dev"), "set");
  EXPECT_EQ(named("odd:dev"), "odd:dev");
  EXPECT_EQ(named("odd:dev:dev"), "odd:dev");
  EXPECT_THROW(named("set:train"), IoError);
  EXPECT_THROW(named("none"), IoError);
}

TEST(MakeEvaluator, SeveralAreASequenceWhoseLastCounts) {
  const TestFolder folder;
  write_beir(folder, "set");
  const std::string triplets =
      folder.write("t.jsonl", "{\"query\":\"a\",\"positive\":\"a\",\"negative\":\"b\"}\n").string();
  const std::string scores =
      folder.write("kd.jsonl", "{\"query\":\"a\",\"documents\":[\"a\",\"b\"],\"scores\":[2,1]}\n")
          .string();
  ThreadPool pool(1);
  const std::vector<std::string> specs = {"ir:" + (folder.path() / "set").string(),
                                          "distillation:" + scores, "triplet:" + triplets};
  const EvaluationResult result = make_evaluator(specs)->evaluate(encode_counts, pool);
  EXPECT_EQ(value_of(result, "sequential_score"), 1.0);
  EXPECT_EQ(value_of(result, "set_MaxSim_ndcg@10"), 1.0);
  EXPECT_EQ(result.reports.size(), 3U);
  const std::vector<std::string> one = {specs[2]};
  EXPECT_EQ(make_evaluator(one)->class_name(), "ColBERTTripletEvaluator");
  EXPECT_THROW(make_evaluator(std::vector<std::string>{}), std::invalid_argument);
  EXPECT_THROW(make_evaluator(std::vector<std::string>{specs[2], specs[2]}), std::invalid_argument);
}

TEST(MakeEvaluator, SeveralFilesOfOneKindGoByTheirNames) {
  const TestFolder folder;
  constexpr const char* kLine = "{\"query\":\"a\",\"positive\":\"a\",\"negative\":\"b\"}\n";
  const std::vector<std::string> specs = {
      "triplet:" + folder.write("dev.jsonl", kLine).string(),
      "triplet:" + folder.write_gzip("test.jsonl.gz", kLine).string()};
  EXPECT_EQ(make_evaluator(specs)->metric_names(),
            (std::vector<std::string>{"dev_accuracy", "test_accuracy", "sequential_score"}));
}

TEST(MakeEvaluator, DistillationByIds) {
  const TestFolder folder;
  const auto path = [&](const char* name, const char* content) {
    return folder.write(name, content).string();
  };
  EvaluatorSpec spec{.kind = EvaluatorKind::distillation};
  spec.path = path("kd.jsonl", "{\"query_id\":7,\"document_ids\":[1,2,1],\"scores\":[1,2,9]}\n");
  spec.n_ways = 2;
  EXPECT_THROW(make_evaluator(spec), std::invalid_argument);
  spec.queries = {path("queries.jsonl", "{\"query_id\":7,\"text\":\"a\"}\n")};
  spec.documents = {path("one.jsonl", "{\"document_id\":1,\"text\":\"a\"}\n"),
                    path("two.jsonl", "{\"document_id\":2,\"text\":\"aa\"}\n")};
  ThreadPool pool(1);
  spec.normalize_scores = false;
  EXPECT_NEAR(value_of(make_evaluator(spec)->evaluate(encode_counts, pool), "kl_divergence"), 0.0,
              1e-9);
}

}  // namespace
}  // namespace maxsimd
