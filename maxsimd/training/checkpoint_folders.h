// The checkpoints of an output folder as a set: whose they are, and which stay.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "maxsimd/hyperparameters/training_arguments.h"

namespace maxsimd::training {

/// Where the model of a finished run lies in its output folder.
inline constexpr const char* kFinalModel = "final";

/// Throws IoError when a run's output folder cannot be one, for a file lies at its place or above
/// it. Makes nothing.
void check_output_folder(const std::filesystem::path& output);

/// Throws std::invalid_argument when what a run may write or remove there is not a run's: something
/// named checkpoint-STEP that is_own_checkpoint() is false of, or that is no model in the model's
/// place. No argument lets a run touch that.
void check_only_runs_there(const std::filesystem::path& output);

/// For a run that begins anew, which must not mix its checkpoints with those of another, nor
/// replace its model unasked: removes the checkpoints with overwrite_output_dir, else throws
/// std::invalid_argument if there are any, whole or not (which resume_from_checkpoint also lets it
/// remove, where no model is), or a model. Throws it, too, when the model that the run starts from
/// is one of those checkpoints. REQUIRES: check_only_runs_there().
void clear_checkpoints(const std::filesystem::path& output, const SavingArguments& arguments,
                       const std::filesystem::path& start_model);

/// Removes what a killed run has left unfinished: files and folders of a run under their temporary
/// names (target_of_temporary_name()), and checkpoints that are not whole. REQUIRES:
/// check_only_runs_there(), and no other run at work there. `evaluations`: the folder of the
/// evaluators' tables. Throws IoError.
void sweep_output_folder(const std::filesystem::path& output,
                         const std::filesystem::path& evaluations);

/// Removes all but save_total_limit ones, as transformers does: the newest stay, and that of the
/// best step, which counts among them, when load_best_model_at_end will want it. That of
/// `saved_step`, which counts as the newest whatever others' steps, and the best stay whatever the
/// limit.
void drop_old_checkpoints(const std::filesystem::path& output, const SavingArguments& arguments,
                          std::optional<int64_t> best_step, int64_t saved_step);

}  // namespace maxsimd::training
