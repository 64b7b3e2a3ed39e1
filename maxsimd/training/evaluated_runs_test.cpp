// Runs with evaluations: what decides on the best model, and stops in the middle of one.
#include "maxsimd/training/run_testing.h"

namespace maxsimd::training {
namespace {

namespace fs = std::filesystem;
using testing_support::write_text;

class EvaluatedRuns : public RunTest {
 protected:
  EvaluatedRuns() {
    write_rows("dev.jsonl", 6);
    write_rows("test.jsonl", 7);
    write_text(path("beir") / "corpus.jsonl",
               "{\"_id\": \"1\", \"text\": \"the red cat\"}\n"
               "{\"_id\": \"2\", \"text\": \"a blue dog runs\"}\n"
               "{\"_id\": \"3\", \"text\": \"hello world\"}\n");
    write_text(path("beir") / "queries.jsonl",
               "{\"_id\": \"q\", \"text\": \"red\"}\n{\"_id\": \"r\", \"text\": \"dog\"}\n");
    write_text(path("beir") / "qrels" / "test.tsv",
               "query-id\tcorpus-id\tscore\nq\t1\t1\nr\t2\t1\n");
  }

  /// Two of triplets, one of retrieval, and a loss.
  std::string evaluations(const std::string& more = "") const {
    return "eval_triplets: [" + path("dev.jsonl").string() + ", " + path("test.jsonl").string() +
           "]\neval_beir: " + path("beir").string() +
           "\neval_dataset: " + path("more.jsonl").string() +
           "\nper_device_eval_batch_size: 2\neval_strategy: steps\neval_steps: 2\n"
           "eval_on_start: true\n" +
           more;
  }

  void expect_same_when_stopped_in(std::string_view work, size_t step) const;
};

/// name -> text of the evaluators' CSV files.
std::map<std::string, std::string> tables_of(const fs::path& folder) {
  std::map<std::string, std::string> tables;
  if (!fs::exists(folder)) return tables;
  for (const auto& entry : fs::directory_iterator(folder)) {
    tables[entry.path().filename().string()] = read_file(entry.path());
  }
  return tables;
}

size_t count_of(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = 0; (at = text.find(part, at)) != text.npos; at += part.size()) ++count;
  return count;
}

/// The evaluation after a step is stopped when it is at `work`: nothing of it stays, and the run
/// that goes on makes up for it.
void EvaluatedRuns::expect_same_when_stopped_in(std::string_view work, size_t step) const {
  fs::remove_all(path("b"));
  Witness first, second;
  first.stop_in_work = [&](std::string_view what, size_t) {
    return what == work && first.steps.size() == step;
  };
  const TrainingOutcome stopped = run(arguments("b", evaluations()), first);
  EXPECT_TRUE(stopped.stopped);
  EXPECT_EQ(stopped.steps, static_cast<int64_t>(step));
  EXPECT_EQ(first.steps.size(), step);
  EXPECT_FALSE(fs::exists(path("b") / "final"));
  const size_t evaluations_before = (step + 1) / 2;  // after steps 0, 2, 4, ... and the last
  const std::string logs = step == 0 ? "" : read_file(path("b") / "logs.jsonl");
  EXPECT_EQ(count_of(logs, "eval_loss"), evaluations_before);
  EXPECT_EQ(count_of(logs, "dev_accuracy"), evaluations_before);
  EXPECT_EQ(tables_of(path("b") / "eval").size(), step == 0 ? 0U : 3U);
  for (const auto& [name, table] : tables_of(path("b") / "eval")) {
    EXPECT_EQ(count_of(table, "\n"), 1 + evaluations_before) << name << ":\n" << table;
  }
  run(arguments("b", evaluations("resume_from_checkpoint: true\n")), second);
  EXPECT_EQ(first.steps.size() + second.steps.size(), 15U);
  EXPECT_EQ(logs_of(path("b")), logs_of(path("a")));
  EXPECT_EQ(tables_of(path("b") / "eval"), tables_of(path("a") / "eval"));
  EXPECT_EQ(weights_of(path("b") / "final"), weights_of(path("a") / "final"));
}

TEST_F(EvaluatedRuns, AnEvaluationThatIsStoppedLeavesNothingAndIsDoneByTheRunThatGoesOn) {
  Witness whole;
  run(arguments("a", evaluations()), whole);
  EXPECT_EQ(tables_of(path("a") / "eval").size(), 3U);
  for (const char* work : {"scoring triplets", "searching beir", "evaluation loss"}) {
    for (const size_t step : {size_t{0}, size_t{4}, size_t{15}}) {
      SCOPED_TRACE(std::string(work).append(" after step ").append(std::to_string(step)));
      expect_same_when_stopped_in(work, step);
    }
  }
}

// What decides on the best model, the early end and the learning rate is that of the whole run,
// too.
TEST_F(EvaluatedRuns, TheBestModelOfARunThatWasStoppedInAnEvaluation) {
  const std::string best =
      "save_steps: 2\nload_best_model_at_end: true\nsave_total_limit: 1\n"
      "lr_scheduler_type: reduce_lr_on_plateau\nlr_scheduler_kwargs: {patience: 0}\n";
  Witness whole, first, second;
  run(arguments("a", evaluations(best)), whole);
  first.stop_in_work = [&](std::string_view what, size_t) {
    return what == "evaluation loss" && first.steps.size() == 6;
  };
  EXPECT_TRUE(run(arguments("b", evaluations(best)), first).stopped);
  run(arguments("b", evaluations(best + "resume_from_checkpoint: true\n")), second);
  ASSERT_EQ(first.steps.size() + second.steps.size(), 15U);
  for (size_t i = 0; i < second.steps.size(); ++i) {
    EXPECT_EQ(second.steps[i].learning_rate, whole.steps[6 + i].learning_rate);
    EXPECT_EQ(second.steps[i].loss, whole.steps[6 + i].loss);
  }
  EXPECT_EQ(weights_of(path("b") / "final"), weights_of(path("a") / "final"));
}

TEST_F(EvaluatedRuns, AMetricThatIsNotMeasuredIsToldBeforeTheFirstStep) {
  fs::remove(path("rows.jsonl"));  // before the data are read, even
  const std::string error =
      error_of(arguments("a", evaluations("metric_for_best_model: acuracy\n")));
  for (const char* part : {"metric_for_best_model", "'acuracy'", "dev_accuracy", "test_accuracy",
                           "beir_MaxSim_ndcg@10", "loss"}) {
    EXPECT_NE(error.find(part), std::string::npos) << error;
  }
  EXPECT_FALSE(fs::exists(path("a")));
}

TEST_F(EvaluatedRuns, EveryMetricThatIsMeasuredCanDecide) {
  for (const char* metric : {"eval_loss", "loss", "dev_accuracy", "eval_test_accuracy",
                             "beir_MaxSim_ndcg@10", "beir_MaxSim_accuracy@1"}) {
    SCOPED_TRACE(metric);
    Witness witness;
    run(arguments(
            "a", evaluations(std::string("overwrite_output_dir: true\nmax_steps: 2\nsave_steps: 2\n"
                                         "metric_for_best_model: '")
                                 .append(metric)
                                 .append("'\nload_best_model_at_end: true\n"))),
        witness);
    EXPECT_TRUE(fs::exists(path("a") / "final"));
  }
}

TEST_F(EvaluatedRuns, ADataSetThatFillsNoBatchIsToldBeforeTheFirstStep) {
  const std::string more =
      "eval_strategy: steps\neval_steps: 2\ndataloader_drop_last: true\n"
      "per_device_eval_batch_size: 6\neval_dataset: ";
  const std::string error = error_of(arguments("a", more + path("more.jsonl").string() + "\n"));
  EXPECT_NE(error.find("eval_dataset: its 5 rows fill no batch of 6"), std::string::npos) << error;
  const std::string named =
      error_of(arguments("a", more + "{one: " + path("dev.jsonl").string() +
                                  ", two: " + path("more.jsonl").string() + "}\n"));
  EXPECT_NE(named.find("eval_dataset 'two': its 5 rows"), std::string::npos) << named;
  EXPECT_FALSE(fs::exists(path("a")));
  Witness witness;
  run(arguments("a", more + path("dev.jsonl").string() + "\n"), witness);
  EXPECT_TRUE(logs_of(path("a"))[0].contains("loss"));
}

TEST_F(EvaluatedRuns, NamesThatNoCardCanShowAreRefusedBeforeTheRun) {
  for (const std::string which : {"train_dataset", "eval_dataset"}) {
    const std::string error = error_of(arguments(
        "a", which + ": {\"a\\u0001b\": " + path("more.jsonl").string() + "}\neval_strategy: \"" +
                 (which == "eval_dataset" ? "epoch" : "no") + "\"\n"));
    EXPECT_NE(error.find(which + "s[0].name: expected one line without control"), std::string::npos)
        << error;
    EXPECT_FALSE(fs::exists(path("a") / "logs.jsonl"));
  }
}

TEST_F(EvaluatedRuns, EvaluatorsThatHaveRunMustStay) {
  const std::string resume = "resume_from_checkpoint: true\n";
  Witness first(3), later(3), plain(3);
  run(arguments("a", evaluations()), first);
  EXPECT_NE(error_of(arguments("a", resume)).find("of a run with other evaluators"),
            std::string::npos);
  const std::string one =
      "eval_triplets: " + path("dev.jsonl").string() + "\neval_strategy: steps\neval_steps: 2\n";
  EXPECT_NE(error_of(arguments("a", one + resume)).find("of a run with other evaluators"),
            std::string::npos);
  // A run that has not evaluated may begin to.
  run(arguments("b"), plain);
  run(arguments("b", evaluations(resume)), later);
  EXPECT_EQ(later.steps.size(), 12U);
  EXPECT_EQ(count_of(read_file(path("b") / "logs.jsonl"), "beir_MaxSim_ndcg@10"), 7U);
}

// The same class and the same metrics, on other data.
TEST_F(EvaluatedRuns, TheDataOfEvaluationsMustStay) {
  const std::string resume = "resume_from_checkpoint: true\n";
  const std::string often = "eval_strategy: steps\neval_steps: 1\n";
  const auto line = [&](const char* name, const char* file, const char* before = "") {
    return std::string(name).append(": ").append(before) + path(file).string() + "\n";
  };
  const std::string cases[][3] = {
      {line("eval_dataset", "dev.jsonl"), line("eval_dataset", "test.jsonl"),
       "the rows of eval_dataset say something else"},
      {line("evaluator", "dev.jsonl", "triplet:"), line("evaluator", "test.jsonl", "triplet:"),
       "reads says something else"},
      {line("eval_triplets", "dev.jsonl"), line("eval_triplets", "test.jsonl"),
       "reads says something else"}};
  for (const auto& [was, is, message] : cases) {
    fs::remove_all(path("a"));
    Witness first(3), second(4);
    run(arguments("a", often + was), first);
    const std::string error = error_of(arguments("a", often + is + resume));
    EXPECT_NE(error.find(message), std::string::npos) << error;
    run(arguments("a", often + was + resume), second);
    EXPECT_EQ(second.steps.size(), 1U);
  }
}

TEST_F(EvaluatedRuns, WhatDecidesOnThePlateauMustStay) {
  const std::string plateau = "eval_dataset: " + path("more.jsonl").string() +
                              "\neval_strategy: steps\n"
                              "lr_scheduler_type: reduce_lr_on_plateau\n";
  Witness first(3), second(4);
  run(arguments("a", plateau), first);  // every 2 steps: logging_steps
  const std::string resumed = plateau + "resume_from_checkpoint: true\n";
  for (const auto& [change, message] : std::map<std::string, std::string>{
           {"eval_steps: 3\n", "eval_steps was 2.0, now it is 3.0"},
           {"eval_delay: 4\n", "eval_delay was 0, now it is 4"},
           {"greater_is_better: true\n", "greater_is_better was False, now it is True"}}) {
    const std::string error = error_of(arguments("a", resumed + change));
    EXPECT_NE(error.find(message), std::string::npos) << error;
  }
  run(arguments("a", resumed + "eval_steps: 2\nmetric_for_best_model: eval_loss\n"), second);
  EXPECT_EQ(second.steps.size(), 1U);
}

}  // namespace
}  // namespace maxsimd::training
