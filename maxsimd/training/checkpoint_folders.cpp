#include "maxsimd/training/checkpoint_folders.h"

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "maxsimd/base/atomic_folder.h"
#include "maxsimd/base/errors.h"
#include "maxsimd/card/checkpoint_name.h"
#include "maxsimd/card/training_record_file.h"
#include "maxsimd/training/checkpoint_files.h"
#include "maxsimd/training/run_state.h"

namespace maxsimd::training {

namespace fs = std::filesystem;

namespace {

bool is_written_by_runs(const std::string& name) {
  constexpr std::string_view kNames[] = {kFinalModel, kTrainingRecordName, "logs.jsonl", "logs.csv",
                                         "loss.svg"};
  return checkpoint_step(name).has_value() || std::ranges::find(kNames, name) != std::end(kNames);
}

bool is_evaluation_table(const std::string& name) {
  return name.ends_with("_results.csv");
}

// What in a folder has a temporary name of something that is_of_run() is true of.
std::vector<fs::path> find_leftovers(const fs::path& folder,
                                     bool (*is_of_run)(const std::string&)) {
  std::vector<fs::path> found;
  std::error_code error;  // no such folder: nothing is left in it
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const auto target = target_of_temporary_name(entry.path().filename().string());
    if (target.has_value() && is_of_run(*target)) found.push_back(entry.path());
  }
  return found;
}

bool is_broken(const fs::path& checkpoint) {
  try {
    return find_missing_file(checkpoint).has_value();
  } catch (const IoError&) {
    return false;  // it may be whole, and the disk is not in order
  }
}

void remove_leftover(const fs::path& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) throw IoError(path.string() + ": cannot be removed: " + error.message());
}

}  // namespace

void check_output_folder(const fs::path& output) {
  fs::path place = fs::absolute(output);
  std::error_code error;
  while (!fs::exists(place, error) && place.has_relative_path()) place = place.parent_path();
  if (fs::is_directory(place, error)) return;
  throw IoError("output_dir " + output.string() + ": " + place.string() +
                " is there and is no folder; give another output_dir");
}

void check_only_runs_there(const fs::path& output) {
  for (const fs::path& path : find_checkpoint_names(output)) {
    if (is_own_checkpoint(path)) continue;
    throw std::invalid_argument("output_dir: " + path.string() +
                                " is there and is no checkpoint of maxsimd train; a checkpoint of "
                                "this run could take its place. Move it away, or give another "
                                "folder");
  }
  const fs::path model = output / kFinalModel;
  std::error_code error;
  if (!fs::exists(fs::symlink_status(model, error)) || fs::exists(model / "modules.json", error)) {
    return;
  }
  throw std::invalid_argument("output_dir: " + model.string() +
                              " is there and is no model; the model of this run would replace it. "
                              "Give another folder");
}

void clear_checkpoints(const fs::path& output, const SavingArguments& arguments,
                       const fs::path& start_model) {
  const std::vector<fs::path> found = find_checkpoint_names(output);
  const fs::path model = output / kFinalModel;
  if (found.empty() && !fs::exists(model)) return;
  const bool may_begin_anew = arguments.resume_from_last && !fs::exists(model);
  if (!arguments.overwrite_output_dir && !may_begin_anew) {
    const std::string what = found.empty()
                                 ? "the model of a run (" + model.filename().string()
                                 : "checkpoints of a run (" + found.front().filename().string();
    throw std::invalid_argument("output_dir " + output.string() + " holds " + what +
                                "); go on with it by resume_from_checkpoint, give another "
                                "folder, or replace it by overwrite_output_dir");
  }
  for (const fs::path& folder : found) {
    if (fs::weakly_canonical(folder) != fs::weakly_canonical(start_model)) continue;
    throw std::invalid_argument("output_dir " + output.string() +
                                ": the run starts from a checkpoint in it, which "
                                "overwrite_output_dir would delete; give another folder");
  }
  for (const fs::path& folder : found) remove_folder_atomic(folder);
}

void sweep_output_folder(const fs::path& output, const fs::path& evaluations) {
  for (const fs::path& path : find_leftovers(output, is_written_by_runs)) remove_leftover(path);
  for (const fs::path& path : find_leftovers(evaluations, is_evaluation_table))
    remove_leftover(path);
  for (const fs::path& path : find_checkpoint_names(output)) {
    if (is_own_checkpoint(path) && is_broken(path)) remove_folder_atomic(path);
  }
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
    if (others == 0) remove_folder_atomic(folder);
    if (others > 0) --others;
  }
}

}  // namespace maxsimd::training
