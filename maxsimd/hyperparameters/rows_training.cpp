#include "maxsimd/hyperparameters/row_parts.h"
#include "maxsimd/hyperparameters/value_checks.h"

namespace maxsimd::detail {
namespace {

using namespace row_parts;

constexpr HyperparameterRange kCount = {.min = 1};

constexpr Hyperparameter kTrainingRows[] = {
    {.name = "per_device_train_batch_size",
     .group = kDuration,
     .types = T::kInt,
     .default_text = "8",
     .note = "rows of a batch in each process; the documents of a batch are negatives of its "
             "queries",
     .range = kCount},
    {.name = "per_device_eval_batch_size",
     .group = kDuration,
     .types = T::kInt,
     .default_text = "8",
     .note = "rows of a batch of the evaluation loss",
     .range = kCount},
    {.name = "per_gpu_train_batch_size",
     .group = kDuration,
     .types = T::kNone | T::kInt,
     .default_text = "None",
     .note = "the old name of per_device_train_batch_size",
     .verdict = kRefused,
     .refusal = "transformers 5 has no such name; use per_device_train_batch_size"},
    {.name = "per_gpu_eval_batch_size",
     .group = kDuration,
     .types = T::kNone | T::kInt,
     .default_text = "None",
     .note = "the old name of per_device_eval_batch_size",
     .verdict = kRefused,
     .refusal = "transformers 5 has no such name; use per_device_eval_batch_size"},
    {.name = "gradient_accumulation_steps",
     .group = kDuration,
     .types = T::kInt,
     .default_text = "1",
     .note = "batches of one step, fewer at the end of an epoch, whose losses and gradients are "
             "averaged; negatives come from within a batch only",
     .range = kCount},
    {.name = "auto_find_batch_size",
     .group = kDuration,
     .types = T::kBool,
     .default_text = "False",
     .note = "smaller batches after running out of memory",
     .verdict = kRefused,
     .refusal = "the batch size decides how many negatives a query has, so it is not changed "
                "silently; use loss: cached_contrastive, whose mini_batch_size bounds memory"},
    {.name = "num_train_epochs",
     .group = kDuration,
     .types = T::kFloat,
     .default_text = "3.0",
     .note = "passes over the data; parts of one are allowed. Steps in all: ceil(epochs * "
             "(batches / gradient_accumulation_steps rounded up))",
     .range = {.min = 0, .min_excluded = true}},
    {.name = "max_steps",
     .group = kDuration,
     .types = T::kInt,
     .default_text = "-1",
     .note = "steps in all, instead of num_train_epochs; -1: by epochs",
     .range = {.min = -1},
     .check = check_max_steps},

    {.name = "learning_rate",
     .group = kOptimizer,
     .types = T::kFloat,
     .default_text = "5e-05",
     .note = "the highest learning rate of the schedule",
     .range = kNotNegative},
    {.name = "learning_rate_mapping",
     .group = kOptimizer,
     .types = T::kNone | T::kMap,
     .default_text = "{}",
     .note = "learning rates of parameters whose names a regular expression finds: {regex: rate}",
     .origin = kSentenceTransformers5,
     .listing = kWhenSet,
     .check = check_learning_rates},
    {.name = "weight_decay",
     .group = kOptimizer,
     .types = T::kFloat,
     .default_text = "0.0",
     .note = "decoupled decay of all parameters but biases and those of layer norms",
     .range = kNotNegative},
    {.name = "adam_beta1",
     .group = kOptimizer,
     .types = T::kFloat,
     .default_text = "0.9",
     .note = "decay of the mean of gradients",
     .range = {.min = 0, .max = 1, .max_excluded = true}},
    {.name = "adam_beta2",
     .group = kOptimizer,
     .types = T::kFloat,
     .default_text = "0.999",
     .note = "decay of the mean of squared gradients",
     .range = {.min = 0, .max = 1, .max_excluded = true}},
    {.name = "adam_epsilon",
     .group = kOptimizer,
     .types = T::kFloat,
     .default_text = "1e-08",
     .note = "added to the root of the mean of squared gradients",
     .range = kNotNegative},
    {.name = "max_grad_norm",
     .group = kOptimizer,
     .types = T::kNone | T::kFloat,
     .default_text = "1.0",
     .note = "gradients of a larger norm, over all parameters, are scaled down to it; 0 or None: "
             "never",
     .range = kNotNegative},
    {.name = "optim",
     .group = kOptimizer,
     .types = T::kString,
     .default_text = "adamw_torch",
     .note = "AdamW; both names are the same computation here",
     .choices = "adamw_torch|adamw_torch_fused",
     .refused_choices = "adamw_hf|adamw_torch_xla|adamw_torch_npu_fused|adamw_apex_fused|adafactor|"
                        "adamw_anyprecision|adamw_torch_4bit|adamw_torch_8bit|ademamix|sgd|adagrad|"
                        "adamw_bnb_8bit|adamw_8bit|ademamix_8bit|lion_8bit|lion_32bit|"
                        "paged_adamw_32bit|paged_adamw_8bit|paged_ademamix_32bit|"
                        "paged_ademamix_8bit|paged_lion_32bit|paged_lion_8bit|rmsprop|rmsprop_bnb|"
                        "rmsprop_bnb_8bit|rmsprop_bnb_32bit|galore_adamw|galore_adamw_8bit|"
                        "galore_adafactor|galore_adamw_layerwise|galore_adamw_8bit_layerwise|"
                        "galore_adafactor_layerwise|lomo|adalomo|grokadamw|schedule_free_radam|"
                        "schedule_free_adamw|schedule_free_sgd|apollo_adamw|"
                        "apollo_adamw_layerwise|stable_adamw",
     .refusal = "AdamW is the only optimizer; use adamw_torch"},
    {.name = "optim_args",
     .group = kOptimizer,
     .types = T::kNone | T::kString,
     .default_text = "None",
     .note = "transformers reads it for optimizers other than AdamW only",
     .verdict = kNoEffect},
    {.name = "optim_target_modules",
     .group = kOptimizer,
     .types = T::kNone | T::kString | T::kList,
     .default_text = "None",
     .note = "transformers reads it for GaLore and APOLLO only",
     .verdict = kNoEffect},
    {.name = "adafactor",
     .group = kOptimizer,
     .types = T::kBool,
     .default_text = "False",
     .note = "the old form of optim: adafactor",
     .verdict = kRefused,
     .refusal = "AdamW is the only optimizer; use optim: adamw_torch"},
    {.name = "label_smoothing_factor",
     .group = kOptimizer,
     .types = T::kFloat,
     .default_text = "0.0",
     .note = "the losses of sentence-transformers and PyLate do not read it",
     .verdict = kNoEffect,
     .range = {.min = 0, .max = 1, .max_excluded = true}},
    {.name = "neftune_noise_alpha",
     .group = kOptimizer,
     .types = T::kNone | T::kFloat,
     .default_text = "None",
     .note = "noise on the word embeddings in training: uniform between -m and m, m = alpha / "
             "sqrt(tokens * width), with the tokens of a padded text (query_length, "
             "document_length); None or 0: none. PyLate 1.6 fails on it",
     .range = kNotNegative},
    {.name = "average_tokens_across_devices",
     .group = kOptimizer,
     .types = T::kNone | T::kBool,
     .default_text = "False",
     .note = "the losses here are means over queries, not over tokens",
     .verdict = kNoEffect},
};

}  // namespace

std::span<const Hyperparameter> training_rows() {
  return kTrainingRows;
}

}  // namespace maxsimd::detail
