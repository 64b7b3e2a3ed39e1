#include "maxsimd/hyperparameters/config_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "maxsimd/base/errors.h"
#include "maxsimd/hyperparameters/docs_page.h"
#include "maxsimd/hyperparameters/training_arguments.h"

namespace maxsimd {
namespace {

using Value = HyperparameterValue;
using enum ConfigFormat;

HyperparameterSet parsed(std::string_view text, ConfigFormat format = kYaml) {
  HyperparameterSet set;
  parse_hyperparameters(text, format, format == kYaml ? "run.yaml" : "run.json", set);
  return set;
}

std::string printed(std::string_view text, std::string_view name, ConfigFormat format = kYaml) {
  return python_repr(parsed(text, format).get(name));
}

std::string error_of(std::string_view text, ConfigFormat format = kYaml) {
  try {
    parsed(text, format);
  } catch (const FormatError& error) {
    return error.what();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "no error";
}

TEST(ConfigFile, AWrongNameOrValueIsTheSameErrorAsAFlags) {
  for (const char* text : {"learning_rat: 1", "bf16: maybe", "fp16: true", "max_steps: 0",
                           "columns: [query]", "eval_strategy: no\nevaluation_strategy: no",
                           "lr_scheduler_kwargs: 3", "nproc_per_node: 2"}) {
    EXPECT_THROW(parsed(text), std::invalid_argument) << text;
  }
  EXPECT_THROW(parsed("{\"learning_rat\": 1}", kJson), std::invalid_argument);
  for (const char* text :
       {"seed: [1", "- a", "seed: 1\nseed: 2", "seed: !!int 3", "run_name: \xFF"}) {
    EXPECT_THROW(parsed(text), FormatError) << text;
  }
  EXPECT_THROW(parsed("{\"seed\": 1,}", kJson), FormatError);
}

TEST(ConfigFile, WhatIsAFlagAloneIsSaidToBeOne) {
  EXPECT_EQ(error_of("seed: 1\nnproc_per_node: 2"),
            "run.yaml:2: 'nproc_per_node' is no hyperparameter but a flag: give it to 'maxsimd "
            "train' on the command line");
}

TEST(ConfigFile, ReadsWordsByTheTypeThatIsWanted) {
  EXPECT_EQ(printed("eval_strategy: no", "eval_strategy"), "'no'");
  EXPECT_EQ(printed("learning_rate: 3e-6", "learning_rate"), "3e-06");
  EXPECT_EQ(printed("learning_rate: +1.E-5", "learning_rate"), "1e-05");
  EXPECT_EQ(printed("num_train_epochs: 1", "num_train_epochs"), "1");
  EXPECT_EQ(printed("num_train_epochs: 1.0", "num_train_epochs"), "1.0");
  for (const std::string word : {"true", "True", "TRUE", "yes", "on", "1"}) {
    EXPECT_EQ(printed("bf16: " + word, "bf16"), "True") << word;
  }
  for (const std::string word : {"false", "False", "no", "off", "0"}) {
    EXPECT_EQ(printed("dataloader_pin_memory: " + word, "dataloader_pin_memory"), "False") << word;
  }
  for (const std::string word : {"", "~", "null", "None", "none", "NONE"}) {
    EXPECT_EQ(printed("data_seed: " + word, "data_seed"), "None") << word;
  }
  EXPECT_EQ(printed("columns: none", "columns"), "None");
  EXPECT_EQ(printed("model_name: none", "model_name"), "'none'");  // a text
  EXPECT_EQ(printed("run_name: 2024", "run_name"), "'2024'");
  EXPECT_EQ(printed("run_name: no", "run_name"), "'no'");
  EXPECT_EQ(printed("report_to: none", "report_to"), "'none'");
  EXPECT_EQ(printed("resume_from_checkpoint: true", "resume_from_checkpoint"), "True");
  EXPECT_EQ(printed("resume_from_checkpoint: run/checkpoint-3", "resume_from_checkpoint"),
            "'run/checkpoint-3'");
  EXPECT_EQ(printed("include_num_input_tokens_seen: 'no'", "include_num_input_tokens_seen"),
            "'no'");
}

TEST(ConfigFile, ReadsListsAndMappings) {
  EXPECT_EQ(printed("label_names: [a, b]", "label_names"), "['a', 'b']");
  EXPECT_EQ(printed("label_names: a", "label_names"), "['a']");
  EXPECT_EQ(printed("train_dataset:\n  first: a.jsonl\n  second:\n  - b\n  - c\n", "train_dataset"),
            "{'first': 'a.jsonl', 'second': ['b', 'c']}");
  EXPECT_EQ(printed("lr_scheduler_kwargs: {num_cycles: 2, x: [1.5, True, None, null]}",
                    "lr_scheduler_kwargs"),
            "{'num_cycles': 2, 'x': [1.5, True, None, None]}");
  EXPECT_EQ(printed("prompts:\n  query: 'search: '\n", "prompts"), "{'query': 'search: '}");
}

TEST(ConfigFile, ReadsJson) {
  const std::string text =
      "{\"learning_rate\": 3e-6, \"bf16\": true,\n \"data_seed\": null, \"seed\": 12,\n"
      " \"lr_scheduler_kwargs\": {\"num_cycles\": 2, \"a\": [1.0]},\n \"run_name\": "
      "\"\\u00e9\\ud83d\\ude00\"}";
  EXPECT_EQ(printed(text, "learning_rate", kJson), "3e-06");
  EXPECT_EQ(printed(text, "bf16", kJson), "True");
  EXPECT_EQ(printed(text, "data_seed", kJson), "None");
  EXPECT_EQ(printed(text, "lr_scheduler_kwargs", kJson), "{'num_cycles': 2, 'a': [1.0]}");
  EXPECT_EQ(printed(text, "run_name", kJson), "'é😀'");
  EXPECT_EQ(parsed("{}", kJson).to_json(), "{}\n");
}

TEST(ConfigFile, TakesAFileWithoutValues) {
  for (const std::string text : {"", "\n", "# nothing\n", "---\n", "{}", "\xEF\xBB\xBF"}) {
    EXPECT_EQ(parsed(text).to_json(), "{}\n") << text;
  }
}

TEST(ConfigFile, SaysFileAndLine) {
  EXPECT_EQ(error_of("seed: 1\n\nlearning_rat: 1\n"),
            "run.yaml:3: 'learning_rat' is no hyperparameter; did you mean learning_rate?");
  EXPECT_EQ(error_of("{\"seed\": 1,\n\n\"learning_rat\": 1}", kJson),
            "run.json:3: 'learning_rat' is no hyperparameter; did you mean learning_rate?");
  EXPECT_EQ(error_of("seed: 1\nbf16: maybe\n"),
            "run.yaml:2: bf16: expected True or False, got 'maybe'");
  EXPECT_EQ(error_of("per_device_train_batch_size: 0"),
            "run.yaml:1: per_device_train_batch_size: expected an integer (at least 1), got 0");
  EXPECT_EQ(error_of("per-device-train-batch-size: 2.5"),
            "run.yaml:1: per_device_train_batch_size: expected an integer (at least 1), got '2.5'");
  EXPECT_EQ(
      error_of("learning_rate: \"3e-6\""),
      "run.yaml:1: learning_rate: expected a number (at least 0), got '3e-6' (a text: write it "
      "without quotes)");
  EXPECT_EQ(error_of("seed: 1\nbf16: true\nseed: 2"), "run.yaml:3: 'seed' is given twice");
  EXPECT_EQ(error_of("eval_strategy: no\nevaluation_strategy: no"),
            "run.yaml:2: eval_strategy: given twice");
  EXPECT_EQ(error_of("eval_strategy: false", kYaml),
            "run.yaml:1: eval_strategy: expected no, steps or epoch, got 'false'");
  EXPECT_EQ(error_of("- a\n- b"),
            "run.yaml:1: expected a mapping of names to values, got ['a', 'b']");
  EXPECT_EQ(error_of("words"), "run.yaml:1: expected a mapping of names to values, got 'words'");
  EXPECT_EQ(error_of("seed: 1\n---\nseed: 2"), "run.yaml:2: expected one YAML document, got more");
}

TEST(ConfigFile, RefusesWithAReasonAndARemedy) {
  EXPECT_EQ(
      error_of("optim: adafactor"),
      "run.yaml:1: optim: 'adafactor' is refused: AdamW is the only optimizer; use adamw_torch");
  EXPECT_EQ(
      error_of("fp16: true"),
      "run.yaml:1: fp16: True is refused: gradients of float16 need loss scaling, which is not "
      "implemented; use bf16: true");
  EXPECT_NE(error_of("deepspeed: ds.json").find("torchrun"), std::string::npos);
  EXPECT_NE(error_of("fsdp: full_shard").find("torchrun"), std::string::npos);
  EXPECT_NE(error_of("push_to_hub: true").find("hf upload"), std::string::npos);
  EXPECT_NE(error_of("batch_sampler: group_by_label").find("is refused"), std::string::npos);
  EXPECT_NE(error_of("save_safetensors: false").find("leave it True"), std::string::npos);
  for (const std::string member : {"split_batches: true", "even_batches: false"}) {
    EXPECT_NE(error_of("accelerator_config: {" + member + "}").find("is refused"),
              std::string::npos);
  }
  EXPECT_EQ(
      error_of("fsdp: ''\nfsdp_config: {xla: true}\ndeepspeed: null\nfp16: false\n"
               "save_safetensors: true\npush_to_hub: no\nrouter_mapping: {}\noptim: "
               "adamw_torch_fused\nmp_parameters: ''\naccelerator_config: {even_batches: true}"),
      "no error");
  EXPECT_NE(error_of("optim: adamw").find("expected adamw_torch or adamw_torch_fused"),
            std::string::npos);
}

TEST(ConfigFile, RefusesWhatYamlCanDoToAReader) {
  EXPECT_NE(error_of("prompts: &a {x: y}\ncolumns: *a").find("anchors"), std::string::npos);
  EXPECT_NE(error_of("seed: !!int 3").find("tags"), std::string::npos);
  EXPECT_NE(error_of("? [a, b]\n: c").find("expected a name"), std::string::npos);
  const auto deep = [](size_t levels) {
    return "lr_scheduler_kwargs: {a: " + std::string(levels, '[') + std::string(levels, ']') + "}";
  };
  EXPECT_EQ(error_of(deep(10)), "no error");
  EXPECT_NE(error_of(deep(20)).find("nested deeper than 16"), std::string::npos);
  EXPECT_NE(error_of(deep(100'000)).find("nested deeper than 16"), std::string::npos);
  EXPECT_NE(error_of("{\"a\":" + std::string(100'000, '['), kJson).find("nested deeper than 16"),
            std::string::npos);
  EXPECT_NE(error_of(std::string((1 << 20) + 1, ' ')).find("the limit is 1048576"),
            std::string::npos);
  std::string many = "label_names: [";
  for (int i = 0; i < 25'000; ++i) many += "a,";
  EXPECT_NE(error_of(many + "]").find("more than 20000 values"), std::string::npos);
  EXPECT_NE(error_of("run_name: \xFF").find("not UTF-8"), std::string::npos);
  EXPECT_NE(error_of(std::string("W\0\0\0seed: 1", 11)).find("NUL"), std::string::npos);  // UTF-32
  EXPECT_NE(error_of("seed: \"\\\u00e9\"").find("unknown escape"), std::string::npos);
  EXPECT_NE(error_of("seed: [1").find("not valid YAML"), std::string::npos);
}

TEST(ConfigFile, RefusesMalformedJson) {
  EXPECT_TRUE(
      error_of("{\"seed\": 1,\n}", kJson).starts_with("run.json:2: not valid JSON at byte "));
  EXPECT_TRUE(error_of("{\"seed\": 1} x", kJson).starts_with("run.json:1: not valid JSON"));
  EXPECT_TRUE(error_of(std::string_view("{\"seed\": 1}\0 x", 13), kJson).find("NUL") !=
              std::string::npos);
  EXPECT_TRUE(error_of("{\"seed\": 1e999}", kJson).starts_with("run.json:1: not valid JSON"));
  EXPECT_TRUE(error_of("{\"seed\": 18446744073709551615}", kJson).find("too large") !=
              std::string::npos);
  EXPECT_EQ(error_of("{\"seed\": \"\xFF\"}", kJson), "run.json:1: not UTF-8: byte 10");
  EXPECT_EQ(
      error_of("{\"seed\": \"1\"}", kJson),
      "run.json:1: seed: expected an integer (at least 0, at most 4294967295), got '1' (a text: "
      "write it without quotes)");
  EXPECT_EQ(error_of("{\"seed\": 1, \"seed\": 2}", kJson), "run.json:1: 'seed' is given twice");
}

TEST(ConfigFile, KeepsNumbersWithinTheirBounds) {
  EXPECT_NE(error_of("adam_beta1: 1.0").find("at least 0, below 1"), std::string::npos);
  EXPECT_NE(error_of("learning_rate: -1e-5").find("at least 0"), std::string::npos);
  EXPECT_NE(error_of("learning_rate: .inf").find("expected a number"), std::string::npos);
  EXPECT_NE(error_of("learning_rate: nan").find("expected a number"), std::string::npos);
  EXPECT_NE(error_of("learning_rate: 0x10").find("expected a number"), std::string::npos);
  EXPECT_NE(error_of("seed: 99999999999999999999").find("expected an integer"), std::string::npos);
  EXPECT_NE(error_of("max_steps: 0").find("got 0"), std::string::npos);
  EXPECT_NE(error_of("eval_steps: 1.5").find("a whole number of steps"), std::string::npos);
  EXPECT_NE(error_of("warmup_ratio: 1.5").find("at most 1"), std::string::npos);
  EXPECT_EQ(error_of("max_steps: -1\neval_steps: 0.25\nwarmup_steps: 0.1\nsave_steps: 2e3"),
            "no error");
}

TEST(ConfigFile, ChecksTheFormsOfMappings) {
  EXPECT_NE(error_of("train_dataset: {}").find("at least one data set"), std::string::npos);
  EXPECT_NE(error_of("train_dataset: {a: 3}").find("a file or a list of files"), std::string::npos);
  EXPECT_NE(error_of("columns: [query]").find("at least a query and a document"),
            std::string::npos);
  EXPECT_NE(error_of("columns: [query, query]").find("twice"), std::string::npos);
  EXPECT_NE(error_of("prompts: {a: 3}").find("expected a text"), std::string::npos);
  EXPECT_NE(error_of("prompts: {a: x, b: {c: y}}").find("got both"), std::string::npos);
  EXPECT_NE(error_of("learning_rate_mapping: {a: -1}").find("a learning rate"), std::string::npos);
  EXPECT_NE(error_of("accelerator_config: {x: 1}").find("no such member"), std::string::npos);
  EXPECT_NE(error_of("label_names: [1]").find("a list of texts"), std::string::npos);
}

TEST(ConfigFile, APatternOfLearningRateMappingThatIsNoExpressionIsNamed) {
  const std::string error = error_of("learning_rate_mapping: {Dense: 1e-3, '[': 1e-3}");
  EXPECT_NE(error.find("learning_rate_mapping: expected a regular expression"), std::string::npos)
      << error;
  EXPECT_NE(error.find("got '['"), std::string::npos) << error;
  EXPECT_EQ(error_of("learning_rate_mapping: {'^layer\\.[0-9]+\\.': 1e-3}"), "no error");
}

TEST(ConfigFile, SaysWhatHasNoEffect) {
  const auto notes =
      parsed("group_by_length: true\nreport_to: wandb\nlog_level: passive\nhub_token: secret")
          .notes();
  ASSERT_EQ(notes.size(), 3U);
  EXPECT_TRUE(notes[0].starts_with("report_to: wandb has no effect: ")) << notes[0];
  EXPECT_TRUE(notes[1].starts_with("group_by_length: True has no effect: ")) << notes[1];
  EXPECT_TRUE(notes[2].starts_with("hub_token: (not shown) has no effect: ")) << notes[2];
  EXPECT_TRUE(parsed("report_to: none\ngroup_by_length: false").notes().empty());
}

TEST(ConfigFile, ReadsBackItsRecordOfARun) {
  const HyperparameterSet set =
      parsed(std::string(example_config()) +
             "prompts: {query: \"q: \\n\"}\nlr_scheduler_kwargs: {}\ndata_seed: null\n"
             "prediction_loss_only: false\nhub_token: secret\ncolumns: [query, answer]\n");
  const std::string record = set.to_json();
  EXPECT_EQ(record.find("secret"), record.npos);
  const HyperparameterSet again = parsed(record, kJson);
  EXPECT_EQ(again.to_json(), record);
  for (const Hyperparameter& row : hyperparameters()) {
    EXPECT_EQ(python_repr(again.get(row.name)), python_repr(set.get(row.name))) << row.name;
    EXPECT_EQ(again.is_set(row.name), set.is_set(row.name) && !row.is_secret) << row.name;
  }
  EXPECT_EQ(again.card_list(), set.card_list());
}

TEST(ConfigFile, OfTheDocsCanTrain) {
  const TrainingArguments arguments = training_arguments(parsed(example_config()));
  check_can_train(arguments);
  EXPECT_EQ(arguments.saving.metric_for_best_model, "accuracy");
  EXPECT_TRUE(arguments.saving.greater_is_better);
  EXPECT_EQ(arguments.optimizer.learning_rate, 3e-6);
}

TEST(ConfigFile, IsKnownByItsEnding) {
  const auto folder = std::filesystem::temp_directory_path() / "maxsimd_config_file_test";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "a.yml") << "seed: 7\n";
  std::ofstream(folder / "b.json") << "{\"seed\": 8}";
  HyperparameterSet set;
  read_hyperparameters(folder / "a.yml", set);
  EXPECT_EQ(python_str(set.get("seed")), "7");
  read_hyperparameters(folder / "b.json", set);
  EXPECT_EQ(python_str(set.get("seed")), "8");
  EXPECT_THROW(read_hyperparameters(folder / "c.toml", set), std::invalid_argument);
  EXPECT_THROW(read_hyperparameters(folder / "missing.yaml", set), IoError);
  std::filesystem::remove_all(folder);
}

TEST(HyperparameterSet, TakesValuesOfCode) {
  HyperparameterSet set;
  set.set("per-device-train-batch-size", Value(int64_t{4}));
  EXPECT_EQ(training_arguments(set).per_device_train_batch_size, 4);
  EXPECT_THROW(set.set("nothing", Value()), std::invalid_argument);
  EXPECT_THROW(set.set("seed", Value(1.5)), std::invalid_argument);
  EXPECT_THROW(set.set("bf16", Value(int64_t{1})), std::invalid_argument);
  EXPECT_THROW(set.set("learning_rate", Value(std::numeric_limits<double>::quiet_NaN())),
               std::invalid_argument);
}

}  // namespace
}  // namespace maxsimd
