// The best model of a run that is resumed: kept where it can be, else forgotten with a word.
#include "maxsimd/training/run_testing.h"

namespace maxsimd::training {
namespace {

namespace fs = std::filesystem;

/// A learning rate at which the loss soon gets worse: the best step is an early one.
class CarriedBest : public RunTest {
 protected:
  CarriedBest() { write_rows("dev.jsonl", 6); }

  HyperparameterSet evaluated(const std::string& output, const std::string& more) const {
    HyperparameterSet set = arguments(output, "eval_dataset: " + path("more.jsonl").string() +
                                                  "\neval_triplets: " + path("dev.jsonl").string() +
                                                  "\neval_strategy: steps\neval_steps: 1\n"
                                                  "learning_rate: 0.5\nwarmup_steps: 0\n"
                                                  "metric_for_best_model: loss\n");
    parse_hyperparameters(more, ConfigFormat::kYaml, "more", set);
    return set;
  }
  /// The first run, stopped after six steps and five evaluations; tells which is the best of them.
  int64_t begin(const std::string& output, const std::string& more) const {
    Witness first(6);
    run(evaluated(output, more), first);
    const auto state =
        nlohmann::json::parse(read_file(path(output) / "checkpoint-6" / "trainer_state.json"));
    return state.at("best_global_step").get<int64_t>();
  }
  /// A record's best_step, which must be a checkpoint's, whose weights are the final model's.
  int64_t expect_best_is_final(const std::string& output) const {
    const auto record = nlohmann::json::parse(read_file(path(output) / "run.json"));
    const auto best = record.at("best_step").get<int64_t>();
    auto weights = weights_of(path(output) / ("checkpoint-" + std::to_string(best)));
    weights.erase("optimizer.safetensors");
    EXPECT_EQ(weights_of(path(output) / "final"), weights);
    return best;
  }
};

constexpr const char* kLoadBest = "load_best_model_at_end: true\n";
constexpr const char* kResume = "resume_from_checkpoint: true\n";
constexpr const char* kForgotten = "the next evaluation is the best";

TEST_F(CarriedBest, IsForgottenInAnotherOutputFolder) {
  ASSERT_LT(begin("a", kLoadBest), 6);
  Witness second;
  const std::string from = (path("a") / "checkpoint-6").string();
  run(evaluated("b", std::string(kLoadBest) + "resume_from_checkpoint: " + from + "\n"), second);
  EXPECT_EQ(second.steps.size(), 9U);
  EXPECT_NE(second.notes.find(kForgotten), std::string::npos) << second.notes;
  EXPECT_GE(expect_best_is_final("b"), 6);
}

TEST_F(CarriedBest, IsForgottenWhenItsCheckpointWasDropped) {
  ASSERT_LT(begin("a", "save_total_limit: 1\n"), 6);
  Witness second;
  run(evaluated("a", std::string(kLoadBest) + kResume), second);
  EXPECT_NE(second.notes.find(kForgotten), std::string::npos) << second.notes;
  EXPECT_GE(expect_best_is_final("a"), 6);
}

TEST_F(CarriedBest, IsForgottenWhenAnotherMetricCounts) {
  const std::string plain = std::string(kLoadBest) + kResume;
  for (const char* change : {"metric_for_best_model: accuracy\n", "greater_is_better: true\n"}) {
    SCOPED_TRACE(change);
    fs::remove_all(path("a"));
    begin("a", kLoadBest);
    Witness second;
    run(evaluated("a", plain + change), second);
    EXPECT_NE(second.notes.find(kForgotten), std::string::npos) << second.notes;
    EXPECT_GE(expect_best_is_final("a"), 6);
  }
}

TEST_F(CarriedBest, StaysWhereItsCheckpointLies) {
  const int64_t best = begin("a", std::string(kLoadBest) + "save_total_limit: 1\n");
  ASSERT_LT(best, 6);
  Witness second;
  run(evaluated("a", std::string(kLoadBest) + kResume + "metric_for_best_model: eval_loss\n"),
      second);
  EXPECT_EQ(second.notes.find(kForgotten), std::string::npos) << second.notes;
  EXPECT_EQ(expect_best_is_final("a"), best);
}

}  // namespace
}  // namespace maxsimd::training
