#include "maxsimd/hyperparameters/flags.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace maxsimd {
namespace {

using Words = std::vector<std::string>;

std::string printed(const Words& words, std::string_view name) {
  HyperparameterSet set;
  parse_hyperparameter_flags(words, set);
  return python_repr(set.get(name));
}

std::string error_of(const Words& words) {
  HyperparameterSet set;
  try {
    parse_hyperparameter_flags(words, set);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "no error";
}

TEST(Flags, TakeBothSpellings) {
  for (const Words& words : std::vector<Words>{{"--per_device_train_batch_size", "32"},
                                               {"--per-device-train-batch-size", "32"},
                                               {"--per_device_train_batch_size=32"},
                                               {"--per-device-train-batch-size=32"}}) {
    EXPECT_EQ(printed(words, "per_device_train_batch_size"), "32");
  }
  EXPECT_EQ(printed({"--max_steps", "-1", "--learning_rate", "3e-6"}, "learning_rate"), "3e-06");
  EXPECT_EQ(printed({"--seed", "1", "--seed", "2"}, "seed"), "2");
}

TEST(Flags, OfBoolsStandAlone) {
  EXPECT_EQ(printed({"--bf16"}, "bf16"), "True");
  EXPECT_EQ(printed({"--bf16", "--seed", "3"}, "seed"), "3");
  EXPECT_EQ(printed({"--bf16", "false"}, "bf16"), "False");
  EXPECT_EQ(printed({"--no_dataloader_pin_memory"}, "dataloader_pin_memory"), "False");
  EXPECT_EQ(printed({"--no-dataloader-pin-memory"}, "dataloader_pin_memory"), "False");
  EXPECT_EQ(printed({"--no_cuda"}, "no_cuda"), "True");
  EXPECT_EQ(printed({"--resume_from_checkpoint"}, "resume_from_checkpoint"), "True");
  EXPECT_EQ(printed({"--resume_from_checkpoint", "run/checkpoint-5"}, "resume_from_checkpoint"),
            "'run/checkpoint-5'");
}

TEST(Flags, TakeListsAndMappings) {
  EXPECT_EQ(printed({"--columns", "q", "a", "n", "--bf16"}, "columns"), "['q', 'a', 'n']");
  EXPECT_EQ(printed({"--columns", "[q, 'a']"}, "columns"), "['q', 'a']");
  EXPECT_EQ(printed({"--train_dataset", "a.jsonl"}, "train_dataset"), "'a.jsonl'");
  EXPECT_EQ(printed({"--train_dataset", "a.jsonl", "b.jsonl"}, "train_dataset"),
            "['a.jsonl', 'b.jsonl']");
  EXPECT_EQ(printed({"--train_dataset", "{x: a.jsonl}"}, "train_dataset"), "{'x': 'a.jsonl'}");
  for (const std::string text : {R"({"num_cycles": 2})", "{'num_cycles': 2}", "{num_cycles: 2}"}) {
    EXPECT_EQ(printed({"--lr_scheduler_kwargs", text}, "lr_scheduler_kwargs"), "{'num_cycles': 2}");
  }
  EXPECT_EQ(printed({"--output_dir=--odd"}, "output_dir"), "'--odd'");
  EXPECT_EQ(printed({"--query_prefix", ""}, "query_prefix"), "''");
  EXPECT_EQ(printed({"--query_prefix", "[Q] "}, "query_prefix"), "'[Q] '");
}

TEST(Flags, OfEvaluatorsAddUp) {
  EXPECT_EQ(printed({"--evaluator", "triplet:a", "--seed", "1", "--evaluator", "b.json", "ir:c",
                     "--evaluator={'type': 'ir', 'folder': 'd', 'ndcg_at_k': [10]}"},
                    "evaluator"),
            "['triplet:a', 'b.json', 'ir:c', {'type': 'ir', 'folder': 'd', 'ndcg_at_k': [10]}]");
  HyperparameterSet set;  // what another source gave is overruled
  set.set("evaluator", HyperparameterValue("triplet:x"));
  parse_hyperparameter_flags(Words{"--evaluator", R"([triplet:a, {"type": "ir"}])"}, set);
  EXPECT_EQ(python_repr(set.get("evaluator")), "['triplet:a', {'type': 'ir'}]");
  const std::string cut = error_of({"--evaluator", R"({"type":"triplet","file")"});
  EXPECT_NE(cut.find("--evaluator: not valid JSON: "), std::string::npos) << cut;
  EXPECT_NE(cut.find("unexpected end of input"), std::string::npos) << cut;
  EXPECT_NE(error_of({"--evaluator", "[1]"}).find("a list of texts and mappings"),
            std::string::npos);
  EXPECT_NE(error_of({"--columns", "[a, {b: c}]"}).find("expected"), std::string::npos);
}

TEST(Flags, SayWhatIsWrong) {
  EXPECT_EQ(error_of({"--learning_rat", "1"}),
            "--learning_rat: 'learning_rat' is no hyperparameter; did you mean learning_rate?");
  EXPECT_EQ(error_of({"train.jsonl"}), "expected a flag (--NAME), got 'train.jsonl'");
  EXPECT_EQ(error_of({"--seed"}), "--seed: expected a value after it");
  EXPECT_EQ(error_of({"--seed", "--bf16"}), "--seed: expected a value after it");
  EXPECT_EQ(error_of({"--seed", "1", "2"}), "expected a flag (--NAME), got '2'");
  EXPECT_EQ(error_of({"--no_seed"}), "--no_seed: expected a flag that is True or False, alone");
  EXPECT_EQ(error_of({"--optim", "sgd"}),
            "--optim: 'sgd' is refused: AdamW is the only optimizer; use adamw_torch");
  EXPECT_NE(error_of({"--prompts", "{a: [}"}).find("not valid YAML"), std::string::npos);
  EXPECT_EQ(error_of({"--lr_scheduler_kwargs", "{a"}),
            "--lr_scheduler_kwargs: expected a mapping that ends with '}', got '{a'");
  EXPECT_EQ(error_of({"--columns", "[a, b"}),
            "--columns: expected a list that ends with ']', got '[a, b'");
  EXPECT_EQ(error_of({"--"}), "expected a flag (--NAME), got '--'");
}

}  // namespace
}  // namespace maxsimd
