// The evaluators that a run's arguments ask for.
#include "maxsimd/training/run_evaluators.h"

#include <gtest/gtest.h>

#include "maxsimd/hyperparameters/config_file.h"
#include "maxsimd/training/run_record.h"
#include "tests/support/temp_folder.h"
#include "tests/support/tiny_model.h"

namespace maxsimd::training {
namespace {

constexpr const char* kTriplet = "pylate.evaluation.colbert_triplet.ColBERTTripletEvaluator";
constexpr const char* kDistillation =
    "pylate.evaluation.colbert_distillation.ColBERTDistillationEvaluator";

class RunEvaluators : public testing::Test {
 protected:
  std::string write(const char* name, const std::string& text) const {
    testing_support::write_text(folder_.path() / name, text);
    return (folder_.path() / name).string();
  }
  std::string triplets(const char* name) const {
    return write(name, "{\"query\": \"a\", \"positive\": \"a\", \"negative\": \"b\"}\n");
  }
  std::string distillation() const {
    return write("kd.jsonl",
                 "{\"query\": \"a\", \"documents\": [\"a\", \"b\"], \"scores\": [2, 1]}\n");
  }
  static TrainingArguments arguments(const std::string& yaml) {
    HyperparameterSet set;
    parse_hyperparameters(yaml, ConfigFormat::kYaml, "run.yaml", set);
    return training_arguments(set);
  }
  static std::vector<EvaluatorRecord> records(const std::string& yaml) {
    return records_of(make_evaluators(arguments(yaml)));
  }
  static std::string error_of(const std::string& yaml) {
    try {
      make_evaluators(arguments(yaml));
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "no error";
  }

  testing_support::TempFolder folder_;
};

TEST_F(RunEvaluators, ComeFromArgumentsLinesMappingsAndFiles) {
  const std::string dev = triplets("dev.jsonl"), test = triplets("test.jsonl");
  const std::string spec = write("spec.json", "[{\"type\": \"distillation\", \"file\": \"" +
                                                  distillation() + "\", \"name\": \"kd\"}]");
  const auto found = records("eval_triplets: " + dev + "\nevaluator:\n- triplet:" + test + "\n- " +
                             spec + "\n- {type: triplet, file: " + test + ", name: mine}\n");
  ASSERT_EQ(found.size(), 4U);
  EXPECT_EQ(found[0].class_path, kTriplet);
  EXPECT_EQ(found[0].name, "dev");
  EXPECT_EQ(found[1].name, "test");
  EXPECT_EQ(found[2].class_path, kDistillation);
  EXPECT_EQ(found[2].name, "kd");
  EXPECT_EQ(found[3].name, "mine");
}

TEST_F(RunEvaluators, DistillationReadsAllFilesOfQueriesAndDocuments) {
  const auto text = [&](const char* name, const char* key, const char* id) {
    return write(name, std::string("{\"") + key + "\": " + id + ", \"text\": \"a\"}\n");
  };
  const std::string yaml =
      "queries: [" + text("q1.jsonl", "query_id", "1") + ", " + text("q2.jsonl", "query_id", "2") +
      "]\ndocuments: [" + text("d3.jsonl", "document_id", "3") + ", " +
      text("d4.jsonl", "document_id", "4") + "]\neval_distillation: " +
      write("ids.jsonl",
            "{\"query_id\": 1, \"document_ids\": [3, 4], \"scores\": [2, 1]}\n"
            "{\"query_id\": 2, \"document_ids\": [4, 3], \"scores\": [2, 1]}\n") +
      "\n";
  const std::vector<EvaluatorSpec> specs = evaluator_specs(arguments(yaml));
  ASSERT_EQ(specs.size(), 1U);
  EXPECT_EQ(specs[0].queries.size(), 2U);
  EXPECT_EQ(specs[0].documents.size(), 2U);
  EXPECT_EQ(records(yaml).size(), 1U);  // reads them: no id is without its text
}

TEST_F(RunEvaluators, MistakesAreTold) {
  const std::string dev = triplets("dev.jsonl");
  EXPECT_NE(error_of("evaluator: tripled:x\n").find("unknown type 'tripled'"), std::string::npos);
  EXPECT_NE(error_of("evaluator: {type: triplet, fiel: x}\n").find("'file' is missing"),
            std::string::npos);
  EXPECT_NE(error_of("evaluator: {type: sequence, evaluators: [triplet:" + dev + "], main: 0}\n")
                .find("metric_for_best_model"),
            std::string::npos);
}

TEST_F(RunEvaluators, ThatNeverRunAreTold) {
  const auto told = [](const std::string& yaml) { return never_evaluated(arguments(yaml)); };
  const std::string given = "eval_dataset: a\nevaluator: triplet:b\n";
  EXPECT_EQ(told(given),
            "eval_dataset, evaluator: given, but nothing is evaluated in this run; set "
            "eval_strategy: steps or epoch");
  EXPECT_EQ(told(given + "eval_strategy: epoch\n"), "");
  EXPECT_EQ(told(given + "eval_on_start: true\n"), "");
  EXPECT_EQ(told("seed: 1\n"), "");
}

}  // namespace
}  // namespace maxsimd::training
