// Whole runs of a small model by each loss.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "maxsimd/base/errors.h"
#include "maxsimd/card/training_record_file.h"
#include "maxsimd/evaluation/candidate_scores.h"
#include "maxsimd/evaluation/distillation_evaluator.h"
#include "maxsimd/hyperparameters/config_file.h"
#include "maxsimd/training/losses_testing.h"
#include "maxsimd/training/run_setup.h"
#include "maxsimd/training/run_testing.h"
#include "maxsimd/training/trainer.h"

namespace maxsimd::training {
namespace {

namespace fs = std::filesystem;

class LossRuns : public testing::Test {
 protected:
  LossRuns() {
    testing_support::write_tiny_model(path("model"));
    testing_support::write_text(
        path("triplets.jsonl"),
        R"({"query": "a red cat", "positive": "the red cat runs", "negative": "blue"}
{"query": "the dog runs", "positive": "a dog", "negative": "a slow cat runs , runs"}
{"query": "blue", "positive": "a blue world .", "negative": "..."}
{"query": "hello world", "positive": "hello , hello world !", "negative": "the dog"}
{"query": "slow dogs", "positive": "e d c b a slow", "negative": "fast red fast blue"}
)");
    testing_support::write_text(
        path("teacher.jsonl"),
        R"({"query": "a red cat", "documents": ["the red cat", "blue", "a dog"], "scores": [9, 1.5, 2]}
{"query": "the dog runs", "documents": ["red", "the dog runs fast", "..."], "scores": [0, 7, -3]}
{"query": "blue", "documents": ["a blue world", "b", "slow blue"], "scores": [3, 2, 2.5]}
)");
  }

  fs::path path(const char* name) const { return folder_.path() / name; }

  HyperparameterSet set_of(const char* output, const std::string& yaml) const {
    HyperparameterSet set;
    const std::string common =
        "model: " + path("model").string() + "\noutput_dir: " + path(output).string() +
        "\ndropout: 0.0\nlogging_steps: 1\nmax_steps: 2\nlearning_rate: 0.01\n";
    parse_hyperparameters(common, ConfigFormat::kYaml, "common.yaml", set);
    parse_hyperparameters(yaml, ConfigFormat::kYaml, "run.yaml", set);
    return set;
  }

  TrainingRecord run(const char* output, const std::string& yaml) const {
    TrainingListener listener;
    const std::atomic<bool> stop = false;
    train(set_of(output, yaml), listener, stop);
    return read_training_record(path(output) / kTrainingRecordName);
  }

  std::string triplets(const char* more) const {
    return "train_dataset: " + path("triplets.jsonl").string() +
           "\neval_dataset: " + path("triplets.jsonl").string() +
           "\neval_strategy: steps\neval_steps: 1\n" + more;
  }

  testing_support::TempFolder folder_;
};

TEST_F(LossRuns, CachedContrastiveTrainsAsContrastive) {
  const TrainingRecord plain =
      run("plain", triplets("loss: contrastive\nper_device_train_batch_size: 5\n"));
  const TrainingRecord cached =
      run("cached", triplets("loss: cached_contrastive\nmini_batch_size: 2\n"
                             "score_mini_batch_size: 3\nper_device_train_batch_size: 5\n"));
  const auto expected = logs_of<TrainLog>(plain);
  const auto got = logs_of<TrainLog>(cached);
  ASSERT_EQ(expected.size(), 2U);
  ASSERT_EQ(got.size(), 2U);
  for (size_t i = 0; i < got.size(); ++i) {
    EXPECT_NEAR(got[i].loss, expected[i].loss, 1.1e-4);  // rounded to four digits
    EXPECT_NEAR(*got[i].grad_norm, *expected[i].grad_norm, 1e-4 * *expected[i].grad_norm);
  }
  const auto expected_eval = logs_of<EvalLossLog>(plain);
  const auto got_eval = logs_of<EvalLossLog>(cached);
  ASSERT_EQ(got_eval.size(), 2U);
  EXPECT_NEAR(got_eval[1].loss, expected_eval[1].loss, 1e-4);
  EXPECT_LT(got_eval[1].loss, got_eval[0].loss);
  EXPECT_EQ(plain.train_datasets[0].loss, "pylate.losses.contrastive.Contrastive");
  EXPECT_EQ(cached.eval_datasets[0].loss, "pylate.losses.cached_contrastive.CachedContrastive");
  EXPECT_EQ(cached.train_datasets[0].loss_parameters, (TextPairs{{"mini_batch_size", "2"},
                                                                 {"score_mini_batch_size", "3"},
                                                                 {"size_average", "true"},
                                                                 {"temperature", "1.0"}}));
}

TEST_F(LossRuns, DistillationLossIsTheDivergenceOfTheEvaluator) {
  const std::string file = path("teacher.jsonl").string();
  const TrainingRecord record =
      run("distilled",
          "loss: distillation\nmasking: exact\nmax_steps: 20\n"
          "train_dataset: " +
              file + "\neval_dataset: " + file +
              "\neval_on_start: True\neval_strategy: steps\neval_steps: 20\n"
              "per_device_eval_batch_size: 2\n");
  const DistillationRows rows = DistillationRows::open({.rows = {file}}, {});
  const ColBERT model = ColBERT::load(path("model"));
  double sum = 0;
  for (const DistillationRow& row : read_all(rows)) {
    const std::vector<std::string> query = {row.query};
    const size_t ways = row.documents.size();
    const std::vector<float> scores =
        candidate_scores(model.encode_queries(query), model.encode_documents(row.documents),
                         {&ways, 1}, model.pool());
    sum += kl_divergence(scores, row.scores, true);
  }
  const auto losses = logs_of<EvalLossLog>(record);
  ASSERT_EQ(losses.size(), 2U);
  EXPECT_NEAR(losses[0].loss, sum / 3, 1e-5);
  EXPECT_LT(losses[1].loss, losses[0].loss);
  const auto steps = logs_of<TrainLog>(record);
  ASSERT_EQ(steps.size(), 20U);
  EXPECT_NEAR(steps[0].loss, sum / 3, 1e-4);  // all rows are one batch
  const DatasetRecord& dataset = record.train_datasets[0];
  EXPECT_EQ(dataset.loss, "pylate.losses.distillation.Distillation");
  EXPECT_EQ(dataset.loss_parameters,
            (TextPairs{{"size_average", "true"}, {"normalize_scores", "true"}}));
  ASSERT_EQ(dataset.columns.size(), 3U);
  EXPECT_EQ(dataset.columns[1].dtype, "list");
}

// As PyLate does: an id that no document has stands for an empty text.
TEST_F(LossRuns, MissingDocumentsAreAnErrorUnlessAllowed) {
  testing_support::write_text(path("queries.jsonl"), R"({"query_id": 1, "text": "a red cat"})");
  testing_support::write_text(path("documents.jsonl"),
                              R"({"document_id": 1, "text": "the red cat runs"})");
  testing_support::write_text(path("kd.jsonl"),
                              R"({"query_id": 1, "document_ids": [1, 2], "scores": [3, 1]})");
  const std::string yaml = "loss: distillation\ntrain_dataset: " + path("kd.jsonl").string() +
                           "\nqueries: " + path("queries.jsonl").string() +
                           "\ndocuments: " + path("documents.jsonl").string() +
                           "\neval_distillation: " + path("kd.jsonl").string() +
                           "\neval_strategy: epoch\n";
  EXPECT_THROW(run("strict", yaml), FormatError);
  EXPECT_EQ(logs_of<TrainLog>(run("lenient", yaml + "allow_missing_documents: True\n")).size(), 2U);
}

TEST_F(LossRuns, AccumulatedGradientsAreThoseOfTheirBatches) {
  const std::string yaml = triplets(
      "per_device_train_batch_size: 2\ngradient_accumulation_steps: 2\nmax_grad_norm: 0.01\n");
  const TrainingRecord record = run("accumulated", yaml);
  const TrainingArguments arguments = training_arguments(set_of("accumulated", yaml));
  const ColBERT model = load_start_model(arguments);
  const std::vector<Dataset> datasets =
      open_datasets(arguments, arguments.data.train_dataset, model);
  ColbertModel trained(model);
  trained.set_dropout(0);
  const std::vector<BatchRows> batches = epoch_batches({5}, 0, {.batch_size = 2});
  double loss = 0;
  for (size_t i = 0; i < 2; ++i) {
    loss += add_gradients(trained, tokenize_batch(model, datasets[0], batches[i]),
                          {.training = true}, objective_options(arguments.loss, model), 2)
                .item<double>();
  }
  const auto steps = logs_of<TrainLog>(record);
  ASSERT_EQ(steps.size(), 2U);
  EXPECT_NEAR(steps[0].loss, loss, 1e-4);
  const double norm = trained.parameters().gradient_norm().item<double>();
  EXPECT_NEAR(*steps[0].grad_norm, norm, 1e-5 * norm);
}

// The first step takes weights to 1e36, where nothing can be computed any more.
TEST_F(LossRuns, B44RunsWhoseLossesAreNoNumbersEnd) {
  TrainingListener listener;
  const std::atomic<bool> stop = false;
  const HyperparameterSet set =
      set_of("broken", "train_dataset: " + path("triplets.jsonl").string() +
                           "\nlearning_rate: 1e36\nmax_steps: 30\nsave_steps: 1\n"
                           "lr_scheduler_type: constant\nsave_total_limit: 1\n");
  try {
    train(set, listener, stop);
    FAIL() << "expected an error";
  } catch (const FormatError& error) {
    EXPECT_NE(std::string(error.what()).find("10 steps in a row"), std::string::npos)
        << error.what();
  }
  // The last checkpoint before the losses went stays; none of the steps that gave no number has
  // one.
  size_t checkpoints = 0;
  for (const auto& entry : fs::directory_iterator(path("broken"))) {
    checkpoints += entry.path().filename().string().starts_with("checkpoint-") ? 1 : 0;
  }
  EXPECT_EQ(checkpoints, 1u);
  EXPECT_NO_THROW(ColBERT::load(path("broken") / "checkpoint-1"));
}

/// What a run fails with.
std::string failure_of(const HyperparameterSet& set) {
  TrainingListener listener;
  const std::atomic<bool> stop = false;
  try {
    train(set, listener, stop);
  } catch (const FormatError& error) {
    return error.what();
  }
  return "nothing";
}

TEST_F(LossRuns, B44ARunWhoseLastStepGaveNoNumberLeavesNoModel) {
  const std::string data = "train_dataset: " + path("triplets.jsonl").string();
  const std::string message = failure_of(
      set_of("late", data + "\nlearning_rate: 1e36\nmax_steps: 3\nlr_scheduler_type: constant\n"));
  EXPECT_NE(message.find("last 2 steps in a row is not a number"), std::string::npos) << message;
  EXPECT_FALSE(fs::exists(path("late") / "final"));
}

// AdamW divides zero by zero: the loss before it was a number.
TEST_F(LossRuns, B44WeightsThatAreNoNumbersAreToldAsTheRunsOwn) {
  const std::string data = "train_dataset: " + path("triplets.jsonl").string();
  const std::string message =
      failure_of(set_of("nan", data + "\nadam_epsilon: 0\nmax_steps: 1\nsave_strategy: 'no'\n"));
  EXPECT_NE(message.find("of the trained model is not all numbers any more"), std::string::npos)
      << message;
  EXPECT_FALSE(fs::exists(path("nan") / "final"));
}

// The weights are numbers still; what they give is none. The run's own files tell how it went.
TEST_F(LossRuns, B44AnEvaluationThatGivesNoNumbersIsToldAsTheRunsOwn) {
  const std::string data = "train_dataset: " + path("triplets.jsonl").string() +
                           "\nlearning_rate: 1e37\nmax_grad_norm: 0\neval_strategy: steps\n"
                           "eval_steps: 1\nmax_steps: 1\n";
  const std::string loss =
      failure_of(set_of("loss", data + "eval_dataset: " + path("triplets.jsonl").string()));
  EXPECT_NE(loss.find("the evaluation loss after step 1 is not a number"), std::string::npos)
      << loss;
  const std::string vector =
      failure_of(set_of("vector", data + "eval_triplets: " + path("triplets.jsonl").string()));
  EXPECT_NE(vector.find("training: the evaluation after step 1: encoding text 0: a vector is not"),
            std::string::npos)
      << vector;
  for (const char* output : {"loss", "vector"}) {
    EXPECT_FALSE(fs::exists(path(output) / "final")) << output;
    EXPECT_FALSE(fs::exists(path(output) / "checkpoint-1")) << output;
    EXPECT_TRUE(fs::exists(path(output) / "logs.csv")) << output;
  }
}

}  // namespace
}  // namespace maxsimd::training
