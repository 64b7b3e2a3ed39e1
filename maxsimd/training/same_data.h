// Whether what a run reads is what a checkpoint's run read: by what the files say, wherever they
// lie and however their paths are spelled. Paths count only in checkpoints of earlier versions,
// which have no checksums, and then as weakly canonical ones.
#pragma once

#include <filesystem>

#include "maxsimd/training/run_setup.h"
#include "maxsimd/training/run_state.h"

namespace maxsimd::training {

/// train_dataset, with the queries and documents of distillation: names of data sets, their order,
/// and their rows. `old`: what the checkpoint's run was asked. Throws std::invalid_argument that
/// names `folder`.
void check_same_training_data(const RunState& before, const HyperparameterSet& old,
                              const RunSetup& setup, const std::filesystem::path& folder);

/// The same for eval_dataset, and for what the evaluators are and read.
void check_same_evaluation_data(const RunState& before, const HyperparameterSet& old,
                                const RunSetup& setup, const std::filesystem::path& folder);

/// Dataset::checksum of each, as RunState has them.
std::vector<std::string> checksums_of(const std::vector<Dataset>& datasets);

}  // namespace maxsimd::training
