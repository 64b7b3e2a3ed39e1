// How a run begins: as a checkpoint left it, or anew.
#pragma once

#include <filesystem>

#include "maxsimd/training/optimizer_steps.h"

namespace maxsimd::training {

struct RunStart {
  RunState state;
  std::filesystem::path checkpoint;  // it goes on from; empty: it begins anew
};

/// Brings the model, the optimizer, the learning rates and this process's random generator to where
/// the run begins, the same in all processes, and tells the notes so far; removes what a killed run
/// has left in the output folder. Throws as restore_run(), check_same_run(),
/// check_only_runs_there() and clear_checkpoints(), IoError (the processes see different
/// checkpoints), and FormatError (the checkpoint is damaged).
RunStart start_run(const RunSetup& setup, OptimizerSteps& steps, TrainingListener& listener);

}  // namespace maxsimd::training
