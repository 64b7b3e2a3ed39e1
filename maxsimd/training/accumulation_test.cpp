// Steps of several batches beside PyLate's trainer
// (scripts/goldens/training_accumulation_pylate.py), where the last step of an epoch has fewer.
#include "maxsimd/base/json.h"
#include "maxsimd/card/training_record_file.h"
#include "maxsimd/training/run_testing.h"

namespace maxsimd::training {
namespace {

std::string rows_of(const nlohmann::json& golden) {
  std::string rows;
  for (const nlohmann::json& row : golden.at("rows")) {
    rows += nlohmann::json({{"query", row[0]}, {"positive", row[1]}, {"negative", row[2]}}).dump();
    rows += "\n";
  }
  return rows;
}

// Its gradients are divided by the number of batches twice
// (docs/decisions/027-accumulated-gradients-are-a-mean.md).
TEST(Accumulation, IsThatOfPyLateAndTheLastStepOfAnEpochIsAMeanOfFewer) {
  const nlohmann::json golden =
      read_json_file(MAXSIMD_SOURCE_DIR "/maxsimd/training/testdata/accumulation.json");
  nlohmann::json arguments = golden.at("arguments");
  const double parts = arguments.at("gradient_accumulation_steps").get<double>();
  arguments["max_grad_norm"] = arguments.at("max_grad_norm").get<double>() * parts;
  const testing_support::TempFolder folder;
  testing_support::write_text(folder.path() / "rows.jsonl", rows_of(golden));
  arguments.update({{"model", MAXSIMD_SOURCE_DIR "/models/mini"},
                    {"train_dataset", (folder.path() / "rows.jsonl").string()},
                    {"output_dir", (folder.path() / "out").string()},
                    {"query_length", golden.at("query_length")},
                    {"document_length", golden.at("document_length")},
                    {"save_strategy", "no"},
                    {"dropout", 0.0}});
  HyperparameterSet set;
  parse_hyperparameters(arguments.dump(), ConfigFormat::kJson, "test", set);
  Witness witness;
  train(set, witness, witness.stop);
  const std::vector<TrainLog> steps =
      logs_of<TrainLog>(read_training_record(folder.path() / "out" / kTrainingRecordName));
  ASSERT_EQ(steps.size(), golden.at("steps").size());
  for (size_t i = 0; i < steps.size(); ++i) {
    const nlohmann::json& wanted = golden.at("steps")[i];
    const auto expect_near = [&](double value, const char* name, double factor) {
      const double want = wanted.at(name).get<double>() * factor;
      EXPECT_NEAR(value, want, 1e-3 * std::abs(want)) << "step " << i << ", " << name;
    };
    expect_near(steps[i].loss, "loss", 1);
    expect_near(steps[i].grad_norm.value(), "grad_norm", parts);
    expect_near(steps[i].epoch, "epoch", 1);
  }
}

}  // namespace
}  // namespace maxsimd::training
