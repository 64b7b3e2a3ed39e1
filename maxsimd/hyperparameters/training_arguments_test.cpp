#include "maxsimd/hyperparameters/training_arguments.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "maxsimd/base/errors.h"
#include "maxsimd/hyperparameters/config_file.h"

namespace maxsimd {
namespace {

using Value = HyperparameterValue;

TrainingArguments arguments_of(std::string_view yaml) {
  HyperparameterSet set;
  parse_hyperparameters(yaml, ConfigFormat::kYaml, "run.yaml", set);
  return training_arguments(set);
}

std::string error_of(std::string_view yaml) {
  try {
    check_can_train(arguments_of("model: m\ntrain_dataset: t\n" + std::string(yaml)));
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "no error";
}

// The defaults of the structs are those of the table.
TEST(TrainingArguments, DefaultsAreTheTables) {
  const TrainingArguments plain;
  const TrainingArguments read = training_arguments(HyperparameterSet());
  EXPECT_EQ(read.per_device_train_batch_size, plain.per_device_train_batch_size);
  EXPECT_EQ(read.per_device_eval_batch_size, plain.per_device_eval_batch_size);
  EXPECT_EQ(read.length.num_train_epochs, plain.length.num_train_epochs);
  EXPECT_EQ(read.length.max_steps, plain.length.max_steps);
  EXPECT_EQ(read.optimizer.learning_rate, plain.optimizer.learning_rate);
  EXPECT_EQ(read.optimizer.adam_beta1, plain.optimizer.adam_beta1);
  EXPECT_EQ(read.optimizer.adam_beta2, plain.optimizer.adam_beta2);
  EXPECT_EQ(read.optimizer.adam_epsilon, plain.optimizer.adam_epsilon);
  EXPECT_EQ(read.optimizer.max_grad_norm, plain.optimizer.max_grad_norm);
  EXPECT_EQ(read.optimizer.optim, plain.optimizer.optim);
  EXPECT_EQ(read.loss.loss, plain.loss.loss);
  EXPECT_EQ(read.loss.temperature, plain.loss.temperature);
  EXPECT_EQ(read.loss.mini_batch_size, plain.loss.mini_batch_size);
  EXPECT_EQ(read.loss.size_average, plain.loss.size_average);
  EXPECT_EQ(read.loss.normalize_scores, plain.loss.normalize_scores);
  EXPECT_EQ(read.evaluation.eval_strategy, plain.evaluation.eval_strategy);
  EXPECT_EQ(read.evaluation.eval_steps, plain.evaluation.eval_steps);
  EXPECT_EQ(read.saving.output_dir, plain.saving.output_dir);
  EXPECT_EQ(read.saving.save_strategy, plain.saving.save_strategy);
  EXPECT_EQ(read.saving.save_steps, plain.saving.save_steps);
  EXPECT_EQ(read.saving.save_total_limit, plain.saving.save_total_limit);
  EXPECT_EQ(read.saving.metric_for_best_model, plain.saving.metric_for_best_model);
  EXPECT_EQ(read.saving.greater_is_better, plain.saving.greater_is_better);
  EXPECT_EQ(read.logging.logging_strategy, plain.logging.logging_strategy);
  EXPECT_EQ(read.logging.logging_steps, plain.logging.logging_steps);
  EXPECT_EQ(read.logging.logging_nan_inf_filter, plain.logging.logging_nan_inf_filter);
  EXPECT_EQ(read.loading.seed, plain.loading.seed);
  EXPECT_EQ(read.loading.batch_sampler, plain.loading.batch_sampler);
  EXPECT_EQ(read.loading.multi_dataset_batch_sampler, plain.loading.multi_dataset_batch_sampler);
  EXPECT_EQ(read.devices.device, plain.devices.device);
  EXPECT_EQ(read.data.n_ways, plain.data.n_ways);
}

TEST(TrainingArguments, EvaluatorsAreLinesAndJson) {
  const auto specs = [](std::string_view yaml) { return arguments_of(yaml).evaluation.evaluators; };
  using Specs = std::vector<std::string>;
  EXPECT_EQ(specs("seed: 1\n"), Specs{});
  EXPECT_EQ(specs("evaluator: triplet:dev.jsonl\n"), Specs{"triplet:dev.jsonl"});
  EXPECT_EQ(specs("evaluator:\n- spec.json\n- {type: ir, folder: f, ndcg_at_k: [10, 100]}\n"),
            (Specs{"spec.json", R"({"type":"ir","folder":"f","ndcg_at_k":[10,100]})"}));
  EXPECT_EQ(specs("evaluator: {type: ir, folder: f}\n"), Specs{R"({"type":"ir","folder":"f"})"});
}

TEST(TrainingArguments, WhatTheCardIsTold) {
  const CardArguments card =
      arguments_of("language: no\nlicense: mit\nmodel_name: A\nhub_model_id: b/c\n").card;
  EXPECT_EQ(card.language, std::vector<std::string>{"no"});
  EXPECT_EQ(card.license, "mit");
  EXPECT_EQ(card.model_name, "A");
  EXPECT_EQ(card.hub_model_id, "b/c");
  EXPECT_EQ(arguments_of("language: [en, de]\n").card.language,
            (std::vector<std::string>{"en", "de"}));
  HyperparameterSet set;
  EXPECT_THROW(set.set("license", Value("a\nb")), std::invalid_argument);
  EXPECT_THROW(set.set("language", Value(Value::List{Value("en"), Value("d\x7f")})),
               std::invalid_argument);
}

TEST(TrainingArguments, AreTyped) {
  const TrainingArguments a = arguments_of(
      "train_dataset: {one: a, two: [b, c]}\ncolumns: {one: [q, d], two: [q, d, n]}\n"
      "eval_dataset: [d, e]\nloss: cached_contrastive\nmasking: exact\nmax_grad_norm: null\n"
      "learning_rate_mapping: {bias: 0.001, 'linear\\.': 2}\nbatch_sampler: no_duplicates_hashed\n"
      "multi_dataset_batch_sampler: round_robin\nsave_total_limit: 0\nuse_cpu: true\n"
      "resume_from_checkpoint: true\nsave_strategy: epoch\nlogging_strategy: "
      "no\n"
      "lr_scheduler_type: cosine\nmax_steps: 7\nseed: 4294967295\n");
  const std::vector<DatasetFiles> train = {{"one", {"a"}}, {"two", {"b", "c"}}};
  const std::vector<DatasetFiles> eval = {{"", {"d", "e"}}};
  const std::vector<DatasetColumns> columns = {{"one", {"q", "d"}}, {"two", {"q", "d", "n"}}};
  EXPECT_EQ(a.data.train_dataset, train);
  EXPECT_EQ(a.data.eval_dataset, eval);
  EXPECT_EQ(a.data.columns, columns);
  EXPECT_EQ(a.loss.loss, LossKind::kCachedContrastive);
  EXPECT_TRUE(a.loss.exact_masking);
  EXPECT_EQ(a.optimizer.max_grad_norm, 0);
  ASSERT_EQ(a.optimizer.learning_rate_mapping.size(), 2U);
  EXPECT_EQ(a.optimizer.learning_rate_mapping[1], std::pair(std::string("linear\\."), 2.0));
  EXPECT_EQ(a.loading.batch_sampler, BatchSampler::kNoDuplicates);
  EXPECT_EQ(a.loading.multi_dataset_batch_sampler, MultiDatasetBatchSampler::kRoundRobin);
  EXPECT_EQ(a.saving.save_total_limit, std::nullopt);
  EXPECT_EQ(a.devices.device, DeviceKind::kCpu);
  EXPECT_TRUE(a.saving.resume_from_last);
  EXPECT_EQ(a.saving.resume_from_checkpoint, "");
  EXPECT_EQ(a.saving.save_strategy, RunStrategy::kEpoch);
  EXPECT_EQ(a.logging.logging_strategy, RunStrategy::kNo);
  EXPECT_EQ(a.schedule.lr_scheduler_type, SchedulerType::kCosine);
  EXPECT_EQ(a.length.max_steps, 7);
  EXPECT_EQ(a.loading.seed, 4294967295U);
}

TEST(TrainingArguments, Devices) {
  EXPECT_EQ(arguments_of("device: cuda\ntf32: true").devices.device, DeviceKind::kCuda);
  EXPECT_TRUE(arguments_of("device: cuda\ntf32: true").precision.tf32);
  EXPECT_EQ(arguments_of("device: auto\nno_cuda: true").devices.device, DeviceKind::kCpu);
  EXPECT_EQ(arguments_of("device: cpu\nuse_cpu: true").devices.device, DeviceKind::kCpu);
  EXPECT_EQ(arguments_of("ddp_backend: nccl").devices.ddp_backend, "nccl");
  EXPECT_THROW(arguments_of("device: cuda\nuse_cpu: true"), std::invalid_argument);
  EXPECT_THROW(arguments_of("hub_model_id: not an id"), std::invalid_argument);
}

TEST(TrainingArguments, DeriveWhatTransformersDerives) {
  EXPECT_EQ(arguments_of("logging_steps: 20\neval_strategy: steps").evaluation.eval_steps, 20);
  EXPECT_EQ(arguments_of("logging_steps: 20\neval_steps: 0").evaluation.eval_steps, 20);
  EXPECT_EQ(arguments_of("logging_steps: 20\neval_steps: 0.5").evaluation.eval_steps, 0.5);
  const std::string best =
      "eval_strategy: epoch\nsave_strategy: epoch\nload_best_model_at_end: true\n";
  EXPECT_EQ(arguments_of(best).saving.metric_for_best_model, "loss");
  EXPECT_FALSE(arguments_of(best).saving.greater_is_better);
  const auto saving = arguments_of(best + "metric_for_best_model: eval_accuracy").saving;
  EXPECT_EQ(saving.metric_for_best_model, "accuracy");
  EXPECT_TRUE(saving.greater_is_better);
  EXPECT_FALSE(
      arguments_of(best + "metric_for_best_model: kd_kl_divergence").saving.greater_is_better);
  EXPECT_FALSE(arguments_of(best + "metric_for_best_model: x\ngreater_is_better: no")
                   .saving.greater_is_better);
  EXPECT_EQ(arguments_of("eval_strategy: epoch\nlr_scheduler_type: reduce_lr_on_plateau")
                .saving.metric_for_best_model,
            "loss");
}

TEST(TrainingArguments, RefuseWhatDoesNotGoTogether) {
  const std::string evaluated =
      "eval_dataset: e\neval_strategy: steps\nload_best_model_at_end: true\n";
  EXPECT_EQ(error_of(evaluated), "no error");  // 500 and 500
  EXPECT_EQ(error_of(evaluated + "eval_steps: 100\nsave_steps: 300"), "no error");
  EXPECT_EQ(error_of(evaluated + "eval_steps: 0.1\nsave_steps: 0.3"), "no error");
  EXPECT_EQ(error_of(evaluated + "save_strategy: best"), "no error");
  EXPECT_NE(
      error_of(evaluated + "eval_steps: 100\nsave_steps: 250").find("a multiple of eval_steps"),
      std::string::npos);
  EXPECT_NE(error_of(evaluated + "eval_steps: 0.1\nsave_steps: 0.25").find("save_steps 0.25"),
            std::string::npos);
  EXPECT_NE(
      error_of(evaluated + "eval_steps: 0.1\nsave_steps: 200").find("a multiple of eval_steps"),
      std::string::npos);
  EXPECT_NE(error_of(evaluated + "save_strategy: epoch").find("must be the same"),
            std::string::npos);
  EXPECT_NE(
      error_of("load_best_model_at_end: true\nsave_strategy: no").find("nothing is evaluated"),
      std::string::npos);
  EXPECT_NE(error_of("logging_steps: 0").find("logging_steps"), std::string::npos);
  EXPECT_EQ(error_of("output_dir: ''"), "output_dir: expected a folder, got ''");
  EXPECT_EQ(error_of("language: [en, '']"), "language: expected en, de, ..., got ''");
  EXPECT_EQ(error_of("logging_steps: 0\nlogging_strategy: no"), "no error");
  EXPECT_NE(error_of("save_steps: 0").find("save_steps"), std::string::npos);
  EXPECT_NE(error_of("early_stopping_patience: 2").find("needs evaluations"), std::string::npos);
  EXPECT_NE(error_of("lr_scheduler_type: reduce_lr_on_plateau").find("needs evaluations"),
            std::string::npos);
  EXPECT_NE(error_of("save_strategy: best").find("needs evaluations"), std::string::npos);
  EXPECT_NE(error_of("lr_scheduler_kwargs: {num_cycles: 1}").find("no such parameter"),
            std::string::npos);
  EXPECT_NE(error_of("lr_scheduler_type: cosine_with_min_lr").find("must be given"),
            std::string::npos);
}

TEST(TrainingArguments, NeedAModelDataAndSomethingToEvaluate) {
  EXPECT_THROW(check_can_train(arguments_of("train_dataset: t")), std::invalid_argument);
  EXPECT_THROW(check_can_train(arguments_of("model: m")), std::invalid_argument);
  EXPECT_NE(error_of("eval_strategy: epoch").find("nothing to evaluate"), std::string::npos);
  EXPECT_NE(error_of("eval_on_start: true").find("nothing to evaluate"), std::string::npos);
  EXPECT_EQ(error_of("eval_strategy: epoch\neval_triplets: t"), "no error");
}

// PyLate's utils/collator.py.
TEST(Prompts, AreFoundAsPyLateFindsThem) {
  const auto prompts = [](std::string_view yaml) {
    return arguments_of("prompts: " + std::string(yaml)).data.prompts;
  };
  EXPECT_EQ(prompt_of(Value(), "", "query"), "");
  EXPECT_EQ(prompt_of(prompts("'p: '"), "", "query"), "p: ");
  EXPECT_EQ(prompt_of(prompts("{query: q}"), "", "query"), "q");
  EXPECT_EQ(prompt_of(prompts("{query: q}"), "", "positive"), "");
  EXPECT_EQ(prompt_of(prompts("{query: q}"), "one", "query"), "q");
  EXPECT_EQ(prompt_of(prompts("{one: p}"), "one", "query"), "p");
  EXPECT_EQ(prompt_of(prompts("{one: p}"), "two", "query"), "");
  const Value nested = prompts("{one: {query: q}, two: {positive: d}}");
  EXPECT_EQ(prompt_of(nested, "one", "query"), "q");
  EXPECT_EQ(prompt_of(nested, "one", "positive"), "");
  EXPECT_EQ(prompt_of(nested, "two", "positive"), "d");
  EXPECT_EQ(prompt_of(nested, "three", "query"), "");
  EXPECT_THROW(prompt_of(nested, "", "query"), std::invalid_argument);
  EXPECT_EQ(prompt_of(prompts("{}"), "", "query"), "");
}

TEST(TrainingArguments, ColumnsAndPromptsOfNoDataSetAreRefused) {
  EXPECT_EQ(error_of("columns: {two: [a, b]}"),
            "columns: no data set is called 'two'; they have no names: give it without one");
  const auto of = [](std::string_view more) {
    HyperparameterSet set;
    parse_hyperparameters(
        "model: m\ntrain_dataset: {one: t}\neval_dataset: {dev: t}\n" + std::string(more),
        ConfigFormat::kYaml, "run.yaml", set);
    try {
      check_can_train(training_arguments(set));
    } catch (const std::invalid_argument& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  EXPECT_EQ(of("columns: {one: [a, b], dev: [c, d]}"), "no error");
  EXPECT_EQ(of("columns: {one: [a, b], two: [a, b]}"),
            "columns: no data set is called 'two'; there are 'one', 'dev'");
  EXPECT_EQ(of("prompts: {two: {query: q}}"),
            "prompts: no data set is called 'two'; there are 'one', 'dev'");
  EXPECT_EQ(of("prompts: {dev: {query: q}}"), "no error");
}

}  // namespace
}  // namespace maxsimd
