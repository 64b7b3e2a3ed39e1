#include "maxsimd/training/run_log.h"

#include <gtest/gtest.h>

#include <cmath>

#include "maxsimd/base/atomic_file.h"
#include "maxsimd/data/csv.h"
#include "maxsimd/training/loss_curve.h"
#include "tests/support/temp_folder.h"

namespace maxsimd::training {
namespace {

namespace fs = std::filesystem;

const MetricNames kNames = {{"accuracy"}, {"test_accuracy"}};

TrainingRecord record() {
  TrainingRecord out;
  out.evaluators = {{"T", "dev", "accuracy"}, {"T", "test", "accuracy"}};
  out.log = {TrainLog{10, 0.5, 2.5, 1.5, 1e-3}, EvaluatorLog{10, 0.5, 1, {{"accuracy", 0.25}}},
             EvalLossLog{10, 0.5, "", 3.0}, TrainLog{20, 1.0, 0.5, std::nullopt, std::nullopt},
             TrainSummaryLog{20, 1.0, 2.0, 80.0, 10.0, 1.5}};
  return out;
}

const char* const kLines =
    "{\"step\":10,\"epoch\":0.5,\"loss\":2.5,\"grad_norm\":1.5,\"learning_rate\":0.001}\n"
    "{\"step\":10,\"epoch\":0.5,\"eval_test_accuracy\":0.25}\n"
    "{\"step\":10,\"epoch\":0.5,\"eval_loss\":3.0}\n"
    "{\"step\":20,\"epoch\":1.0,\"loss\":0.5}\n"
    "{\"step\":20,\"epoch\":1.0,\"train_runtime\":2.0,\"train_samples_per_second\":80.0,"
    "\"train_steps_per_second\":10.0,\"train_loss\":1.5}\n";

TEST(RunLog, EveryEventIsALineAtOnce) {
  const testing_support::TempFolder folder;
  const fs::path lines = folder.path() / "logs.jsonl";
  RunLog log(folder.path(), kNames, {});
  EXPECT_EQ(read_file(lines), "");
  std::string expected;
  for (const LogEvent& event : record().log) {
    log.append(event);
    expected += log_line(event, kNames);
    EXPECT_EQ(read_file(lines), expected);
  }
  EXPECT_EQ(expected, kLines);
  EXPECT_FALSE(fs::exists(folder.path() / "logs.csv"));
}

// The lines that a killed run wrote after its last checkpoint, the last one cut off, are gone.
TEST(RunLog, ARunThatGoesOnBeginsWithItsRecord) {
  const testing_support::TempFolder folder;
  const fs::path lines = folder.path() / "logs.jsonl";
  write_file_atomic(lines, std::string(kLines) + "{\"step\":30,\"loss\":1.0}\n{\"step\":31,\"lo");
  RunLog log(folder.path(), kNames, record());
  EXPECT_EQ(read_file(lines), kLines);
  log.append(TrainLog{30, 1.5, 0.25});
  EXPECT_EQ(read_file(lines), kLines + log_line(TrainLog{30, 1.5, 0.25}, kNames));
}

TEST(RunLog, TheTableHasARowAStep) {
  const testing_support::TempFolder folder;
  RunLog log(folder.path(), kNames, {});
  log.write_tables(record());
  EXPECT_EQ(read_file(folder.path() / "logs.csv"),
            "step,epoch,loss,grad_norm,learning_rate,eval_test_accuracy,eval_loss,train_runtime,"
            "train_samples_per_second,train_steps_per_second,train_loss\n"
            "10,0.5,2.5,1.5,0.001,0.25,3.0,,,,\n"
            "20,1.0,0.5,,,,,2.0,80.0,10.0,1.5\n");
  EXPECT_EQ(read_file(folder.path() / "loss.svg"), loss_curve(record()));
}

TEST(RunLog, TheTableIsCsvWhateverAnEvaluatorIsCalled) {
  const MetricNames names = {{"a,b\"c_accuracy", "two\nlines"}};
  TrainingRecord record;
  record.evaluators = {{"T", "a,b\"c", "accuracy"}};
  record.log = {TrainLog{1, 0.5, std::nan(""), HUGE_VAL, 0.5},
                EvaluatorLog{1, 0.5, 0, {{"accuracy", 0.25}, {"x", std::nan("")}}},
                TrainLog{2, 1.0, 2.0, 1.5, 0.0}};
  const std::string table = log_table(record, names);
  std::vector<std::vector<std::string>> rows;
  for (size_t at = 0; at < table.size(); at += *csv_record_length(table.substr(at))) {
    EXPECT_EQ(parse_csv_record(table.substr(at), rows.emplace_back()), std::nullopt);
  }
  const std::vector<std::vector<std::string>> expected = {
      {"step", "epoch", "loss", "grad_norm", "learning_rate", "eval_a,b\"c_accuracy",
       "eval_two\nlines"},
      {"1", "0.5", "", "", "0.5", "0.25", ""},
      {"2", "1.0", "2.0", "1.5", "0.0", "", ""}};
  EXPECT_EQ(rows, expected) << table;
}

}  // namespace
}  // namespace maxsimd::training
