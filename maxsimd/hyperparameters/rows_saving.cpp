#include "maxsimd/hyperparameters/row_parts.h"
#include "maxsimd/hyperparameters/value_checks.h"

namespace maxsimd::detail {
namespace {

using namespace row_parts;

constexpr Hyperparameter kSavingRows[] = {
    hidden({.name = "output_dir",
            .group = kSaving,
            .types = T::kNone | T::kString,
            .default_text = "trainer_output",
            .note = "the folder of checkpoints, logs and the final model"}),
    {.name = "overwrite_output_dir",
     .group = kSaving,
     .types = T::kBool,
     .default_text = "False",
     .note = "start anew in an output_dir that holds checkpoints"},
    hidden({.name = "save_strategy",
            .group = kSaving,
            .types = T::kString,
            .default_text = "steps",
            .note = "when to save a checkpoint: never, every save_steps, at the end of each epoch, "
                    "or when the metric is the best so far",
            .choices = "no|steps|epoch|best"}),
    hidden({.name = "save_steps",
            .group = kSaving,
            .types = T::kFloat,
            .default_text = "500",
            .note = "steps between checkpoints, the last step has one in any case; below 1 a part "
                    "of all steps, rounded up",
            .range = kNotNegative,
            .check = check_ratio_or_count}),
    hidden({.name = "save_total_limit",
            .group = kSaving,
            .types = T::kNone | T::kInt,
            .default_text = "None",
            .note = "checkpoints kept, the newest and the best; None or 0: all",
            .range = kNotNegative}),
    {.name = "save_only_model",
     .group = kSaving,
     .types = T::kBool,
     .default_text = "False",
     .note = "checkpoints without the optimizer and the random generator: a third of the size, and "
             "training cannot go on from them"},
    {.name = "save_safetensors",
     .group = kSaving,
     .types = T::kNone | T::kBool,
     .default_text = "True",
     .note = "weights as safetensors",
     .verdict = kRefused,
     .refusal = "pickles run code when they are read, so none are written; leave it True"},
    {.name = "save_on_each_node",
     .group = kSaving,
     .types = T::kBool,
     .default_text = "False",
     .note = "the first process saves",
     .verdict = kNoEffect},
    {.name = "enable_jit_checkpoint",
     .group = kSaving,
     .types = T::kBool,
     .default_text = "False",
     .note = "SIGTERM always saves a checkpoint and stops",
     .verdict = kNoEffect,
     .origin = kTransformers5,
     .listing = kWhenSet},
    {.name = "load_best_model_at_end",
     .group = kSaving,
     .types = T::kNone | T::kBool,
     .default_text = "False",
     .note = "the final model is the best checkpoint's; needs eval_strategy and save_strategy to "
             "agree, and save_steps a multiple of eval_steps"},
    hidden({.name = "metric_for_best_model",
            .group = kSaving,
            .types = T::kNone | T::kString,
            .default_text = "None",
            .note = "what the best checkpoint is best in, with or without eval_ before its name; "
                    "None: loss"}),
    hidden({.name = "greater_is_better",
            .group = kSaving,
            .types = T::kNone | T::kBool,
            .default_text = "None",
            .note = "None: unless the metric's name ends in loss"}),
    own_when_set({.name = "early_stopping_patience",
                  .group = kSaving,
                  .types = T::kNone | T::kInt,
                  .default_text = "None",
                  .note = "stop after this many evaluations without a better metric; None: never",
                  .range = {.min = 1}}),
    own_when_set({.name = "early_stopping_threshold",
                  .group = kSaving,
                  .types = T::kFloat,
                  .default_text = "0.0",
                  .note = "what counts as better must be more than this",
                  .range = kNotNegative}),
    {.name = "resume_from_checkpoint",
     .group = kSaving,
     .types = T::kNone | T::kBool | T::kString,
     .default_text = "None",
     .note = "a checkpoint folder to go on from; True: the newest of output_dir"},
    {.name = "ignore_data_skip",
     .group = kSaving,
     .types = T::kBool,
     .default_text = "False",
     .note = "a resumed run goes on with the rows that it would have had; finding them costs "
             "nothing, for their order is computed",
     .verdict = kNoEffect},
    {.name = "restore_callback_states_from_checkpoint",
     .group = kSaving,
     .types = T::kBool,
     .default_text = "False",
     .note = "the state of early stopping is always restored",
     .verdict = kNoEffect},
};

}  // namespace

std::span<const Hyperparameter> saving_rows() {
  return kSavingRows;
}

}  // namespace maxsimd::detail
