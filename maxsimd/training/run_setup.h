// What a run is made of, loaded and checked before its first step: the model, the data sets, the
// evaluators.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "maxsimd/evaluation/evaluator.h"
#include "maxsimd/hyperparameters/training_arguments.h"
#include "maxsimd/training/batch_loader.h"
#include "maxsimd/training/batch_shards.h"
#include "maxsimd/training/objective.h"
#include "maxsimd/training/process_group.h"
#include "maxsimd/training/text_hashes.h"

namespace maxsimd::training {

/// The model a run starts from. Throws as ColBERT::load.
ColBERT load_start_model(const TrainingArguments& arguments);

/// What is minimised, by the arguments of the loss.
ObjectiveOptions objective_options(const LossArguments& arguments, const ColBERT& model);

/// Opens the data sets (rows of a teacher's scores for LossKind::kDistillation) and reads them
/// through once, so that a bad row is told before the first step. Throws IoError, FormatError.
std::vector<Dataset> open_datasets(const TrainingArguments& arguments,
                                   const std::vector<DatasetFiles>& files, const ColBERT& model);

/// What no_duplicates asks for of these data sets; null for another batch_sampler.
std::unique_ptr<TextHashes> make_text_hashes(const TrainingArguments& arguments,
                                             const std::vector<Dataset>& datasets,
                                             ThreadPool& pool);

/// How batches are drawn; `hashes`, which may be null, must outlive the options.
SamplerOptions sampler_options(const TrainingArguments& arguments, int64_t batch_size,
                               const std::vector<Dataset>& datasets, const TextHashes* hashes);

/// How the model computes in training, and in the evaluation of its loss.
ForwardOptions forward_options(const TrainingArguments& arguments, bool training);

/// All of it. What is given must outlive it; it does not change while the run goes on.
struct RunSetup {
  /// Loads, opens and checks. Throws as the functions above, and std::invalid_argument
  /// (metric_for_best_model is not measured; prompts of nothing that is there; no steps can be made
  /// of these data sets, or no batch of one to evaluate).
  RunSetup(const HyperparameterSet& hyperparameters, const TrainingArguments& arguments,
           const ProcessGroup& processes, at::Device device = at::kCPU);
  RunSetup(const RunSetup&) = delete;
  RunSetup& operator=(const RunSetup&) = delete;

  const HyperparameterSet& hyperparameters;
  const TrainingArguments& arguments;
  const ProcessGroup& processes;
  at::Device device;  // of this process
  std::filesystem::path output;
  std::map<std::string, std::string> evaluator_files;  // by name, hashes: run_evaluators.h
  std::vector<std::unique_ptr<Evaluator>> evaluators;
  std::vector<std::string> evaluator_checksums;        // [evaluators]: evaluator_checksums.h
  std::vector<std::vector<std::string>> metric_names;  // [evaluators]: joint_metric_names()
  ColBERT model;  // tokenizer, settings, and the weights the run starts from
  std::vector<std::string> notes;
  std::vector<Dataset> train, eval;
  std::unique_ptr<TextHashes> train_hashes, eval_hashes;
  SamplerOptions sampler, eval_sampler;
  ObjectiveOptions objective;
  std::vector<uint64_t> train_sizes;  // rows of each data set
  Shard shard;                        // the batches of this process
  size_t epoch_batches = 0;           // of this process
  int64_t total_steps = 0;
};

}  // namespace maxsimd::training
