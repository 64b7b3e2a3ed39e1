#include "maxsimd/card/training_record.h"

#include <cmath>
#include <limits>
#include <stdexcept>

#include "maxsimd/base/errors.h"
#include "maxsimd/card/card_testing.h"
#include "maxsimd/card/training_record_file.h"
#include "tests/support/temp_folder.h"

namespace maxsimd {
namespace {

using testing_support::expect_contains;
using testing_support::Json;
using testing_support::message_of;

TrainingRecord full_record() {
  TrainingRecord record{.model_name = "a name",
                        .model_id = "org/model",
                        .base_model = "org/base",
                        .base_model_revision = "abc",
                        .language = {"en"},
                        .license = "mit",
                        .tags = {"tag"},
                        .model_folder = "final"};
  const ColumnRecord column{.name = "query",
                            .dtype = "string",
                            .details = {{"min", "1 tokens"}},
                            .pylate_details = {{"min", "2 tokens"}}};
  record.train_datasets = {{.name = "set",
                            .id = "org/set",
                            .revision = "r",
                            .link = "https://example.org",
                            .license = "cc0-1.0",
                            .size = 5000000000,
                            .columns = {column},
                            .samples = {{"a\n\xC3\xA9"}},
                            .loss = "pylate.losses.contrastive.Contrastive",
                            .loss_parameters = {{"temperature", "1.0"}}}};
  record.eval_datasets = {{.name = "", .size = 1, .loss = "x.Y"}};
  record.hyperparameters = {{"learning_rate", "3e-06", false}, {"mp_parameters", "", true}};
  record.evaluators = {{"pylate.X", "dev", "dev_accuracy"}, {"pylate.Y", "", std::nullopt}};
  record.log = {EvaluatorLog{0, 0.0, 1, {{"kl", 0.25}}}, TrainLog{7, 0.1, std::nan(""), 1.5, 3e-6},
                TrainLog{8, 0.2, std::numeric_limits<double>::infinity(), std::nullopt, {}},
                EvalLossLog{8, 0.2, "set", 0.1}, TrainSummaryLog{8, 0.2, 3600.5, 12.5, 0.25, 1.75}};
  record.step = 9;
  record.best_step = 8;
  record.framework_versions = {{"maxsimd", "0.1.0"}};
  record.started = "2026-01-01T00:00:00Z";
  record.finished = "2026-01-01T01:00:00Z";
  record.seconds = 3600.5;
  record.hardware = "a machine";
  return record;
}

std::string refusal(const Json& patch) {
  Json json = Json::parse(training_record_text(full_record()));
  json.merge_patch(patch);
  return message_of<FormatError>([&] { parse_training_record(json.dump(), "run.json"); });
}

TEST(TrainingRecord, AFileGivesBackWhatWasWritten) {
  testing_support::TempFolder folder;
  const auto path = folder.path() / kTrainingRecordName;
  write_training_record(full_record(), path);
  const TrainingRecord read = read_training_record(path);
  EXPECT_EQ(training_record_text(read), training_record_text(full_record()));
  EXPECT_EQ(read.train_datasets[0].size, 5000000000u);
  EXPECT_EQ(read.train_datasets[0].samples[0][0], "a\n\xC3\xA9");
  EXPECT_EQ(read.train_datasets[0].columns[0].pylate_details[0].second, "2 tokens");
  EXPECT_EQ(read.hyperparameters[0].value, "3e-06");
  EXPECT_FALSE(read.hyperparameters[0].is_default);
  EXPECT_EQ(read.evaluators[0].primary_metric, "dev_accuracy");
  EXPECT_FALSE(read.evaluators[1].primary_metric.has_value());
  EXPECT_TRUE(std::isnan(std::get<TrainLog>(read.log[1]).loss));
  EXPECT_EQ(std::get<TrainLog>(read.log[1]).learning_rate, 3e-6);
  EXPECT_TRUE(std::isinf(std::get<TrainLog>(read.log[2]).loss));
  EXPECT_EQ(std::get<EvalLossLog>(read.log[3]).dataset, "set");
  EXPECT_EQ(std::get<TrainSummaryLog>(read.log[4]).train_samples_per_second, 12.5);
  EXPECT_EQ(std::get<TrainSummaryLog>(read.log[4]).train_loss, 1.75);
  EXPECT_EQ(read.step, 9u);
  EXPECT_EQ(read.best_step, 8u);
  EXPECT_EQ(read.model_folder, "final");
}

TEST(TrainingRecord, AnEmptyRecordIsARecord) {
  const TrainingRecord read = parse_training_record(training_record_text({}), "run.json");
  EXPECT_FALSE(read.base_model.has_value());
  EXPECT_EQ(read.model_folder, ".");
  EXPECT_TRUE(read.log.empty());
}

TEST(TrainingRecord, UnknownKeysArePassedOver) {
  Json json = Json::parse(training_record_text(full_record()));
  json["later"] = {{"deep", {1, 2}}};
  json["log"][0]["later"] = 1;
  EXPECT_EQ(training_record_text(parse_training_record(json.dump(), "run.json")),
            training_record_text(full_record()));
}

TEST(TrainingRecord, EveryFieldIsChecked) {
  EXPECT_EQ(refusal({{"log", {{{"type", "other"}, {"step", 1}, {"epoch", 0.5}}}}}),
            "run.json: log[0]: type: expected 'train', 'evaluator', 'eval_loss' or "
            "'train_summary', got \"other\"");
  EXPECT_EQ(refusal({{"log", {{{"type", "train"}, {"step", -1}, {"epoch", 0.5}}}}}),
            "run.json: log[0]: step: expected a whole number from 0, got -1");
  EXPECT_EQ(refusal({{"log", {{{"type", "train"}, {"step", 1}, {"epoch", 0.5}}}}}),
            "run.json: log[0]: loss: is missing; expected a number");
  EXPECT_EQ(refusal({{"language", {"en", 3}}}), "run.json: language[1]: expected a string, got 3");
  EXPECT_EQ(refusal({{"framework_versions", {{"a"}}}}),
            "run.json: framework_versions[0]: expected a pair [name, value], got [\"a\"]");
  EXPECT_EQ(refusal({{"best_step", 1.5}}),
            "run.json: best_step: expected a whole number from 0, got 1.5");
  EXPECT_EQ(refusal({{"hyperparameters", {{{"name", "a"}, {"value", 1}, {"is_default", true}}}}}),
            "run.json: hyperparameters[0]: value: expected a string, got 1");
  EXPECT_EQ(refusal({{"train_datasets", {1}}}),
            "run.json: train_datasets[0]: expected a JSON object, got number");
  EXPECT_EQ(refusal({{"seconds", "long"}}), "run.json: seconds: expected a number, got \"long\"");
  EXPECT_EQ(refusal({{"format", "x"}}),
            "run.json: format: expected 'maxsimd training run'; is this a run folder?");
  EXPECT_EQ(refusal({{"format_version", 2}}),
            "run.json: format_version: expected 1, got 2; it was written by a later maxsimd");
}

TEST(TrainingRecord, WhatDoesNotFitTogetherIsRefused) {
  Json datasets = Json::parse(training_record_text(full_record()))["train_datasets"];
  datasets[0]["samples"] = {{"a"}, {"b", "c"}};
  EXPECT_EQ(refusal({{"train_datasets", datasets}}),
            "run.json: train_datasets[0].samples[1]: expected 1 values, one a column, got 2");
  EXPECT_EQ(refusal({{"evaluators", Json::array()}}),
            "run.json: log[0].evaluator: expected an index below 0, got 1");
  EXPECT_EQ(refusal({{"model_name", "two\nlines"}}),
            "run.json: model_name: expected one line without control characters");
  EXPECT_EQ(refusal({{"language", {"en", ""}}}),
            "run.json: language: expected en, de, ..., got ''");
  for (const char* name : {"", "..", "/tmp", "a/b", "a\\b"}) {
    expect_contains(refusal({{"model_folder", name}}), "model_folder: expected '.' or the name");
  }
}

TEST(TrainingRecord, ABadRecordIsNotWritten) {
  TrainingRecord record = full_record();
  record.log.push_back(EvaluatorLog{.evaluator = 2});
  EXPECT_EQ(message_of<std::invalid_argument>([&] { training_record_text(record); }),
            "training record: log[5].evaluator: expected an index below 2, got 2");
}

TEST(TrainingRecord, BytesThatAreNoUtf8AreReplaced) {
  TrainingRecord record = full_record();
  record.train_datasets[0].samples[0][0] = "a\xFF";
  const TrainingRecord read = parse_training_record(training_record_text(record), "run.json");
  EXPECT_EQ(read.train_datasets[0].samples[0][0], "a\uFFFD");
}

}  // namespace
}  // namespace maxsimd
