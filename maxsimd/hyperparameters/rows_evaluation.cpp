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
constexpr std::string_view kEvaluators =
    "the forward passes of evaluation give embeddings, not "
    "predictions to collect";

// What PyLate leaves out of a card.
constexpr Hyperparameter hidden(Hyperparameter row) {
  row.listing = kNever;
  return row;
}

constexpr Hyperparameter own(Hyperparameter row) {
  row.origin = kMaxsimd;
  return hidden(row);
}

constexpr Hyperparameter kEvaluationRows[] = {
    {.name = "eval_strategy",
     .group = kEvaluation,
     .types = T::kString,
     .default_text = "no",
     .note = "when to evaluate: never, every eval_steps, or at the end of each epoch",
     .choices = "no|steps|epoch"},
    hidden({.name = "eval_steps",
            .group = kEvaluation,
            .types = T::kNone | T::kFloat,
            .default_text = "None",
            .note = "steps between evaluations; below 1 a part of all steps, rounded up; None: "
                    "logging_steps",
            .range = kNotNegative,
            .check = check_ratio_or_count}),
    hidden({.name = "eval_delay",
            .group = kEvaluation,
            .types = T::kNone | T::kFloat,
            .default_text = "0",
            .note = "steps (or epochs, with eval_strategy: epoch) before the first evaluation",
            .range = kNotNegative}),
    {.name = "eval_on_start",
     .group = kEvaluation,
     .types = T::kBool,
     .default_text = "False",
     .note = "evaluate before the first step, too"},
    own({.name = "eval_triplets",
         .group = kEvaluation,
         .types = kFiles,
         .default_text = "None",
         .note = "files of triplets: the accuracy of ranking the positive first"}),
    own({.name = "eval_beir",
         .group = kEvaluation,
         .types = kFiles,
         .default_text = "None",
         .note = "BEIR folders: nDCG@10 and the other metrics of retrieval"}),
    own({.name = "eval_nano_beir",
         .group = kEvaluation,
         .types = T::kNone | T::kString,
         .default_text = "None",
         .note = "a folder of NanoBEIR data sets: each, and their mean"}),
    own({.name = "eval_distillation",
         .group = kEvaluation,
         .types = kFiles,
         .default_text = "None",
         .note = "distillation data: the divergence from the teacher's scores"}),
    {.name = "prediction_loss_only",
     .group = kEvaluation,
     .types = T::kBool,
     .default_text = "True",
     .note = "sentence-transformers makes it True, whatever is given",
     .verdict = kNoEffect,
     .is_fixed = true},
    {.name = "eval_accumulation_steps",
     .group = kEvaluation,
     .types = T::kNone | T::kInt,
     .default_text = "None",
     .note = kEvaluators,
     .verdict = kNoEffect},
    {.name = "eval_do_concat_batches",
     .group = kEvaluation,
     .types = T::kBool,
     .default_text = "True",
     .note = kEvaluators,
     .verdict = kNoEffect},
    {.name = "eval_use_gather_object",
     .group = kEvaluation,
     .types = T::kNone | T::kBool,
     .default_text = "False",
     .note = kEvaluators,
     .verdict = kNoEffect},
    {.name = "batch_eval_metrics",
     .group = kEvaluation,
     .types = T::kBool,
     .default_text = "False",
     .note = kEvaluators,
     .verdict = kNoEffect},
    {.name = "include_inputs_for_metrics",
     .group = kEvaluation,
     .types = T::kBool,
     .default_text = "False",
     .note = kEvaluators,
     .verdict = kNoEffect},
    {.name = "include_for_metrics",
     .group = kEvaluation,
     .types = T::kList,
     .default_text = "[]",
     .note = kEvaluators,
     .verdict = kNoEffect},
    {.name = "use_legacy_prediction_loop",
     .group = kEvaluation,
     .types = T::kBool,
     .default_text = "False",
     .note = kEvaluators,
     .verdict = kNoEffect},
    {.name = "past_index",
     .group = kEvaluation,
     .types = T::kInt,
     .default_text = "-1",
     .note = "of models that hand on their hidden states",
     .verdict = kNoEffect},
    {.name = "label_names",
     .group = kEvaluation,
     .types = T::kNone | T::kList,
     .default_text = "None",
     .note = "labels are the columns label and scores",
     .verdict = kNoEffect},
    hidden({.name = "do_train",
            .group = kEvaluation,
            .types = T::kBool,
            .default_text = "False",
            .note = "for scripts; the trainer of transformers does not read it either",
            .verdict = kNoEffect}),
    hidden({.name = "do_eval",
            .group = kEvaluation,
            .types = T::kNone | T::kBool,
            .default_text = "False",
            .note = "for scripts; eval_strategy decides",
            .verdict = kNoEffect}),
    {.name = "do_predict",
     .group = kEvaluation,
     .types = T::kBool,
     .default_text = "False",
     .note = "for scripts; the trainer of transformers does not read it either",
     .verdict = kNoEffect},
};

}  // namespace

std::span<const Hyperparameter> evaluation_rows() {
  return kEvaluationRows;
}

}  // namespace maxsimd::detail
