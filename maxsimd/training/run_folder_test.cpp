// What a run's folder says of the run, and which folder it may be.
#include "maxsimd/base/errors.h"
#include "maxsimd/card/model_card.h"
#include "maxsimd/training/run_testing.h"

namespace maxsimd::training {
namespace {

namespace fs = std::filesystem;
using testing_support::write_text;

class RunFolder : public RunTest {
 protected:
  nlohmann::json record_of(const std::string& folder) const {
    return nlohmann::json::parse(read_file(path(folder) / "run.json"));
  }
};

std::string value_of(const nlohmann::json& record, const std::string& name) {
  for (const auto& row : record.at("hyperparameters")) {
    if (row.at("name") == name) return row.at("value").get<std::string>();
  }
  return "not there";
}

TEST_F(RunFolder, TheRecordOfAResumedRunIsOfItsLastStart) {
  const std::string dev = "eval_dataset: " + path("more.jsonl").string() + "\n";
  Witness first(3), second;
  run(arguments("a"), first);
  run(arguments("a", dev + "resume_from_checkpoint: true\nper_device_eval_batch_size: "
                           "3\neval_strategy: epoch\n"),
      second);
  const nlohmann::json record = record_of("a");
  EXPECT_EQ(value_of(record_of("a/checkpoint-3"), "per_device_eval_batch_size"), "8");
  EXPECT_EQ(value_of(record, "per_device_eval_batch_size"), "3");
  EXPECT_EQ(value_of(record, "eval_strategy"), "epoch");
  ASSERT_EQ(record.at("eval_datasets").size(), 1U);
  EXPECT_EQ(record.at("eval_datasets")[0].at("size"), 5);
  EXPECT_EQ(record.at("train_datasets").size(), 1U);
  EXPECT_NE(read_file(path("a") / "final" / "README.md").find("### Evaluation Dataset"),
            std::string::npos);
}

// A checkpoint is a model beside its record; in a run's folder the model is in final/.
TEST_F(RunFolder, ACardCanBeMadeOfACheckpointAndOfTheRun) {
  Witness first(3), second;
  run(arguments("a"), first);
  run(arguments("a", "resume_from_checkpoint: true\n"), second);
  for (const char* folder : {"a/checkpoint-3", "a/checkpoint-4", "a"}) {
    const RunCard card = card_of_run(path(folder));
    EXPECT_EQ(card.text, read_file(card.default_path)) << folder;
  }
  EXPECT_EQ(card_of_run(path("a")).default_path, path("a") / "final" / "README.md");
}

std::string io_error_of(const HyperparameterSet& set) {
  Witness witness;
  try {
    train(set, witness, witness.stop);
  } catch (const IoError& error) {
    return error.what();
  }
  return "no IoError";
}

TEST_F(RunFolder, AFileInItsPlaceIsToldBeforeTheDataAreRead) {
  fs::remove(path("rows.jsonl"));
  write_text(path("file"), "words");
  for (const char* output : {"file", "file/a", "file/a/b"}) {
    const std::string error = io_error_of(arguments(output));
    EXPECT_NE(error.find("output_dir " + path(output).string() + ": " + path("file").string() +
                         " is there and is no folder"),
              std::string::npos)
        << error;
  }
  EXPECT_EQ(read_file(path("file")), "words");
  EXPECT_NE(io_error_of(arguments("new/a")).find("rows.jsonl"), std::string::npos);
}

TEST_F(RunFolder, TheRowsOfAnEarlierRunsEvaluationsGoWithIt) {
  const std::string evaluated = "eval_triplets: " + path("more.jsonl").string() +
                                "\neval_strategy: steps\neval_steps: 1\nmax_steps: 3\n";
  const fs::path table = path("a") / "eval" / "triplet_evaluation_results.csv";
  Witness first, again;
  run(arguments("a", evaluated), first);
  const std::string rows = read_file(table);
  run(arguments("a", evaluated + "overwrite_output_dir: true\n"), again);
  EXPECT_EQ(read_file(table), rows);
}

}  // namespace
}  // namespace maxsimd::training
