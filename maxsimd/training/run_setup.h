// What a run is made of, loaded and checked before its first step: the model, the data sets, and
// the record that becomes the card. run_evaluators.h has its evaluators.
#pragma once

#include <memory>
#include <vector>

#include "maxsimd/card/training_record.h"
#include "maxsimd/hyperparameters/training_arguments.h"
#include "maxsimd/training/batch_loader.h"
#include "maxsimd/training/objective.h"
#include "maxsimd/training/text_hashes.h"

namespace maxsimd::training {

/// The model a run starts from. Throws as ColBERT::load.
ColBERT load_start_model(const TrainingArguments& arguments);

/// What is minimised, by the arguments of the loss.
ObjectiveOptions objective_options(const LossArguments& arguments, const ColBERT& model);

/// Opens the data sets (rows of a teacher's scores for LossKind::kDistillation) and reads them
/// through once, so that a bad row is told before the first step. `notes`: ignored columns,
/// warnings about them. Throws IoError, FormatError.
std::vector<Dataset> open_datasets(const TrainingArguments& arguments,
                                   const std::vector<DatasetFiles>& files, const ColBERT& model,
                                   std::vector<std::string>& notes);

/// What no_duplicates asks for of these data sets; null for another batch_sampler.
std::unique_ptr<TextHashes> make_text_hashes(const TrainingArguments& arguments,
                                             const std::vector<Dataset>& datasets,
                                             ThreadPool& pool);

/// How batches are drawn; `hashes`, which may be null, must outlive the options.
SamplerOptions sampler_options(const TrainingArguments& arguments, int64_t batch_size,
                               const std::vector<Dataset>& datasets, const TextHashes* hashes);

/// The record of a run that has not begun: model, data sets with their statistics, hyperparameters,
/// evaluators, versions.
TrainingRecord new_record(const HyperparameterSet& hyperparameters,
                          const TrainingArguments& arguments, const ColBERT& model,
                          const std::vector<Dataset>& train, const std::vector<Dataset>& eval);

/// Puts into the record, new or of a resumed run, what the arguments say for the card and the
/// machine that this process runs on. REQUIRES: devices.threads is not 0.
void describe_run(const TrainingArguments& arguments, size_t num_processes, TrainingRecord& record);

}  // namespace maxsimd::training
