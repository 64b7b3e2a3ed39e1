// Whether the numbers of a checkpoint's trainer_state.json can be those of one run.
#pragma once

#include <filesystem>

#include "maxsimd/training/run_setup.h"
#include "maxsimd/training/run_state.h"

namespace maxsimd::training {

/// Throws FormatError naming the field of FOLDER/trainer_state.json that contradicts the others,
/// the folder's name or the data: the step, the epoch and the batch in it, the rows trained on, the
/// best step. REQUIRES: check_same_run().
void check_position(const RunState& state, const RunSetup& setup,
                    const std::filesystem::path& folder);

}  // namespace maxsimd::training
