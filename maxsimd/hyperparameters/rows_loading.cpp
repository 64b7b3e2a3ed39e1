#include "maxsimd/hyperparameters/row_parts.h"
#include "maxsimd/hyperparameters/value_checks.h"

namespace maxsimd::detail {
namespace {

using namespace row_parts;

constexpr Hyperparameter kLoadingRows[] = {
    {.name = "seed",
     .group = kLoading,
     .types = T::kInt,
     .default_text = "42",
     .note = "of dropout, of new weights and of the order of the data",
     .range = {.min = 0, .max = 4294967295.0}},
    {.name = "data_seed",
     .group = kLoading,
     .types = T::kNone | T::kInt,
     .default_text = "None",
     .note = "of the order of one data set without a name, drawn at random; None: seed. As in "
             "sentence-transformers seed alone decides the order of named data sets, and "
             "no_duplicates follows neither",
     .range = {.min = 0, .max = 4294967295.0}},
    {.name = "full_determinism",
     .group = kLoading,
     .types = T::kBool,
     .default_text = "False",
     .note = "only CUDA kernels that always give the same bits; CPUs do anyway"},
    {.name = "batch_sampler",
     .group = kLoading,
     .types = T::kString,
     .default_text = "batch_sampler",
     .note = "how a batch is drawn from a data set: in seeded random order, or without rows that "
             "share a text (no_duplicates; no_duplicates_hashed means the same here)",
     .origin = kSentenceTransformers,
     .choices = "batch_sampler|no_duplicates|no_duplicates_hashed",
     .refused_choices = "group_by_label",
     .refusal =
         "rows have no labels that the losses here read; use batch_sampler or no_duplicates"},
    {.name = "multi_dataset_batch_sampler",
     .group = kLoading,
     .types = T::kString,
     .default_text = "proportional",
     .note = "how batches of several data sets are mixed: in proportion to their sizes, or one of "
             "each in turn until one ends",
     .origin = kSentenceTransformers,
     .choices = "proportional|round_robin"},
    {.name = "dataloader_drop_last",
     .group = kLoading,
     .types = T::kBool,
     .default_text = "False",
     .note = "leave out the last batch of an epoch if it is not full; always so with several "
             "processes"},
    {.name = "dataloader_num_workers",
     .group = kLoading,
     .types = T::kInt,
     .default_text = "0",
     .note = "one thread reads and tokenizes the next batches, however many are asked for",
     .verdict = kNoEffect,
     .range = {.min = 0, .max = 1024}},
    {.name = "dataloader_prefetch_factor",
     .group = kLoading,
     .types = T::kNone | T::kInt,
     .default_text = "None",
     .note = "the next batches are always prepared, in bounded memory",
     .verdict = kNoEffect,
     .range = {.min = 1}},
    {.name = "dataloader_pin_memory",
     .group = kLoading,
     .types = T::kBool,
     .default_text = "True",
     .note = "token ids are a few kilobytes a batch",
     .verdict = kNoEffect},
    {.name = "dataloader_persistent_workers",
     .group = kLoading,
     .types = T::kBool,
     .default_text = "False",
     .note = "workers are threads, and live as long as the run",
     .verdict = kNoEffect},
    {.name = "remove_unused_columns",
     .group = kLoading,
     .types = T::kNone | T::kBool,
     .default_text = "True",
     .note = "sentence-transformers overrides it; columns says what is read",
     .verdict = kNoEffect},
    {.name = "group_by_length",
     .group = kLoading,
     .types = T::kBool,
     .default_text = "False",
     .note =
         "sentence-transformers draws its own batches; batches are packed without padding here, "
         "so nothing is gained",
     .verdict = kNoEffect},
    {.name = "length_column_name",
     .group = kLoading,
     .types = T::kNone | T::kString,
     .default_text = "length",
     .note = "of group_by_length",
     .verdict = kNoEffect},
    {.name = "train_sampling_strategy",
     .group = kLoading,
     .types = T::kString,
     .default_text = "random",
     .note = "sentence-transformers draws its own batches; see batch_sampler",
     .verdict = kNoEffect,
     .origin = kTransformers5,
     .listing = kWhenSet,
     .choices = "random|sequential|group_by_length"},
    {.name = "router_mapping",
     .group = kLoading,
     .types = T::kNone | T::kString | T::kMap,
     .default_text = "{}",
     .note = "the route of each column through a Router module",
     .verdict = kRefused,
     .origin = kSentenceTransformers5,
     .listing = kWhenSet,
     .refusal = "a ColBERT model has no Router module; columns says which column is a query"},
    {.name = "dispatch_batches",
     .group = kLoading,
     .types = T::kNone | T::kBool,
     .default_text = "None",
     .note = "every process reads its own part of the data",
     .verdict = kNoEffect},
    {.name = "split_batches",
     .group = kLoading,
     .types = T::kNone | T::kBool,
     .default_text = "None",
     .note = "a batch size for all processes together",
     .verdict = kRefused,
     .refusal = "batch sizes are per process; divide per_device_train_batch_size by their number"},
    {.name = "accelerator_config",
     .group = kLoading,
     .types = T::kNone | T::kMap,
     .default_text = "{'split_batches': False, 'dispatch_batches': None, 'even_batches': True, "
                     "'use_seedable_sampler': True, 'non_blocking': False, "
                     "'gradient_accumulation_kwargs': None}",
     .note = "the order of the data is the one of use_seedable_sampler; dispatch_batches and "
             "non_blocking have no effect",
     .refusal = "split_batches: True (batch sizes are per process), even_batches: False (all "
                "processes take as many steps), use_seedable_sampler: False and "
                "gradient_accumulation_kwargs (gradient_accumulation_steps says it)",
     .check = check_accelerator_config},
};

}  // namespace

std::span<const Hyperparameter> loading_rows() {
  return kLoadingRows;
}

}  // namespace maxsimd::detail
