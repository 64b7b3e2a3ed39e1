// Whether a checkpoint is of the run that is to go on from it.
#pragma once

#include <filesystem>

#include "maxsimd/training/run_setup.h"
#include "maxsimd/training/run_state.h"

namespace maxsimd::training {

/// What the checkpoint's run was asked. Throws FormatError or std::invalid_argument naming `folder`
/// as parse_hyperparameters() does.
HyperparameterSet hyperparameters_of(const RunState& state, const std::filesystem::path& folder);

/// Throws std::invalid_argument when a checkpoint's run is not this one: batch size, seed, schedule
/// or optimizer differ, or the like; what the data sets are called or what their rows say; the
/// number of processes; evaluators, what they read and their metrics, once they have run. What says
/// when to log, evaluate, save or stop may differ, and where files lie. The model is
/// check_same_model()'s.
void check_same_run(const RunState& before, const RunSetup& setup,
                    const std::filesystem::path& folder);

}  // namespace maxsimd::training
