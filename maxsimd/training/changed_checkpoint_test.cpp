// What a resumed run finds out about checkpoints and data that are no longer what they were.
#include <fstream>

#include "maxsimd/base/errors.h"
#include "maxsimd/training/checkpoint_files.h"
#include "maxsimd/training/output_folder_testing.h"

namespace maxsimd::training {
namespace {

namespace fs = std::filesystem;
using testing_support::write_text;
using ChangedCheckpoint = OutputFolder;

// Of the same size as before: only what is in it tells.
void invert_in_the_middle(const fs::path& file) {
  std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
  const auto middle = static_cast<std::streamoff>(fs::file_size(file) / 2);
  char inverted[8];
  bytes.seekg(middle);
  bytes.read(inverted, sizeof(inverted));
  for (char& byte : inverted) byte = static_cast<char>(~byte);
  bytes.seekp(middle);
  bytes.write(inverted, sizeof(inverted));
}

TEST_F(ChangedCheckpoint, ADamagedCheckpointIsPassedOver) {
  Witness whole;
  run(arguments("b"), whole);
  for (const char* file : {"model.safetensors", "optimizer.safetensors",
                           "1_Dense/model.safetensors", "tokenizer.json", "run.json"}) {
    fs::remove_all(path("a"));
    Witness first(4), second;
    const fs::path newest = run(arguments("a"), first).model_folder;
    invert_in_the_middle(newest / file);
    expect_in(
        refusal<FormatError>(arguments("a", "resume_from_checkpoint: " + newest.string() + "\n")),
        newest.string() + ": " + file + " is damaged");
    run(arguments("a", kResume), second);
    expect_in(second.notes, newest.string() + " is passed over: " + file + " is damaged");
    expect_in(second.notes, "resumed from " + path("a/checkpoint-3").string());
    EXPECT_EQ(weights_of(path("a/final")), weights_of(path("b/final"))) << file;
  }
}

TEST_F(ChangedCheckpoint, ADamagedBestModelIsNotTheResult) {
  const std::string best = "eval_dataset: " + path("more.jsonl").string() +
                           "\neval_strategy: steps\neval_steps: 1\nload_best_model_at_end: true\n"
                           "max_steps: 6\nlearning_rate: 0.5\n";
  Witness first(4), second;
  run(arguments("a", best), first);
  const auto state = nlohmann::json::parse(read_file(path("a/checkpoint-4/trainer_state.json")));
  const std::string step = state.at("best_global_step").dump();
  ASSERT_NE(step, "4");
  invert_in_the_middle(path("a/checkpoint-" + step) / "model.safetensors");
  run(arguments("a", best + kResume), second);
  expect_in(second.notes, "is not there, or not whole: it is forgotten");
}

TEST_F(ChangedCheckpoint, ItsListOfFilesStaysInTheFolder) {
  Witness first(2), second;
  const fs::path folder = run(arguments("a"), first).model_folder, file = folder / kStateName;
  const auto whole = nlohmann::json::parse(read_file(file));
  const std::string files = file.string() + ": field 'files'",
                    checksums = file.string() + ": field 'checksums'";
  const auto expect_problem = [&](const nlohmann::json& state, const std::string& problem) {
    write_text(file, state.dump());
    const auto found = find_damage(folder);
    ASSERT_TRUE(found.has_value()) << problem;
    expect_in(*found, problem);
  };
  for (const std::string name : {"../../rows.jsonl", "1_Dense/../../x", "/dev/zero", ""}) {
    auto state = whole;
    state["files"][name] = 1;
    expect_problem(state, files + ": expected names of files in the folder, got '" + name + "'");
    state = whole;
    state["checksums"][name] = "1";
    expect_problem(state, checksums + ": expected names of files in the folder, got '" + name);
  }
  for (const nlohmann::json& value : {nlohmann::json("1"), nlohmann::json(-1)}) {
    auto state = whole;
    state["files"]["run.json"] = value;
    expect_problem(state, files + ": 'run.json': expected its bytes, got " + value.dump());
  }
  auto state = whole;
  state["checksums"]["run.json"] = 1;
  expect_problem(state, checksums + ": 'run.json': expected its checksum as text, got 1");
  state["checksums"] = {1, 2};
  expect_problem(state, checksums + ": expected an object {name: its checksum as text}, got array");
  state.erase("files");
  expect_problem(state, files + ": expected an object {name: its bytes}, got nothing");
  expect_problem(nlohmann::json(3), file.string() + ": expected an object, got number");
  write_text(file, whole.dump());
  EXPECT_EQ(find_damage(folder), std::nullopt);
}

TEST_F(ChangedCheckpoint, CheckpointsOfEarlierVersionsAreResumed) {
  Witness whole, first(4), second;
  run(arguments("b"), whole);
  run(arguments("a"), first);
  for (const std::string& name : names_in("a")) {
    const fs::path file = path("a") / name / "trainer_state.json";
    if (!fs::exists(file)) continue;
    auto state = nlohmann::json::parse(read_file(file));
    for (const char* added : {"checksums", "train_checksums", "eval_checksums"}) state.erase(added);
    write_text(file, state.dump());
  }
  run(arguments("a", kResume), second);
  expect_in(second.notes, "resumed from " + path("a/checkpoint-4").string());
  EXPECT_EQ(weights_of(path("a/final")), weights_of(path("b/final")));
}

// Not sorted by their names anywhere on the way into a checkpoint and back.
TEST_F(ChangedCheckpoint, MappingsAreReadBackInTheirOrder) {
  const std::string rows = path("rows.jsonl").string(), more = path("more.jsonl").string();
  const std::string mappings = "train_dataset: {second: " + rows + ", first: " + more +
                               "}\nprompts: {query: 'q: ', positive: 'd: '}\n"
                               "evaluator: {type: distillation, name: mine, file: " +
                               path("scored.jsonl").string() +
                               "}\neval_strategy: steps\neval_steps: 1\n";
  write_text(path("scored.jsonl"), R"({"query": "a", "documents": ["b", "c"], "scores": [1, 0]})");
  Witness first(2), second;
  run(arguments("a", mappings), first);
  run(arguments("a", mappings + kResume), second);
  expect_in(second.notes, "resumed from " + path("a/checkpoint-2").string());
}

std::string with_other_last_word(std::string rows) {
  rows.replace(rows.rfind("b c"), 3, "b d");
  return rows;
}

TEST_F(ChangedCheckpoint, RowsThatSayOtherThingsAreAnotherRun) {
  Witness first(2), second;
  run(arguments("a"), first);
  const std::string rows = read_file(path("rows.jsonl"));
  std::string swapped = rows.substr(rows.find('\n') + 1);
  swapped += rows.substr(0, rows.find('\n') + 1);
  for (const std::string& other : {with_other_last_word(rows), swapped}) {
    write_text(path("rows.jsonl"), other);
    expect_in(refusal<std::invalid_argument>(arguments("a", kResume)),
              "is of another run: the rows of train_dataset say something else");
  }
  write_text(path("rows.jsonl"), "\n" + rows);  // the same rows from other bytes
  run(arguments("a", kResume), second);
  EXPECT_EQ(second.steps.size(), 13U);
}

TEST_F(ChangedCheckpoint, EvaluatedRowsCountOnceTheyHaveBeenEvaluated) {
  const std::string evaluated = "eval_dataset: {dev: " + path("more.jsonl").string() +
                                "}\neval_strategy: steps\neval_steps: 3\n";
  Witness first(2), second(4);
  run(arguments("a", evaluated), first);
  write_text(path("more.jsonl"), with_other_last_word(read_file(path("more.jsonl"))));
  run(arguments("a", evaluated + kResume), second);
  EXPECT_EQ(second.steps.size(), 2U);
  write_rows("more.jsonl", 5);
  expect_in(refusal<std::invalid_argument>(arguments("a", evaluated + kResume)),
            "the rows of eval_dataset 'dev' say something else");
}

TEST_F(ChangedCheckpoint, NumbersThatContradictEachOtherAreNamed) {
  const std::map<std::string,
                 std::map<std::string, std::vector<std::pair<nlohmann::json, std::string>>>>
      changes = {
          {"",
           {{"batch", {{0, "batch: expected 2, as global_step 7 says, got 0"}, {4, "batch: "}}},
            {"epoch", {{0, "epoch: expected 1, as global_step 7 says, got 0"}, {2, "epoch: "}}},
            {"global_step", {{8, "global_step: expected 7, that of the folder, got 8"}}},
            {"samples", {{6, "samples: expected from 7 to 14"}, {15, "samples: "}}},
            {"best_metric", {{0.5, "best_metric: expected"}}},
            {"best_global_step", {{3, "best_metric: expected"}}}}},
          {"gradient_accumulation_steps: 2\nmax_steps: 15\n",
           {{"batch", {{1, "batch: expected 2, as global_step 7 says, got 1"}}},
            {"epoch", {{1, "epoch: expected 2, as global_step 7 says, got 1"}}}}},
          {"batch_sampler: no_duplicates\n",
           {{"batch", {{4, "batch: expected 2, as global_step 7 says, got 4"}}},
            {"epoch", {{0, "epoch: expected 1, as global_step 7 says, got 0"}}}}}};
  for (const auto& [more, fields] : changes) {
    fs::remove_all(path("a"));
    Witness first(7);
    const fs::path file = run(arguments("a", more), first).model_folder / kStateName;
    const auto whole = nlohmann::json::parse(read_file(file));
    for (const auto& [field, values] : fields) {
      for (const auto& [value, message] : values) {
        SCOPED_TRACE(more + field + " " + value.dump());
        auto state = whole;
        state[field] = value;
        write_text(file, state.dump());
        expect_in(refusal<FormatError>(arguments("a", more + kResume)),
                  file.string() + ": " + message);
      }
    }
  }
}

}  // namespace
}  // namespace maxsimd::training
