#include "maxsimd/hyperparameters/rows.h"
#include "maxsimd/hyperparameters/value_checks.h"

namespace maxsimd::detail {
namespace {

using enum HyperparameterGroup;
using enum HyperparameterVerdict;
using enum HyperparameterOrigin;
using enum HyperparameterListing;
using T = HyperparameterType;

// A row of ours that works: a card says it in another place.
constexpr Hyperparameter own(Hyperparameter row) {
  row.origin = kMaxsimd;
  row.listing = kNever;
  return row;
}

constexpr HyperparameterTypes kFiles = T::kNone | T::kString | T::kList;

constexpr Hyperparameter kModelRows[] = {
    own({.name = "model",
         .group = kModel,
         .types = T::kNone | T::kString,
         .default_text = "None",
         .note = "the model to start from: a folder, a hub id ORG/NAME, or mini"}),
    own({.name = "query_length",
         .group = kModel,
         .types = T::kNone | T::kInt,
         .default_text = "None",
         .note = "tokens of a query, prefix and special tokens included; None: the model's own",
         .range = {.min = 4}}),
    own({.name = "document_length",
         .group = kModel,
         .types = T::kNone | T::kInt,
         .default_text = "None",
         .note = "tokens of a document, prefix and special tokens included; None: the model's own",
         .range = {.min = 4}}),
    own({.name = "query_prefix",
         .group = kModel,
         .types = T::kNone | T::kString,
         .default_text = "None",
         .note = "marker token of queries; None: the model's own"}),
    own({.name = "document_prefix",
         .group = kModel,
         .types = T::kNone | T::kString,
         .default_text = "None",
         .note = "marker token of documents; None: the model's own"}),
    own({.name = "do_query_expansion",
         .group = kModel,
         .types = T::kNone | T::kBool,
         .default_text = "None",
         .note = "fill queries with mask tokens up to query_length; None: the model's own"}),
    own({.name = "attend_to_expansion_tokens",
         .group = kModel,
         .types = T::kNone | T::kBool,
         .default_text = "None",
         .note = "let other tokens attend to the mask tokens of a query; None: the model's own"}),
    own({.name = "embedding_size",
         .group = kModel,
         .types = T::kNone | T::kInt,
         .default_text = "None",
         .note = "values of a token vector, for a model that has no projection yet; None: the "
                 "model's own, or 128",
         .range = {.min = 1}}),
    own({.name = "dropout",
         .group = kModel,
         .types = T::kNone | T::kFloat,
         .default_text = "None",
         .note = "dropout of hidden states and of attention in training; None: as config.json says",
         .range = {.min = 0, .max = 1, .max_excluded = true}}),

    own({.name = "train_dataset",
         .group = kData,
         .types = kFiles | T::kMap,
         .default_text = "None",
         .note = "training data: a file, several files of one data set, or a mapping of the names "
                 "of data sets to their files",
         .check = check_dataset_files}),
    own({.name = "eval_dataset",
         .group = kData,
         .types = kFiles | T::kMap,
         .default_text = "None",
         .note = "data of the evaluation loss, in the same forms",
         .check = check_dataset_files}),
    own({.name = "columns",
         .group = kData,
         .types = T::kNone | T::kList | T::kMap,
         .default_text = "None",
         .note =
             "the columns to train on: query, positive, then negatives; a list, or a mapping of "
             "the names of data sets to lists. None: by their names (question, query or anchor; "
             "answer or positive; negative*)",
         .check = check_columns}),
    own({.name = "pylate_columns",
         .group = kData,
         .types = T::kBool,
         .default_text = "False",
         .note = "PyLate's rule for columns: only names that contain query or anchor are encoded "
                 "as queries (so a column named question is a document)"}),
    own({.name = "queries",
         .group = kData,
         .types = kFiles,
         .default_text = "None",
         .note = "texts of the queries that distillation data names by id"}),
    own({.name = "documents",
         .group = kData,
         .types = kFiles,
         .default_text = "None",
         .note = "texts of the documents that distillation data names by id"}),
    own({.name = "n_ways",
         .group = kData,
         .types = T::kInt,
         .default_text = "32",
         .note = "documents of a query in distillation; the rest of the list is left out",
         .range = {.min = 2}}),
    {.name = "prompts",
     .group = kData,
     .types = T::kNone | T::kString | T::kMap,
     .default_text = "None",
     .note = "text put before the texts of a column: one for all, a mapping of columns, a mapping "
             "of data sets, or a mapping of data sets to mappings of columns",
     .origin = kSentenceTransformers,
     .check = check_prompts},

    own({.name = "loss",
         .group = kLoss,
         .types = T::kString,
         .default_text = "contrastive",
         .note = "what is minimised: contrastive, cached_contrastive (the same loss in bounded "
                 "memory) or distillation",
         .choices = "contrastive|cached_contrastive|distillation"}),
    own({.name = "temperature",
         .group = kLoss,
         .types = T::kFloat,
         .default_text = "1.0",
         .note = "divides the scores of the contrastive losses",
         .range = {.min = 0, .min_excluded = true}}),
    own({.name = "size_average",
         .group = kLoss,
         .types = T::kBool,
         .default_text = "True",
         .note = "the mean over the queries of a batch; False: their sum"}),
    own({.name = "mini_batch_size",
         .group = kLoss,
         .types = T::kInt,
         .default_text = "32",
         .note = "texts encoded at a time by cached_contrastive: less memory, the same gradients",
         .range = {.min = 1}}),
    own({.name = "score_mini_batch_size",
         .group = kLoss,
         .types = T::kNone | T::kInt,
         .default_text = "None",
         .note = "queries scored at a time: less memory, the same loss; None: all "
                 "(cached_contrastive: mini_batch_size)",
         .range = {.min = 1}}),
    own({.name = "gather_across_devices",
         .group = kLoss,
         .types = T::kBool,
         .default_text = "False",
         .note = "documents of all processes are negatives of each query; a run is one process so far",
         .verdict = kNoEffect}),
    own({.name = "normalize_scores",
         .group = kLoss,
         .types = T::kBool,
         .default_text = "True",
         .note = "distillation: the scores of a query's documents are scaled to 0..1"}),
    own({.name = "masking",
         .group = kLoss,
         .types = T::kString,
         .default_text = "pylate",
         .note = "similarities of masked tokens in training: pylate makes them 0, exact leaves "
                 "them out",
         .choices = "pylate|exact"}),
};

}  // namespace

std::span<const Hyperparameter> model_rows() {
  return kModelRows;
}

}  // namespace maxsimd::detail
