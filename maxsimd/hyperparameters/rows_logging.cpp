#include "maxsimd/hyperparameters/rows.h"
#include "maxsimd/hyperparameters/value_checks.h"

namespace maxsimd::detail {
namespace {

using enum HyperparameterGroup;
using enum HyperparameterVerdict;
using enum HyperparameterOrigin;
using enum HyperparameterListing;
using T = HyperparameterType;

constexpr HyperparameterRange kNotNegative = {.min = 0};
constexpr HyperparameterTypes kFiles = T::kNone | T::kString | T::kList;

// What PyLate leaves out of a card.
constexpr Hyperparameter hidden(Hyperparameter row) {
  row.listing = kNever;
  return row;
}

constexpr Hyperparameter kLoggingRows[] = {
    hidden({.name = "logging_strategy",
            .group = kLogging,
            .types = T::kString,
            .default_text = "steps",
            .note = "when to log the loss: never, every logging_steps, or at the end of each epoch",
            .choices = "no|steps|epoch"}),
    hidden({.name = "logging_steps",
            .group = kLogging,
            .types = T::kFloat,
            .default_text = "500",
            .note = "steps between lines of the log; below 1 a part of all steps, rounded up",
            .range = kNotNegative,
            .check = check_ratio_or_count}),
    hidden({.name = "logging_first_step",
            .group = kLogging,
            .types = T::kBool,
            .default_text = "False",
            .note = "log the first step, too"}),
    {.name = "logging_nan_inf_filter",
     .group = kLogging,
     .types = T::kBool,
     .default_text = "True",
     .note = "a loss that is no number counts as the mean of the others since the last line"},
    hidden({.name = "logging_dir",
            .group = kLogging,
            .types = T::kNone | T::kString,
            .default_text = "None",
            .note = "logs are JSON lines, CSV and an SVG curve in output_dir; there is no "
                    "TensorBoard",
            .verdict = kNoEffect}),
    hidden({.name = "report_to",
            .group = kLogging,
            .types = kFiles,
            .default_text = "None",
            .note = "logs are JSON lines, CSV and an SVG curve in output_dir; no service is called",
            .verdict = kNoEffect}),
    hidden({.name = "run_name",
            .group = kLogging,
            .types = T::kNone | T::kString,
            .default_text = "None",
            .note = "a name for services that are not called",
            .verdict = kNoEffect}),
    {.name = "project",
     .group = kLogging,
     .types = T::kNone | T::kString,
     .default_text = "huggingface",
     .note = "a name for services that are not called",
     .verdict = kNoEffect,
     .origin = kTransformers5,
     .listing = kWhenSet},
    {.name = "trackio_space_id",
     .group = kLogging,
     .types = T::kNone | T::kString,
     .default_text = "trackio",
     .note = "a name for services that are not called",
     .verdict = kNoEffect,
     .origin = kTransformers5,
     .listing = kWhenSet},
    {.name = "disable_tqdm",
     .group = kLogging,
     .types = T::kNone | T::kBool,
     .default_text = "False",
     .note = "no progress bar"},
    {.name = "log_level",
     .group = kLogging,
     .types = T::kNone | T::kString,
     .default_text = "passive",
     .note = "of the logger of transformers",
     .verdict = kNoEffect},
    {.name = "log_level_replica",
     .group = kLogging,
     .types = T::kNone | T::kString,
     .default_text = "warning",
     .note = "of the logger of transformers",
     .verdict = kNoEffect},
    {.name = "log_on_each_node",
     .group = kLogging,
     .types = T::kBool,
     .default_text = "True",
     .note = "the first process logs",
     .verdict = kNoEffect},
    {.name = "include_tokens_per_second",
     .group = kLogging,
     .types = T::kNone | T::kBool,
     .default_text = "False",
     .note = "tokens a second are always shown",
     .verdict = kNoEffect},
    {.name = "include_num_input_tokens_seen",
     .group = kLogging,
     .types = T::kNone | T::kBool | T::kString,
     .default_text = "False",
     .note = "tokens are always counted",
     .verdict = kNoEffect},
    {.name = "skip_memory_metrics",
     .group = kLogging,
     .types = T::kBool,
     .default_text = "True",
     .note = "memory is measured without cost",
     .verdict = kNoEffect},
    {.name = "debug",
     .group = kLogging,
     .types = T::kNone | T::kString | T::kList,
     .default_text = "[]",
     .note = "underflow_overflow and tpu_metrics_debug are tools of Python; a loss that is no "
             "number is reported anyway",
     .verdict = kNoEffect},
};

}  // namespace

std::span<const Hyperparameter> logging_rows() {
  return kLoggingRows;
}

}  // namespace maxsimd::detail
