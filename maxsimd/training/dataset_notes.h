// What a user should know about the data sets of a run before its first step: columns that are not
// used, prompts that are put nowhere, rows that teach nothing.
#pragma once

#include <string>
#include <vector>

#include "maxsimd/hyperparameters/training_arguments.h"
#include "maxsimd/training/batch_loader.h"

namespace maxsimd::training {

/// How messages call a data set: "train_dataset", or "eval_dataset 'one'" where it has a name.
std::string dataset_title(const std::string& argument, const Dataset& dataset);

struct BatchFacts {
  size_t size = 1;          // rows of a batch
  bool has_others = false;  // documents of other processes are negatives, too
};

/// Notes on the data sets of an argument (train_dataset), each with the data set's title: columns
/// not used, warnings of the columns, and batches whose loss is 0 whatever the model is (a query
/// with nothing to tell its one document from).
std::vector<std::string> dataset_notes(const std::string& argument,
                                       const std::vector<Dataset>& datasets,
                                       const BatchFacts& batch);

/// Throws std::invalid_argument for a name in `prompts` that is neither a data set's nor a
/// column's. Returns notes on those of columns that are not trained on. The names of data sets that
/// prompts are nested in are check_can_train()'s.
std::vector<std::string> prompt_notes(const HyperparameterValue& prompts,
                                      const std::vector<const Dataset*>& datasets);

}  // namespace maxsimd::training
