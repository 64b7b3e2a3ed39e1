#include "maxsimd/training/checkpoint_folders.h"

#include <stdexcept>
#include <string>
#include <vector>

#include "maxsimd/training/run_state.h"

namespace maxsimd::training {

namespace fs = std::filesystem;

void clear_checkpoints(const fs::path& output, const SavingArguments& arguments) {
  std::vector<std::string> notes;
  const std::vector<fs::path> found = find_checkpoints(output, notes);
  if (found.empty()) return;
  if (!arguments.overwrite_output_dir) {
    throw std::invalid_argument("output_dir " + output.string() + " holds checkpoints of a run (" +
                                found.front().filename().string() +
                                "); go on with it by --resume_from_checkpoint, give another "
                                "folder, or delete them by --overwrite_output_dir");
  }
  for (const fs::path& folder : found) remove_checkpoint(folder);
}

void drop_old_checkpoints(const fs::path& output, const SavingArguments& arguments,
                          std::optional<int64_t> best_step) {
  if (!arguments.save_total_limit.has_value()) return;
  std::vector<std::string> notes;
  const fs::path best = checkpoint_folder(output, best_step.value_or(-1));
  size_t kept = 0;
  for (const fs::path& folder : find_checkpoints(output, notes)) {
    const bool keep_best = folder == best && arguments.load_best_model_at_end;
    if (keep_best || kept < *arguments.save_total_limit) {
      kept += keep_best ? 0 : 1;
      continue;
    }
    remove_checkpoint(folder);
  }
}

}  // namespace maxsimd::training
