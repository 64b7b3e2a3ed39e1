#include "maxsimd/hyperparameters/hyperparameter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "maxsimd/hyperparameters/docs_page.h"
#include "maxsimd/hyperparameters/golden_testing.h"
#include "maxsimd/hyperparameters/hyperparameter_set.h"
#include "maxsimd/hyperparameters/training_arguments.h"

namespace maxsimd {
namespace {

using Value = HyperparameterValue;
using enum HyperparameterOrigin;
using enum HyperparameterVerdict;
using Names = std::set<std::string>;

Names names_of(const nlohmann::json& object) {
  Names names;
  for (const auto& [name, value] : object.items()) names.insert(name);
  return names;
}

Names minus(const Names& a, const Names& b) {
  Names out;
  std::ranges::set_difference(a, b, std::inserter(out, out.end()));
  return out;
}

Names names_from(std::initializer_list<HyperparameterOrigin> origins) {
  Names names;
  for (const Hyperparameter& row : hyperparameters()) {
    if (std::ranges::find(origins, row.origin) != origins.end()) names.emplace(row.name);
  }
  return names;
}

TEST(HyperparameterTable, HasEveryNameOfTheCardsVersions) {
  Names theirs = names_of(golden_testing::golden("names.json")["4.48.2"]);
  // Deleted by to_dict(), and the older name of eval_strategy.
  ASSERT_EQ(theirs.erase("_n_gpu") + theirs.erase("evaluation_strategy"), 2U);
  EXPECT_EQ(names_from({kTransformers, kSentenceTransformers}), theirs);
  EXPECT_EQ(find_hyperparameter("evaluation_strategy"), find_hyperparameter("eval_strategy"));
}

TEST(HyperparameterTable, HasEveryNameOfTheNewerVersions) {
  const Names theirs = names_of(golden_testing::golden("names.json")["5.3.0"]);
  const Names ours =
      names_from({kTransformers, kSentenceTransformers, kTransformers5, kSentenceTransformers5});
  EXPECT_EQ(minus(theirs, ours), Names());
  const Names older = names_of(golden_testing::golden("names.json")["4.48.2"]);
  EXPECT_EQ(minus(theirs, older), names_from({kTransformers5, kSentenceTransformers5}));
}

// Defaults of the source, but where the constructors of the libraries put another value in their
// place (4.48.2's __post_init__ and sentence-transformers'), which is what a card prints.
TEST(HyperparameterTable, HasTheDefaultsOfTheSource) {
  const std::map<std::string, std::string> replaced = {
      {"output_dir", "trainer_output"},
      {"prediction_loss_only", "True"},
      {"lr_scheduler_kwargs", "{}"},
      {"local_rank", "0"},
      {"debug", "[]"},
      {"disable_tqdm", "False"},
      {"fsdp", "[]"},
      {"ddp_broadcast_buffers", "False"},
      {"optim", "adamw_torch"},
      {"include_for_metrics", "[]"},
      {"batch_sampler", "batch_sampler"},
      {"multi_dataset_batch_sampler", "proportional"}};
  const HyperparameterSet set;
  const auto theirs = golden_testing::golden("names.json");
  for (const auto& [name, text] : theirs["4.48.2"].items()) {
    if (name == "_n_gpu" || name == "evaluation_strategy") continue;
    if (name == "fsdp_config" || name == "accelerator_config") continue;  // see the card
    const auto other = replaced.find(name);
    if (other != replaced.end()) {
      EXPECT_EQ(python_str(set.get(name)), other->second) << name;
    } else {
      EXPECT_EQ(python_repr(set.get(name)), text.get<std::string>()) << name;
    }
  }
}

TEST(HyperparameterTable, HasTheDefaultsOfTheNewerVersionsButForThese) {
  const Names changed = {"optim",
                         "warmup_ratio",
                         "lr_scheduler_kwargs",
                         "report_to",
                         "average_tokens_across_devices",
                         "include_num_input_tokens_seen",
                         "local_rank",  // a card of PyLate 1.6 prints -1
                         "output_dir",  // given
                         "hub_token"};  // masked
  const HyperparameterSet set;
  const auto theirs = golden_testing::golden("names.json");
  for (const auto& [name, text] : theirs["5.3.0"].items()) {
    const bool is_same = python_str(set.get(name)) == text.get<std::string>();
    EXPECT_EQ(is_same, !changed.contains(name)) << name << ": " << text;
  }
}

TEST(HyperparameterTable, SaysWhyOfEveryRow) {
  Names names;
  for (const Hyperparameter& row : hyperparameters()) {
    EXPECT_TRUE(names.emplace(row.name).second) << row.name;
    EXPECT_FALSE(row.note.empty()) << row.name;
    EXPECT_NE(row.types, 0U) << row.name;
    const bool refuses = row.verdict == kRefused || !row.refused_choices.empty();
    EXPECT_TRUE(!refuses || !row.refusal.empty()) << row.name;
    EXPECT_TRUE(row.verdict != kNoEffect || row.refusal.empty()) << row.name;
  }
}

// A default that could not be read would silently be None.
TEST(HyperparameterTable, ReadsItsOwnDefaults) {
  HyperparameterSet set;
  for (const Hyperparameter& row : hyperparameters()) {
    EXPECT_EQ(python_str(set.get(row.name)), row.default_text) << row.name;
    EXPECT_TRUE(set.is_default(row.name));
    EXPECT_FALSE(set.is_set(row.name));
    EXPECT_NO_THROW(set.set(row.name, set.get(row.name))) << row.name;
  }
}

TEST(HyperparameterTable, WhatWorksReachesTheTrainer) {
  std::vector<std::string> read;
  training_arguments(HyperparameterSet(), &read);
  Names works;
  for (const Hyperparameter& row : hyperparameters()) {
    if (row.verdict == kWorks) works.emplace(row.name);
  }
  EXPECT_EQ(Names(read.begin(), read.end()), works);
}

TEST(HyperparameterTable, SuggestsTheNearestNames) {
  const auto first = [](std::string_view name) { return nearest_hyperparameters(name).at(0); };
  EXPECT_EQ(first("learning_rat"), "learning_rate");
  EXPECT_EQ(first("Learning-Rate"), "learning_rate");
  EXPECT_EQ(first("per_device_train_batchsize"), "per_device_train_batch_size");
  EXPECT_EQ(first("lr"), "learning_rate");
  EXPECT_EQ(first("batch_size"), "per_device_train_batch_size");
  EXPECT_EQ(first("epochs"), "num_train_epochs");
  EXPECT_TRUE(nearest_hyperparameters("zzzzzzzzzz").empty());
  EXPECT_TRUE(nearest_hyperparameters("").empty());
  EXPECT_LE(nearest_hyperparameters(std::string(100000, 'a')).size(), 3U);
}

using Lines = std::vector<std::array<std::string, 3>>;  // section, name, value

Lines target_card() {
  std::ifstream file(golden_testing::testdata("target_card.tsv"));
  Lines lines;
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    std::array<std::string, 3> cells;
    for (std::string& cell : cells) std::getline(fields, cell, '\t');
    lines.push_back(cells);
  }
  return lines;
}

// The run of the target card, and what it hides.
HyperparameterSet target_run() {
  HyperparameterSet set;
  set.set("eval_strategy", Value("steps"));
  set.set("per_device_train_batch_size", Value(int64_t{128}));
  set.set("per_device_eval_batch_size", Value(int64_t{128}));
  set.set("learning_rate", Value(3e-6));
  set.set("num_train_epochs", Value(int64_t{1}));
  set.set("warmup_ratio", Value(0.1));
  set.set("seed", Value(int64_t{12}));
  set.set("bf16", Value(true));
  set.set("dataloader_num_workers", Value(int64_t{12}));
  set.set("load_best_model_at_end", Value(true));
  set.set("output_dir", Value("run"));
  set.set("logging_steps", Value(int64_t{200}));
  set.set("run_name", Value("a name"));
  return set;
}

TEST(CardList, IsTheTargetCards) {
  Lines all;
  Lines non_default;
  for (const CardHyperparameter& line : target_run().card_list()) {
    all.push_back({"all", line.name, line.value});
    if (!line.is_default) non_default.push_back({"non_default", line.name, line.value});
  }
  Lines lines = non_default;
  lines.insert(lines.end(), all.begin(), all.end());
  EXPECT_EQ(lines, target_card());
  EXPECT_EQ(all.size(), card_order().size());
}

TEST(CardList, NamesTheRowsThatAreAlwaysListed) {
  Names always;
  for (const Hyperparameter& row : hyperparameters()) {
    if (row.listing == HyperparameterListing::kAlways) always.emplace(row.name);
  }
  EXPECT_EQ(Names(card_order().begin(), card_order().end()), always);
}

TEST(CardList, HasNewerNamesOnlyWhenTheyDiffer) {
  HyperparameterSet set;
  set.set("hub_revision", Value());
  set.set("early_stopping_patience", Value(int64_t{3}));
  set.set("learning_rate_mapping", Value(Value::Map{{"linear", Value(1e-3)}}));
  set.set("train_dataset", Value("t.jsonl"));
  set.set("hub_token", Value("secret"));
  const auto list = set.card_list();
  ASSERT_EQ(list.size(), card_order().size() + 2);
  const CardHyperparameter mapping{"learning_rate_mapping", "{'linear': 0.001}", false};
  const CardHyperparameter patience{"early_stopping_patience", "3", false};
  EXPECT_EQ(list[list.size() - 2], mapping);
  EXPECT_EQ(list.back(), patience);
}

TEST(CardList, KeepsWhatTheLibrariesOverwrite) {
  HyperparameterSet set;
  set.set("prediction_loss_only", Value(false));
  set.set("ddp_broadcast_buffers", Value(true));
  EXPECT_EQ(set.card_list(), HyperparameterSet().card_list());
  EXPECT_EQ(set.notes().size(), 2U);
}

TEST(HyperparametersPage, IsTheFileInDocs) {
  std::ifstream file(MAXSIMD_SOURCE_DIR "/docs/hyperparameters.md");
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(), hyperparameters_page())
      << "run build/release/bin/hyperparameters_page > docs/hyperparameters.md";
}

TEST(HyperparametersPage, HasARowForEveryName) {
  const std::string page = hyperparameters_page();
  for (const Hyperparameter& row : hyperparameters()) {
    EXPECT_NE(page.find("\n| `" + std::string(row.name) + "`"), page.npos) << row.name;
  }
}

}  // namespace
}  // namespace maxsimd
