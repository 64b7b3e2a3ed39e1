// A run goes on wherever its model and its data lie now, and however their paths are spelled: what
// they say counts.
#include "maxsimd/training/output_folder_testing.h"

namespace maxsimd::training {
namespace {

namespace fs = std::filesystem;
using testing_support::write_text;

class ResumePaths : public OutputFolder {
 protected:
  ResumePaths() {
    write_text(path("scored.jsonl"),
               R"({"query": "a", "documents": ["b", "c"], "scores": [1, 0]})");
    write_text(path("beir/corpus.jsonl"), "{\"_id\": \"1\", \"text\": \"the cat\"}\n");
    write_text(path("beir/queries.jsonl"), "{\"_id\": \"q\", \"text\": \"cat\"}\n");
    write_text(path("beir/qrels/test.tsv"), "query-id\tcorpus-id\tscore\nq\t1\t1\n");
    write_text(path("spec.json"), R"({"type": "triplet", "name": "spec", "file": ")" +
                                      path("more.jsonl").string() + "\"}");
  }

  /// Everything that is a path, below `folder`; that of `argument` below another.
  std::string all_paths(const std::string& folder, const std::string& argument = "",
                        const std::string& other = "") const {
    const auto line = [&](const std::string& name, const std::string& before,
                          const std::string& file, const std::string& after = "") {
      return name + ": " + before + (name == argument ? other : folder) + "/" + file + after + "\n";
    };
    return line("model", "", "model") + line("train_dataset", "", "rows.jsonl") +
           line("eval_dataset", "{dev: ", "more.jsonl", "}") +
           line("eval_triplets", "", "more.jsonl") + line("eval_beir", "", "beir") +
           line("eval_distillation", "", "scored.jsonl") +
           line("evaluator", "['triplet:" + path("rows.jsonl").string() + "', ", "spec.json", "]") +
           "eval_strategy: steps\neval_steps: 2\n";
  }

  void copy_all(const std::string& to) const {
    fs::create_directories(path(to));
    for (const char* name :
         {"model", "rows.jsonl", "more.jsonl", "beir", "scored.jsonl", "spec.json"}) {
      fs::copy(path(name), path(to) / name, fs::copy_options::recursive);
    }
  }

  void erase_from_states(const std::string& output, const std::vector<const char*>& fields) const {
    for (const std::string& name : names_in(output)) {
      const fs::path file = path(output) / name / "trainer_state.json";
      if (!fs::exists(file)) continue;
      auto state = nlohmann::ordered_json::parse(read_file(file));
      for (const char* field : fields) state.erase(field);
      write_text(file, state.dump());
    }
  }
};

TEST_F(ResumePaths, OtherSpellingsAndPlacesOfTheSameAreTheSameRun) {
  const std::string here = folder_.path().string();
  copy_all("moved");
  Witness whole;
  run(arguments("whole", all_paths(here)), whole);
  const auto relative = fs::relative(folder_.path(), fs::current_path()).string();
  for (const std::string& other : {here + "/./moved/..", relative, here + "/moved"}) {
    SCOPED_TRACE(other);
    fs::remove_all(path("a"));
    Witness first(4), second;
    run(arguments("a", all_paths(here)), first);
    run(arguments("a", all_paths(other) + kResume), second);
    expect_in(second.notes, "resumed from " + path("a/checkpoint-4").string());
    EXPECT_EQ(second.notes.find("model: the run began from") != std::string::npos,
              other == here + "/moved");
    EXPECT_EQ(weights_of(path("a/final")), weights_of(path("whole/final")));
    EXPECT_EQ(logs_of(path("a")), logs_of(path("whole")));
  }
}

struct Change {
  std::string file, from, to, message;
};

TEST_F(ResumePaths, WhatTheyPointToMustSayTheSame) {
  const std::string here = folder_.path().string();
  Witness first(4);
  run(arguments("a", all_paths(here)), first);
  const Change changes[] = {
      {"rows.jsonl", "b c", "b d", "the rows of train_dataset say something else"},
      {"more.jsonl", "b c", "b d", "the rows of eval_dataset 'dev' say something else"},
      {"beir/corpus.jsonl", "cat", "dog", "what evaluator 2 (pylate"},
      {"beir/qrels/test.tsv", "\t1\n", "\t2\n", "what evaluator 2 (pylate"},
      {"scored.jsonl", "0]", "2]", "what evaluator 3 (pylate"},
      {"model/config.json", "1e-12", "1e-11", "model: its config.json says something else"},
      {"model/1_Dense/config.json", "linear.Identity", "activation.Tanh",
       "model: its 1_Dense/config.json says something else"},
      {"model/tokenizer.json", "\"slow\"", "\"later\"",
       "model: its tokenizer.json says something else"}};
  for (const Change& change : changes) {
    SCOPED_TRACE(change.file);
    fs::remove_all(path("moved"));
    copy_all("moved");
    std::string text = read_file(path("moved") / change.file);
    const size_t at = text.rfind(change.from);
    ASSERT_NE(at, std::string::npos);
    write_text(path("moved") / change.file, text.replace(at, change.from.size(), change.to));
    expect_in(refusal<std::invalid_argument>(arguments("a", all_paths(here + "/moved") + kResume)),
              "is of another run: " + change.message);
  }
}

TEST_F(ResumePaths, NamesAndNumbersOfDataSetsCount) {
  const std::string rows = path("rows.jsonl").string();
  Witness first(2);
  run(arguments("a"), first);
  for (const std::string& other :
       {"{one: " + rows + "}", "{one: " + rows + ", two: " + rows + "}"}) {
    expect_in(
        refusal<std::invalid_argument>(arguments("a", "train_dataset: " + other + "\n" + kResume)),
        "train_dataset was '");
  }
}

// The weights of the model that is given mean nothing any more.
TEST_F(ResumePaths, AnotherModelOfTheSameKindGoesOnWithTheCheckpointsWeights) {
  testing_support::write_tiny_model(path("other"), {.seed = 7});
  Witness whole, first(4), second;
  run(arguments("whole"), whole);
  run(arguments("a"), first);
  run(arguments("a", "model: " + path("other").string() + "\n" + kResume), second);
  expect_in(second.notes, "model: the run began from " + path("model").string());
  EXPECT_EQ(weights_of(path("a/final")), weights_of(path("whole/final")));
}

TEST_F(ResumePaths, TextsOfDistillationMayMove) {
  write_text(path("queries.jsonl"), "{\"query_id\": \"1\", \"text\": \"red cat\"}\n");
  write_text(path("documents.jsonl"),
             "{\"_id\": \"1\", \"text\": \"the cat\"}\n{\"_id\": \"2\", \"text\": \"a dog\"}\n");
  write_text(path("ids.jsonl"),
             R"({"query_id": "1", "document_ids": ["1", "2"], "scores": [1, 0]})");
  const auto texts = [&](const std::string& documents) {
    return "loss: distillation\nn_ways: 2\ntrain_dataset: " + path("ids.jsonl").string() +
           "\nqueries: " + path("queries.jsonl").string() + "\ndocuments: " + documents + "\n";
  };
  Witness first(1), second;
  run(arguments("a", texts(path("documents.jsonl").string())), first);
  const std::string said = read_file(path("documents.jsonl"));
  write_text(path("moved.jsonl"), said);
  fs::remove(path("documents.jsonl"));
  std::string other = said;
  other.replace(other.find("dog"), 3, "cat");
  write_text(path("other.jsonl"), other);
  expect_in(
      refusal<std::invalid_argument>(arguments("a", texts(path("other.jsonl").string()) + kResume)),
      "the rows of train_dataset say something else");
  run(arguments("a", texts(path("moved.jsonl").string()) + kResume), second);
  expect_in(second.notes, "resumed from " + path("a/checkpoint-1").string());
}

TEST_F(ResumePaths, WithoutChecksumsPathsCountByWhereTheyLead) {
  const std::string here = folder_.path().string();
  copy_all("moved");
  Witness first(4), second;
  run(arguments("a", all_paths(here)), first);
  erase_from_states("a", {"checksums", "train_checksums", "eval_checksums", "evaluator_checksums"});
  for (const char* argument : {"train_dataset", "eval_dataset", "eval_triplets", "eval_beir",
                               "eval_distillation", "evaluator"}) {
    expect_in(refusal<std::invalid_argument>(
                  arguments("a", all_paths(here, argument, here + "/moved") + kResume)),
              std::string(argument) + " was ");
  }
  run(arguments("a", all_paths(here + "/moved/..") + kResume), second);
  expect_in(second.notes, "resumed from " + path("a/checkpoint-4").string());
}

}  // namespace
}  // namespace maxsimd::training
