#include "maxsimd/training/resume_folder.h"

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "maxsimd/training/checkpoint_files.h"

namespace maxsimd::training {

namespace fs = std::filesystem;

void check_resume_folder(const SavingArguments& arguments) {
  const std::string& name = arguments.resume_from_checkpoint;
  if (name.empty() || fs::exists(fs::path(name) / "trainer_state.json")) return;
  const std::string what = "resume_from_checkpoint: " + name;
  if (!fs::is_directory(name)) {
    throw std::invalid_argument(what + (fs::exists(name) ? " is no folder" : " is not there") +
                                "; expected a folder checkpoint-STEP of a run");
  }
  std::vector<std::string> notes;
  const std::vector<fs::path> inside = find_checkpoints(name, notes);
  std::string remedy = "expected a folder checkpoint-STEP of a run";
  if (!inside.empty()) {
    remedy = std::string("give ").append(inside.front().string());
    remedy += ", or no value for the newest checkpoint of output_dir";
  }
  throw std::invalid_argument(what + " is no checkpoint: it has no trainer_state.json; " + remedy);
}

}  // namespace maxsimd::training
