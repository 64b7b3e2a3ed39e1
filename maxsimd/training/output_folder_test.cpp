// What a run may touch in its output folder, what it cleans up there, and what it leaves to be
// found.
#include "maxsimd/base/errors.h"
#include "maxsimd/card/model_card.h"
#include "maxsimd/training/output_folder_testing.h"

namespace maxsimd::training {
namespace {

namespace fs = std::filesystem;
using testing_support::write_text;

TEST_F(OutputFolder, WhatIsNoCheckpointOfOursStaysWhateverIsAsked) {
  const std::map<std::string, std::vector<std::string>> of_others = {
      {"checkpoint-1", {"checkpoint-1/my.txt"}},
      {"checkpoint-2", {"checkpoint-2/trainer_state.json", "checkpoint-2/model.safetensors"}},
      {"checkpoint-30", {"checkpoint-30"}},
      {"final", {"final/thesis.txt"}}};
  for (const auto& [name, files] : of_others) {
    fs::remove_all(path("a"));
    for (const std::string& file : files) {
      write_text(path("a") / file, R"({"global_step": 2, "log_history": []})");
    }
    for (const std::string more : {"", "overwrite_output_dir: true\n", kResume}) {
      const std::string message = refusal<std::invalid_argument>(arguments("a", more));
      expect_in(message, (path("a") / name).string() + " is there and is no ");
      EXPECT_EQ(names_in("a"), std::vector<std::string>{name});
      for (const std::string& file : files) EXPECT_TRUE(fs::exists(path("a") / file)) << file;
    }
  }
}

TEST_F(OutputFolder, NamesThatNoCheckpointHasAreLeftAlone) {
  const std::vector<std::string> names = {"checkpoint-007", "checkpoint-best", "checkpoint--1",
                                          "checkpoint-99999999999999999999", "final.new"};
  for (const std::string& name : names) write_text(path("a") / name / "my.txt", "mine");
  Witness witness;
  run(arguments("a", "save_total_limit: 1\n"), witness);
  for (const std::string& name : names)
    EXPECT_TRUE(fs::exists(path("a") / name / "my.txt")) << name;
}

TEST_F(OutputFolder, AFolderThatComesUpDuringTheRunIsNotReplaced) {
  Witness witness;
  witness.stop_in_work = [&](std::string_view what, size_t done) {
    if (what == "saving checkpoint-2" && done == 0) {
      write_text(path("a") / "checkpoint-2" / "my.txt", "mine");
    }
    return false;
  };
  EXPECT_THROW(run(arguments("a"), witness), IoError);
  EXPECT_EQ(read_file(path("a") / "checkpoint-2" / "my.txt"), "mine");
}

// A run that was killed at any time, or whose disk was full.
TEST_F(OutputFolder, WhatAKilledRunLeftUnfinishedGoes) {
  for (const std::string more : {kResume, "overwrite_output_dir: true\n"}) {
    fs::remove_all(path("a"));
    Witness first(4), second;
    run(arguments("a"), first);
    fs::remove(path("a/checkpoint-4/trainer_state.json"));
    fs::create_directory(path("a/checkpoint-9"));
    for (const char* name :
         {".checkpoint-2.tmp-25463-0/model.safetensors", "..checkpoint-7.tmp-1-0.tmp-1-1/x",
          ".final.tmp-1-2/x", "logs.csv.tmp-26035-3", "run.json.tmp-1-2",
          "eval/triplet_evaluation_results.csv.tmp-1-2", "notes.txt.tmp-1-2", ".mine.tmp-1-2/x"}) {
      write_text(path("a") / name, "half");
    }
    run(arguments("a", more + "save_total_limit: 2\n"), second);
    EXPECT_EQ(names_in("a"),
              (std::vector<std::string>{".mine.tmp-1-2", "checkpoint-14", "checkpoint-15", "eval",
                                        "final", "logs.csv", "logs.jsonl", "loss.svg",
                                        "notes.txt.tmp-1-2", "run.json"}))
        << more;
    EXPECT_TRUE(names_in("a/eval").empty());
  }
}

TEST_F(OutputFolder, BrokenCheckpointsAreCheckpointsOfARun) {
  Witness first(2);
  run(arguments("a"), first);
  for (const char* step : {"0", "1", "2"}) {
    fs::remove(path("a") / ("checkpoint-" + std::string(step)) / "trainer_state.json");
  }
  expect_in(refusal<std::invalid_argument>(arguments("a")), "holds checkpoints of a run");
  EXPECT_TRUE(fs::exists(path("a/checkpoint-2")));
}

TEST_F(OutputFolder, AFinishedModelIsNotMadeAnewWhereNoCheckpointIsWhole) {
  for (const std::string checkpoints : {"", "save_strategy: 'no'\n"}) {
    fs::remove_all(path("a"));
    Witness whole, again;
    run(arguments("a", checkpoints + "max_steps: 2\nsave_steps: 2\n"), whole);
    const auto wanted = weights_of(path("a/final"));
    if (checkpoints.empty()) {
      fs::resize_file(path("a/checkpoint-2/model.safetensors"), 1000);
    }
    const std::vector<std::string> names = names_in("a");
    const std::string message = refusal<std::invalid_argument>(
        arguments("a", "max_steps: 3\nlearning_rate: 0.5\n" + std::string(kResume)));
    expect_in(message,
              "output_dir " + path("a").string() + " holds the model of a run (final) and");
    expect_in(message, "no whole checkpoint");
    if (checkpoints.empty()) expect_in(message, "checkpoint-2 is not whole");
    expect_in(message,
              "move it away, give another output_dir, or replace it by overwrite_output_dir");
    EXPECT_EQ(names_in("a"), names);
    EXPECT_EQ(weights_of(path("a/final")), wanted);
    fs::rename(path("a/final"), path("kept" + std::to_string(checkpoints.size())));
    run(arguments("a", kResume), again);
    expect_in(again.notes, "no whole checkpoint: the run begins anew");
    EXPECT_EQ(again.steps.size(), 15U);
  }
}

TEST_F(OutputFolder, ARunWithoutCheckpointAndModelBeginsAnewWhenItIsResumed) {
  Witness witness, replaced;
  run(arguments("a", kResume), witness);
  expect_in(witness.notes, "no whole checkpoint: the run begins anew");
  EXPECT_EQ(witness.steps.size(), 15U);
  for (const std::string& name : names_in("a")) {
    if (name.starts_with("checkpoint-")) fs::remove_all(path("a") / name);
  }
  run(arguments("a", kResume + std::string("overwrite_output_dir: true\n")), replaced);
  EXPECT_EQ(replaced.steps.size(), 15U);
}

TEST_F(OutputFolder, TheRecordNamesAModelThatIsThereAfterEveryCheckpoint) {
  Witness witness;
  size_t looked = 0;
  witness.stop_in_work = [&](std::string_view what, size_t done) {
    if (!what.starts_with("saving") || done == 0) return false;
    const std::string name(what.substr(7));
    EXPECT_EQ(card_of_run(path("a")).text, read_file(path("a") / name / "README.md")) << name;
    EXPECT_EQ(card_of_run(path("a")).default_path, path("a") / name / "README.md");
    ++looked;
    return false;
  };
  run(arguments("a", "save_total_limit: 2\n"), witness);
  EXPECT_EQ(looked, 15U);
  EXPECT_EQ(card_of_run(path("a")).default_path, path("a") / "final" / "README.md");
}

TEST_F(OutputFolder, ACardWithoutItsModelNamesTheNewestCheckpoint) {
  Witness witness(10);
  run(arguments("a"), witness);
  fs::remove_all(path("a/checkpoint-10"));
  const auto message = [&] {
    try {
      return card_of_run(path("a")).text;
    } catch (const IoError& error) {
      return std::string(error.what());
    }
  };
  const std::string hint = "maxsimd card " + path("a/checkpoint-9").string();
  expect_in(message(), path("a/checkpoint-10").string() + ", which is not there");
  expect_in(message(), hint);
  fs::remove(path("a/run.json"));
  expect_in(message(), "does not exist");
  expect_in(message(), hint);
}

TEST_F(OutputFolder, TwoRunsAreNotInOneFolder) {
  Witness first;
  size_t tried = 0;
  first.stop_in_work = [&](std::string_view what, size_t done) {
    if (what != "saving checkpoint-3" || done == 0) return false;
    const std::string logs = read_file(path("a/logs.jsonl"));
    for (const std::string more : {"", "overwrite_output_dir: true\n", kResume}) {
      expect_in(refusal<std::invalid_argument>(arguments("a", more)), "is writing here");
      ++tried;
    }
    EXPECT_EQ(read_file(path("a/logs.jsonl")), logs);
    return true;
  };
  EXPECT_EQ(run(arguments("a"), first).steps, 4);
  EXPECT_EQ(tried, 3U);
  Witness second;
  run(arguments("a", kResume), second);
  EXPECT_EQ(second.steps.size(), 11U);
}

}  // namespace
}  // namespace maxsimd::training
