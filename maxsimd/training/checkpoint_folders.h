// The checkpoints of an output folder as a set: whose they are, and which stay.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "maxsimd/hyperparameters/training_arguments.h"

namespace maxsimd::training {

/// For a run that begins anew, which must not mix its checkpoints with those of another: removes
/// them with overwrite_output_dir, else throws std::invalid_argument if there are any.
void clear_checkpoints(const std::filesystem::path& output, const SavingArguments& arguments);

/// Removes all but the newest save_total_limit ones; that of the best step stays too when
/// load_best_model_at_end will want it.
void drop_old_checkpoints(const std::filesystem::path& output, const SavingArguments& arguments,
                          std::optional<int64_t> best_step);

}  // namespace maxsimd::training
