#include "maxsimd/training/checkpoint_folders.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include "maxsimd/base/errors.h"
#include "maxsimd/training/run_state.h"

namespace maxsimd::training {

namespace fs = std::filesystem;

void check_output_folder(const fs::path& output) {
  fs::path place = fs::absolute(output);
  std::error_code error;
  while (!fs::exists(place, error) && place.has_relative_path()) place = place.parent_path();
  if (fs::is_directory(place, error)) return;
  throw IoError("output_dir " + output.string() + ": " + place.string() +
                " is there and is no folder; give another output_dir");
}

void clear_checkpoints(const fs::path& output, const SavingArguments& arguments,
                       const fs::path& start_model) {
  std::vector<std::string> notes;
  const std::vector<fs::path> found = find_checkpoints(output, notes);
  const fs::path model = output / kFinalModel;
  if (fs::exists(model) && !fs::exists(model / "modules.json")) {
    throw std::invalid_argument("output_dir: " + model.string() +
                                " is there and is no model; the model of this run would replace "
                                "it. Give another folder");
  }
  if (found.empty() && !fs::exists(model)) return;
  if (!arguments.overwrite_output_dir && !arguments.resume_from_last) {
    const std::string what = found.empty()
                                 ? "the model of a run (" + model.filename().string()
                                 : "checkpoints of a run (" + found.front().filename().string();
    throw std::invalid_argument("output_dir " + output.string() + " holds " + what +
                                "); go on with it by --resume_from_checkpoint, give another "
                                "folder, or replace it by --overwrite_output_dir");
  }
  for (const fs::path& folder : found) {
    if (fs::weakly_canonical(folder) != fs::weakly_canonical(start_model)) continue;
    throw std::invalid_argument("output_dir " + output.string() +
                                ": the run starts from a checkpoint in it, which "
                                "--overwrite_output_dir would delete; give another folder");
  }
  for (const fs::path& folder : found) remove_checkpoint(folder);
}

void drop_old_checkpoints(const fs::path& output, const SavingArguments& arguments,
                          std::optional<int64_t> best_step, int64_t saved_step) {
  if (!arguments.save_total_limit.has_value()) return;
  std::vector<std::string> notes;
  std::vector<fs::path> found = find_checkpoints(output, notes);
  // A run that went on from an older one may find newer ones beside what it saves.
  const fs::path saved = checkpoint_folder(output, saved_step);
  std::ranges::stable_partition(found, [&](const fs::path& folder) { return folder == saved; });
  const bool keeps_best = arguments.load_best_model_at_end && best_step.has_value();
  const fs::path best = keeps_best ? checkpoint_folder(output, *best_step) : fs::path();
  const bool has_best = std::ranges::find(found, best) != found.end();
  size_t others = *arguments.save_total_limit - (has_best ? 1 : 0);
  if (!found.empty() && found.front() != best) others = std::max<size_t>(others, 1);
  for (const fs::path& folder : found) {
    if (folder == best) continue;
    if (others == 0) remove_checkpoint(folder);
    if (others > 0) --others;
  }
}

}  // namespace maxsimd::training
