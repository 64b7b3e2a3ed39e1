// What is said of the data of a run before its first step.
#include "maxsimd/training/dataset_notes.h"

#include "maxsimd/training/run_testing.h"

namespace maxsimd::training {
namespace {

using testing_support::write_text;

class DatasetNotes : public RunTest {
 protected:
  DatasetNotes() {
    write_text(path("pairs.jsonl"), R"({"query": "red cat", "positive": "the cat a"})"
                                    "\n"
                                    R"({"query": "blue dog", "positive": "the dog b"})"
                                    "\n");
    write_text(path("extra.jsonl"),
               R"({"query": "red", "positive": "cat", "negative": "dog", "source": "x"})"
               "\n");
    write_text(path("kd.jsonl"), R"({"query": "red", "documents": ["cat"], "scores": [1]})"
                                 "\n");
  }

  std::string file(const std::string& name) const { return path(name).string(); }

  std::string notes_of(const std::string& more) {
    std::filesystem::remove_all(path("out"));
    Witness witness;
    run(arguments("out", "max_steps: 1\nsave_strategy: 'no'\n" + more), witness);
    return witness.notes;
  }
};

TEST_F(DatasetNotes, EachNamesItsDataSetAndComesOnce) {
  const std::string unused = ": columns not used: source\n";
  const std::string extra = file("extra.jsonl");
  const std::string plain = notes_of("train_dataset: " + extra + "\neval_dataset: " + extra + "\n");
  EXPECT_NE(plain.find("train_dataset" + unused), std::string::npos) << plain;
  EXPECT_NE(plain.find("eval_dataset" + unused), std::string::npos) << plain;
  EXPECT_EQ(plain.find(unused, plain.find("eval_dataset" + unused) + 20), std::string::npos);
  const std::string named = notes_of("train_dataset: {one: " + extra + ", two: " + extra + "}\n");
  EXPECT_NE(named.find("train_dataset 'one'" + unused), std::string::npos) << named;
  EXPECT_NE(named.find("train_dataset 'two'" + unused), std::string::npos) << named;
}

TEST_F(DatasetNotes, ListsOfNoNegativesAreTold) {
  std::string rows;
  for (int i = 0; i < 4; ++i) {
    rows += R"({"query": "red", "positive": "the red cat", "negative": []})"
            "\n";
  }
  write_text(path("empty.jsonl"), rows);
  EXPECT_NE(notes_of("train_dataset: " + file("empty.jsonl") + "\n")
                .find("train_dataset: column 'negative' holds lists without texts"),
            std::string::npos);
}

TEST_F(DatasetNotes, BatchesThatTeachNothingAreTold) {
  const std::string pairs = "train_dataset: " + file("pairs.jsonl") + "\n";
  const std::string single = "per_device_train_batch_size: 1\n";
  EXPECT_NE(notes_of(pairs + single).find("train_dataset: one pair is a batch"), std::string::npos);
  EXPECT_EQ(notes_of(pairs).find("teaches nothing"), std::string::npos);
  EXPECT_EQ(notes_of(single).find("teaches nothing"), std::string::npos);  // it has negatives
  const std::string teacher = "loss: distillation\ntrain_dataset: " + file("kd.jsonl") + "\n";
  EXPECT_NE(notes_of(teacher).find("train_dataset: its rows have one document each"),
            std::string::npos);
}

TEST_F(DatasetNotes, PromptsOfNothingAreRefused) {
  EXPECT_EQ(error_of(arguments("a", "prompts: {nosuch: 'x: '}\n")),
            "prompts: 'nosuch' is no data set and no column that is trained on; the columns are "
            "query, positive, negative");
  const std::string named = "train_dataset: {one: " + file("rows.jsonl") + "}\n";
  EXPECT_EQ(error_of(arguments("b", named + "prompts: {one: {nosuch: 'x: '}}\n")),
            "prompts: 'nosuch' is no column that is trained on; the columns are query, positive, "
            "negative");
  for (const char* good :
       {"prompts: {one: 'x: ', query: 'y: '}\n", "prompts: {one: {query: 'y'}}\n"}) {
    EXPECT_EQ(notes_of(named + good).find("prompts"), std::string::npos) << good;
  }
  const std::string unused = notes_of(
      "prompts: {source: 'x: ', query: 'y: '}\ntrain_dataset: " + file("extra.jsonl") + "\n");
  EXPECT_NE(unused.find("prompts: 'source' has no effect: the column is not trained on"),
            std::string::npos)
      << unused;
}

TEST_F(DatasetNotes, RowsThatFillNoBatchAreCounted) {
  const std::string error =
      error_of(arguments("a", "per_device_train_batch_size: 16\ndataloader_drop_last: true\n"));
  EXPECT_NE(error.find("train_dataset: its 10 rows fill no batch of 16, and dataloader_drop_last"),
            std::string::npos)
      << error;
}

TEST_F(DatasetNotes, WhatTheLossDoesNotReadIsTold) {
  const std::string notes = notes_of("n_ways: 5\nmini_batch_size: 4\n");
  EXPECT_NE(notes.find("n_ways: 5 has no effect: "), std::string::npos) << notes;
  EXPECT_NE(notes.find("mini_batch_size: 4 has no effect: "), std::string::npos) << notes;
}

}  // namespace
}  // namespace maxsimd::training
