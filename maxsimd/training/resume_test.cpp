// Runs that are stopped and taken up again, beside runs that were not (known bug B46): a tiny
// model, dropout on, a checkpoint every step.
#include <fstream>
#include <tuple>

#include "maxsimd/base/errors.h"
#include "maxsimd/training/run_testing.h"

namespace maxsimd::training {
namespace {

namespace fs = std::filesystem;
using testing_support::write_text;

/// Steps without what depends on the clock.
void expect_same_steps(const std::vector<StepReport>& got, const std::vector<StepReport>& wanted) {
  ASSERT_EQ(got.size(), wanted.size());
  for (size_t i = 0; i < got.size(); ++i) {
    SCOPED_TRACE(wanted[i].step);
    EXPECT_EQ(got[i].step, wanted[i].step);
    EXPECT_EQ(got[i].total_steps, wanted[i].total_steps);
    EXPECT_EQ(got[i].epoch, wanted[i].epoch);
    EXPECT_EQ(got[i].loss, wanted[i].loss);
    EXPECT_EQ(got[i].learning_rate, wanted[i].learning_rate);
    EXPECT_EQ(got[i].batches, wanted[i].batches);
  }
}

std::vector<StepReport> operator+(std::vector<StepReport> a, const std::vector<StepReport>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

class Resume : public RunTest {
 protected:
  void expect_same_run(const std::vector<int64_t>& stops, const std::string& more) const;
};

/// A run that is stopped after each of these steps is the run that never was.
void Resume::expect_same_run(const std::vector<int64_t>& stops, const std::string& more) const {
  Witness whole;
  const TrainingOutcome wanted = run(arguments("a", more), whole);
  ASSERT_FALSE(wanted.stopped);
  std::vector<StepReport> steps;
  std::string resume;
  for (const int64_t stop : stops) {
    Witness first(stop);
    const TrainingOutcome stopped = run(arguments("b", more + resume), first);
    EXPECT_TRUE(stopped.stopped);
    EXPECT_EQ(stopped.steps, stop);
    EXPECT_TRUE(fs::exists(stopped.model_folder / "trainer_state.json"));
    EXPECT_EQ(stopped.model_folder, path("b") / ("checkpoint-" + std::to_string(stop)));
    steps = steps + first.steps;
    resume = "resume_from_checkpoint: true\n";
  }
  Witness second;
  const TrainingOutcome got = run(arguments("b", more + resume), second);
  EXPECT_NE(second.notes.find("resumed from"), std::string::npos);
  expect_same_steps(steps + second.steps, whole.steps);
  EXPECT_EQ(got.steps, wanted.steps);
  EXPECT_EQ(weights_of(got.model_folder), weights_of(wanted.model_folder));
  EXPECT_EQ(logs_of(path("b")), logs_of(path("a")));
}

TEST_F(Resume, B46_InTheMiddleOfAnEpoch) {
  expect_same_run({7}, "");
}

TEST_F(Resume, B46_AtTheEndOfAnEpoch) {
  expect_same_run({5}, "");
}

TEST_F(Resume, B46_BeforeTheFirstStepAndAgainAndAgain) {
  expect_same_run({0, 3, 5, 14}, "");
}

TEST_F(Resume, B46_SeveralDataSetsWithoutDuplicatesAndWithAccumulation) {
  expect_same_run({2, 5}, "train_dataset: {one: " + path("rows.jsonl").string() +
                              ", two: " + path("more.jsonl").string() +
                              "}\nbatch_sampler: no_duplicates\ngradient_accumulation_steps: 3\n");
}

// The noise on the word embeddings is drawn from the generator that a checkpoint keeps.
TEST_F(Resume, B46_WithNoiseOnTheWordEmbeddings) {
  expect_same_run({2, 7}, "neftune_noise_alpha: 5.0\n");
  Witness plain;
  run(arguments("c"), plain);
  EXPECT_NE(weights_of(path("c") / "final"), weights_of(path("a") / "final"));
}

TEST_F(Resume, ACheckpointOfTheModelAloneIsRefused) {
  Witness first(7);
  const std::string more = "save_only_model: true\nsave_total_limit: 2\n";
  const fs::path newest = run(arguments("b", more), first).model_folder;
  EXPECT_FALSE(fs::exists(newest / "optimizer.safetensors"));
  EXPECT_TRUE(fs::exists(newest / "trainer_state.json"));
  EXPECT_FALSE(fs::exists(path("b") / "checkpoint-5"));  // two are kept
  const std::string message = "checkpoint-7 holds the model alone (save_only_model: True)";
  for (const std::string& resume : {std::string("true"), newest.string()}) {
    EXPECT_NE(error_of(arguments("b", "resume_from_checkpoint: " + resume + "\n")).find(message),
              std::string::npos);
  }
  // Its weights are those of the run, and a new one can start from them.
  Witness whole(7), again;
  const fs::path wanted = run(arguments("a"), whole).model_folder;
  auto weights = weights_of(wanted);
  weights.erase("optimizer.safetensors");
  EXPECT_EQ(weights_of(newest), weights);
  run(arguments("c", "model: " + newest.string() + "\nmax_steps: 1\n"), again);
  EXPECT_EQ(again.steps.size(), 1U);
}

TEST_F(Resume, TheBestModelIsFoundAmongCheckpointsOfTheModelAlone) {
  Witness witness;
  const TrainingOutcome outcome =
      run(arguments("a", "save_only_model: true\neval_dataset: " + path("more.jsonl").string() +
                             "\neval_strategy: steps\neval_steps: 1\nlearning_rate: 0.5\n"
                             "load_best_model_at_end: true\n"),
          witness);
  auto best = weights_of(outcome.model_folder);
  size_t equal = 0;
  for (const auto& entry : fs::directory_iterator(path("a"))) {
    if (!entry.path().filename().string().starts_with("checkpoint-")) continue;
    equal += weights_of(entry.path()) == best ? 1 : 0;
  }
  EXPECT_EQ(equal, 1U);
}

/// Rows of which six share a query: without duplicates, and without batches that are not full, at
/// most four batches of two an epoch, where five are counted.
constexpr const char* kShortEpochs = "batch_sampler: no_duplicates\ndataloader_drop_last: true\n";

std::string rows_that_share_a_query() {
  std::string rows;
  for (int i = 0; i < 10; ++i) {
    const std::string word(1, static_cast<char>('a' + i));
    rows +=
        R"({"query": "the )" + (i < 6 ? "cat" : word) + R"(", "positive": "red )" + word + "\"}\n";
  }
  return rows;
}

TEST_F(Resume, ARunByEpochsEndsAfterThemThoughTheyAreShort) {
  write_text(path("rows.jsonl"), rows_that_share_a_query());
  Witness epochs, steps;
  const TrainingOutcome outcome = run(arguments("a", kShortEpochs), epochs);
  EXPECT_FALSE(outcome.stopped);
  EXPECT_EQ(outcome.model_folder, path("a") / "final");
  ASSERT_FALSE(epochs.steps.empty());
  EXPECT_LE(epochs.steps.size(), 12U);
  EXPECT_EQ(epochs.steps.back().epoch, 3.0);
  std::map<uint64_t, int> seen;
  for (const StepReport& step : epochs.steps) {
    EXPECT_EQ(step.total_steps, 15);
    for (const uint64_t row : step.batches.at(0).rows) EXPECT_LE(++seen[row], 3) << row;
  }
  run(arguments("b", std::string(kShortEpochs) + "max_steps: 15\n"), steps);
  EXPECT_EQ(steps.steps.size(), 15U);
}

TEST_F(Resume, ARunOfShortEpochsGoesOnAndEndsAsTheOneThatNeverStopped) {
  write_text(path("rows.jsonl"), rows_that_share_a_query());
  expect_same_run({1, 4}, kShortEpochs);
}

// Shows that dropout is on, and that the comparison can fail.
TEST_F(Resume, B46_AnotherSeedIsAnotherRun) {
  Witness a, b, c;
  run(arguments("a"), a);
  run(arguments("b", "dropout: 0\n"), b);
  run(arguments("c", "data_seed: 7\n"), c);
  EXPECT_EQ(a.steps[0].batches, b.steps[0].batches);
  EXPECT_NE(a.steps[0].loss, b.steps[0].loss);
  EXPECT_NE(a.steps[0].batches, c.steps[0].batches);
  EXPECT_NE(weights_of(path("a") / "final"), weights_of(path("b") / "final"));
}

// The schedule and the order are the card's: warm-up from 0, 15 steps, each row once an epoch.
TEST_F(Resume, B46_TheScheduleAndTheRowsOfTheUninterruptedRun) {
  Witness witness;
  run(arguments("a"), witness);
  ASSERT_EQ(witness.steps.size(), 15U);
  for (size_t i = 0; i < 15; ++i) {
    const double t = static_cast<double>(i);
    EXPECT_DOUBLE_EQ(witness.steps[i].learning_rate, 0.01 * (i < 3 ? t / 3 : (15 - t) / 12));
  }
  for (size_t epoch = 0; epoch < 3; ++epoch) {
    std::vector<uint64_t> rows;
    for (size_t i = 5 * epoch; i < 5 * epoch + 5; ++i) {
      ASSERT_EQ(witness.steps[i].batches.size(), 1U);
      const std::vector<uint64_t>& batch = witness.steps[i].batches[0].rows;
      rows.insert(rows.end(), batch.begin(), batch.end());
    }
    EXPECT_EQ(rows, random_permutation(10, 42 + epoch));
  }
}

// A run that was killed had logged more than its last checkpoint knows.
TEST_F(Resume, LogsAfterTheCheckpointAreCut) {
  Witness whole, first(7), second;
  run(arguments("a"), whole);
  run(arguments("b"), first);
  std::ofstream(path("b") / "logs.jsonl", std::ios::app) << "{\"step\":8,\"loss\":1.0}\n{\"st";
  run(arguments("b", "resume_from_checkpoint: true\n"), second);
  EXPECT_EQ(logs_of(path("b")), logs_of(path("a")));
}

// As transformers' Trainer sums a run up; of a resumed run, of all of it.
TEST_F(Resume, TheSummaryIsOfTheWholeRun) {
  Witness first(7), second;
  run(arguments("a"), first);
  run(arguments("a", "resume_from_checkpoint: true\n"), second);
  double loss = 0;
  for (const StepReport& step : first.steps + second.steps) loss += step.loss;
  std::istringstream lines(read_file(path("a") / "logs.jsonl"));
  std::string line, last;
  while (std::getline(lines, line)) last = line;
  const auto summary = nlohmann::json::parse(last);
  EXPECT_EQ(summary.at("step"), 15);
  EXPECT_EQ(summary.at("epoch"), 3.0);
  EXPECT_NEAR(summary.at("train_loss").get<double>(), loss / 15, 1e-12);
  const auto runtime = summary.at("train_runtime").get<double>();
  EXPECT_GT(runtime, 0);
  const auto samples = summary.at("train_samples_per_second").get<double>();  // 10 rows, 3 times
  EXPECT_NEAR(samples * runtime, 30, 0.1);
  EXPECT_NEAR(summary.at("train_steps_per_second").get<double>() * runtime, 15, 0.1);
}

TEST_F(Resume, B46_ACheckpointThatIsNotWholeIsPassedOver) {
  Witness whole;
  run(arguments("a"), whole);
  for (const char* file : {"optimizer.safetensors", "trainer_state.json", "model.safetensors",
                           "run.json", "1_Dense/model.safetensors"}) {
    SCOPED_TRACE(file);
    fs::remove_all(path("b"));
    Witness first(7);
    const fs::path newest = run(arguments("b"), first).model_folder;
    fs::resize_file(newest / file, fs::file_size(newest / file) / 2);
    Witness second;
    run(arguments("b", "resume_from_checkpoint: true\n"), second);
    EXPECT_NE(second.notes.find("checkpoint-7 is not whole and is passed over"), std::string::npos)
        << second.notes;
    EXPECT_NE(second.notes.find("checkpoint-6\n"), std::string::npos) << second.notes;
    expect_same_steps(second.steps, {whole.steps.begin() + 6, whole.steps.end()});
    EXPECT_EQ(weights_of(path("b") / "final"), weights_of(path("a") / "final"));
  }
}

TEST_F(Resume, B46_AnotherRunIsRefused) {
  Witness first(7);
  run(arguments("b"), first);
  const std::string resume = "resume_from_checkpoint: true\n";
  const std::map<std::string, std::string> changes = {
      {"per_device_train_batch_size: 5\n", "per_device_train_batch_size was 2, now it is 5"},
      {"seed: 7\n", "seed was 42, now it is 7"},
      {"max_grad_norm: 2.0\n", "max_grad_norm was 1.0, now it is 2.0"},
      {"dropout: 0.2\n", "dropout was 0.1, now it is 0.2"},
      {"train_dataset: " + path("more.jsonl").string() + "\n",
       "the number of rows of train_dataset was 10, now it is 5"}};
  for (const auto& [change, message] : changes) {
    EXPECT_NE(error_of(arguments("b", resume + change)).find(message), std::string::npos)
        << error_of(arguments("b", resume + change));
  }
  write_rows("rows.jsonl", 12);
  EXPECT_NE(error_of(arguments("b", resume)).find("the number of rows of train_dataset was 10"),
            std::string::npos);
}

// Beyond the epoch, negative, of another type: a message, where there was a crash.
TEST_F(Resume, ACheckpointWithAPositionThatNoRunHasIsRefused) {
  Witness first(7);
  const fs::path file = run(arguments("b"), first).model_folder / "trainer_state.json";
  const auto whole = nlohmann::json::parse(read_file(file));
  const std::vector<std::tuple<std::string, nlohmann::json, std::string>> changes = {
      {"batch", 999, "batch: expected below 5, the batches of epoch 1, got 999"},
      {"batch", 5, "batch: expected below 5"},
      {"batch", -1, "\"batch\": expected an integer from 0"},
      {"batch", 18446744073709551615U, "\"batch\": expected an integer from 0"},
      {"batch", 1.5, "got 1.5"},
      {"epoch", -1, "\"epoch\": expected an integer from 0 to 7, got -1"},
      {"global_step", -7, "\"global_step\": expected"},
      {"logged_step", 8, "\"logged_step\": expected an integer from 0 to 7, got 8"},
      {"samples", -1, "\"samples\": expected"},
      {"seconds", -0.5, "\"seconds\": expected a number of at least 0"},
      {"evaluated_step", -2, "\"evaluated_step\": expected an integer from -1 to 7"},
      {"best_global_step", 9, "\"best_global_step\": expected"},
      {"evaluations_without_gain", -1, "\"evaluations_without_gain\": expected"},
      {"num_processes", 0, "\"num_processes\": expected an integer from 1"},
      {"loss_sum", "x", "\"loss_sum\": expected a number or null"},
      {"plateau", {0.1, 0.5, -1, 0}, "plateau: 2: expected an integer from 0"}};
  for (const auto& [name, value, message] : changes) {
    SCOPED_TRACE(name + " " + value.dump());
    auto state = whole;
    state[name] = value;
    write_text(file, state.dump());
    Witness second;
    try {
      run(arguments("b", "resume_from_checkpoint: true\n"), second);
      ADD_FAILURE() << "no error";
    } catch (const FormatError& error) {
      EXPECT_NE(std::string(error.what()).find(message), std::string::npos) << error.what();
      EXPECT_NE(std::string(error.what()).find(file.string()), std::string::npos) << error.what();
    }
    EXPECT_TRUE(second.steps.empty());
  }
}

// What says when to log, save and stop may change; defaults may be spelled out.
TEST_F(Resume, B46_OtherHabitsAreTheSameRun) {
  Witness whole, first(7), second;
  run(arguments("a"), whole);
  run(arguments("b"), first);
  run(arguments("b", "resume_from_checkpoint: true\nseed: 42\nsave_steps: 4\nlogging_steps: 3\n"),
      second);
  expect_same_steps(first.steps + second.steps, whole.steps);
}

TEST_F(Resume, B46_AFolderThatHoldsARunIsNotOverwrittenUnasked) {
  Witness first(3), again;
  run(arguments("b"), first);
  EXPECT_NE(error_of(arguments("b")).find("holds checkpoints of a run"), std::string::npos);
  run(arguments("b", "overwrite_output_dir: true\nsave_strategy: 'no'\n"), again);
  EXPECT_EQ(again.steps.size(), 15U);
  EXPECT_FALSE(fs::exists(path("b") / "checkpoint-3"));
}

TEST_F(Resume, B46_AnEpochThatGivesNoBatchIsAnError) {
  write_text(path("rows.jsonl"),
             "{\"query\": \"a\", \"positive\": \"b\"}\n{\"query\": \"a\", \"positive\": \"c\"}\n");
  EXPECT_NE(error_of(arguments("a", "batch_sampler: no_duplicates\ndataloader_drop_last: true\n"))
                .find("no batch can be filled"),
            std::string::npos);
}

}  // namespace
}  // namespace maxsimd::training
