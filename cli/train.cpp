// maxsimd train ...: hands over to maxsimd-train, the program with LibTorch, beside this one.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <sstream>

#include "cli/train_processes.h"
#include "cli/verbs.h"
#include "maxsimd/base/errors.h"

namespace maxsimd::cli {
namespace {

namespace fs = std::filesystem;

fs::path find_on_path(const std::string& name) {
  const char* variable = std::getenv("PATH");
  std::istringstream folders(variable == nullptr ? "" : variable);
  for (std::string folder; std::getline(folders, folder, ':');) {
    const fs::path program = fs::path(folder) / name;
    if (!folder.empty() && access(program.c_str(), X_OK) == 0) return program;
  }
  return {};
}

// As the Python package looks for it: its wheel has the command, but no LibTorch.
fs::path find_trainer() {
  const char* named = std::getenv("MAXSIMD_TRAIN");
  if (named != nullptr && *named != '\0') {
    if (access(named, X_OK) == 0) return named;
    throw IoError("MAXSIMD_TRAIN=" + std::string(named) + ": no such program");
  }
  std::error_code ignored;
  const fs::path beside =
      fs::read_symlink("/proc/self/exe", ignored).parent_path() / "maxsimd-train";
  if (fs::exists(beside)) return beside;
  if (const fs::path program = find_on_path("maxsimd-train"); !program.empty()) return program;
  throw IoError(beside.string() +
                ": missing, nor is it on the PATH or named in MAXSIMD_TRAIN; training needs "
                "LibTorch at build time. Run scripts/install_deps.sh train, then configure and "
                "build again");
}

[[noreturn]] void run_training(const std::vector<std::string>& words) {
  const fs::path program = find_trainer();
  // LibTorch's threads wait for each other by spinning, which starves a machine that is shared.
  // A few microseconds of it save most of the waking up: 18 % of a short step.
  setenv("OMP_WAIT_POLICY", "passive", 0);
  setenv("GOMP_SPINCOUNT", "10000", 0);
  // Its large tensors come and go many times a step: by default each goes back to the system, and
  // the pages of the next are cleared anew (13 % of a step).
  setenv("MALLOC_MMAP_THRESHOLD_", "4294967296", 0);
  setenv("MALLOC_TRIM_THRESHOLD_", "17179869184", 0);
  std::vector<std::string> arguments = {program.string()};
  arguments.insert(arguments.end(), words.begin(), words.end());
  const size_t count = take_process_count(arguments);
  if (count > 1) std::exit(run_processes(arguments, count));
  replace_process(arguments);
}

}  // namespace

void add_train(CLI::App& app) {
  CLI::App* verb = app.add_subcommand(
      "train", "train a ColBERT model ('maxsimd train --help' lists what it takes)");
  verb->prefix_command();  // all that follows is for the other program
  verb->set_help_flag();
  verb->callback([verb] { run_training(verb->remaining()); });
}

}  // namespace maxsimd::cli
