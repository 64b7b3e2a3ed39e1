// The best model so far of a run that is resumed: whether it still can be.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "maxsimd/training/run_setup.h"
#include "maxsimd/training/run_state.h"

namespace maxsimd::training {

/// Forgets the best metric and step of a state when they are no good to the run that goes on from
/// `checkpoint`, so that its next evaluation is the best: it asks for another metric, or wants the
/// best model at its end and that step's checkpoint is not where it will look for it. Says why;
/// nothing when the best stays, or there was none. All processes call it, and forget alike. Throws
/// as parse_hyperparameters().
std::optional<std::string> forget_lost_best(const RunSetup& setup,
                                            const std::filesystem::path& checkpoint,
                                            RunState& state);

}  // namespace maxsimd::training
