// maxsimd-train: the program behind `maxsimd train`, with LibTorch. Exit code 0 success, 2 wrong
// usage (arguments that cannot be, do not go together, or do not suit output_dir, the checkpoint or
// the machine), 3 stopped by a signal after a checkpoint was written, 4 failed, and another process
// of the run tells why (seen by 'maxsimd train --nproc_per_node' alone), 65 (EX_DATAERR) what a
// file holds cannot be used, 74 (EX_IOERR) the system refused, 1 any other failure.
#include <sys/prctl.h>
#include <sysexits.h>
#include <unistd.h>

#include <atomic>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

#include "cli/error_turn.h"
#include "cli/shipped.h"
#include "cli/train/console.h"
#include "maxsimd/base/errors.h"
#include "maxsimd/hub/hub_names.h"
#include "maxsimd/hyperparameters/config_file.h"
#include "maxsimd/hyperparameters/docs_page.h"
#include "maxsimd/hyperparameters/flags.h"
#include "maxsimd/hyperparameters/training_arguments.h"
#include "maxsimd/training/run_evaluators.h"
#include "maxsimd/training/trainer.h"

namespace {

using maxsimd::HyperparameterSet;

constexpr int kUsageError = 2;
constexpr int kStopped = 3;
constexpr const char* kUsage =
    "Usage: maxsimd train [--config FILE]... [--NAME VALUE]...\n"
    "\n"
    "Trains a ColBERT model. Arguments have their Hugging Face names (docs/hyperparameters.md);\n"
    "they come from YAML or JSON files and from flags, later ones win. '-' and '_' are alike.\n"
    "\n"
    "  --model MODEL              the model to start from: a folder, 'mini', or ORG/NAME on the "
    "hub\n"
    "  --train_dataset FILE...    JSON lines, CSV or TSV, plain or .gz, with columns\n"
    "                             question|query|anchor, answer|positive, negative*\n"
    "  --output_dir FOLDER        where checkpoints, logs and the model go\n"
    "  --resume_from_checkpoint   go on from the newest checkpoint there\n"
    "  --nproc_per_node N         so many processes of this machine, each with its own batches;\n"
    "                             on several machines use torchrun (docs/training.md); a flag "
    "alone,\n"
    "                             not in a file\n"
    "  --list                     all arguments, as docs/hyperparameters.md has them\n"
    "  --help\n"
    "\n"
    "A first run:\n"
    "  maxsimd train --model mini --train_dataset triplets.jsonl --output_dir run \\\n"
    "    --per_device_train_batch_size 32 --learning_rate 3e-5 --num_train_epochs 1 --bf16\n"
    "\n"
    "An example of a configuration file is in docs/hyperparameters.md.\n";

std::atomic<bool> stop_requested{false};  // set by a signal: a handler can reach nothing else

void request_stop(int) {
  stop_requested = true;
}

/// What asks a run to stop leaves a checkpoint: SIGTERM, Ctrl-C, and the end of the terminal, but
/// for a run under nohup. A reader of stderr that goes away ends nothing.
void take_signals() {
  std::signal(SIGTERM, request_stop);
  std::signal(SIGINT, request_stop);
  if (std::signal(SIGHUP, request_stop) == SIG_IGN) std::signal(SIGHUP, SIG_IGN);
  std::signal(SIGPIPE, SIG_IGN);
}

/// Where the program that started this one asks for it by its number: what stops that one stops
/// the run, with a checkpoint. Nobody else would.
void stop_with_parent() {
  const char* parent = std::getenv("MAXSIMD_TRAIN_PARENT");
  if (parent == nullptr) return;
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (std::to_string(getppid()) != parent) std::raise(SIGTERM);
}

/// Takes --config FILE out of the words and reads the files; the other words are flags.
HyperparameterSet read_arguments(const std::vector<std::string>& words) {
  HyperparameterSet set;
  std::vector<std::string> flags;
  for (size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--config" && i + 1 < words.size()) {
      maxsimd::read_hyperparameters(words[++i], set);
    } else if (words[i].starts_with("--config=")) {
      maxsimd::read_hyperparameters(words[i].substr(9), set);
    } else if (words[i] == "--config") {
      throw std::invalid_argument("--config: expected a file after it");
    } else {
      flags.push_back(words[i]);
    }
  }
  maxsimd::parse_hyperparameter_flags(flags, set);
  return set;
}

/// The model by its folder: 'mini' and names on the hub have one. Throws as find_model() does.
void find_model_of(HyperparameterSet& set) {
  const std::string* model = set.get("model").string();
  if (model != nullptr && (*model == "mini" || maxsimd::is_hub_id(*model))) {
    set.set("model", maxsimd::HyperparameterValue(maxsimd::cli::find_model(*model).string()));
  }
}

int code_of(const std::exception& error) {
  if (dynamic_cast<const std::invalid_argument*>(&error) != nullptr) return kUsageError;
  if (dynamic_cast<const maxsimd::FormatError*>(&error) != nullptr) return EX_DATAERR;
  if (dynamic_cast<const maxsimd::IoError*>(&error) != nullptr) return EX_IOERR;
  return 1;
}

int train(const HyperparameterSet& set) {
  take_signals();
  stop_with_parent();
  // cuBLAS gives the same bits only with a workspace of one size.
  const bool* is_deterministic = set.get("full_determinism").boolean();
  if (is_deterministic != nullptr && *is_deterministic) {
    setenv("CUBLAS_WORKSPACE_CONFIG", ":16:8", 0);
  }
  const bool* is_quiet = set.get("disable_tqdm").boolean();
  maxsimd::training::TrainingOutcome outcome;
  {
    maxsimd::cli::TrainingConsole console(is_quiet == nullptr || !*is_quiet);
    try {
      outcome = maxsimd::training::train(set, console, stop_requested);
    } catch (const std::exception& error) {
      console.on_failure(error.what());
      return console.has_told() ? code_of(error) : maxsimd::cli::kToldByAnother;
    }
  }
  if (!outcome.is_first) return outcome.stopped ? kStopped : 0;
  if (outcome.stopped) {
    const bool* is_model_alone = set.get("save_only_model").boolean();
    const bool can_go_on = is_model_alone == nullptr || !*is_model_alone;
    std::fprintf(stderr, "stopped after step %lld; %s (%s)\n",
                 static_cast<long long>(outcome.steps),
                 can_go_on ? "go on with --resume_from_checkpoint"
                           : "with save_only_model its checkpoint is the model alone",
                 outcome.model_folder.c_str());
    return kStopped;
  }
  std::string pace;  // none where no step was left to do
  if (outcome.skipped_steps > 0) {
    pace = " (" + std::to_string(outcome.skipped_steps) + " of them skipped: no number came out)";
  }
  if (outcome.tokens_per_second > 0) {
    pace += ", " + std::to_string(std::llround(outcome.tokens_per_second)) + " tokens/s";
  }
  std::fprintf(stderr, "%lld steps%s%s; the model is in %s\n",
               static_cast<long long>(outcome.steps), pace.c_str(),
               outcome.stopped_early ? ", stopped early: the metric did not get better" : "",
               outcome.model_folder.c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  for (const std::string& word : words) {
    if (word == "--help" || word == "-h") {
      std::fputs(kUsage, stdout);
      return 0;
    }
    if (word == "--list") {
      std::fputs(maxsimd::hyperparameters_page().c_str(), stdout);
      return 0;
    }
  }
  HyperparameterSet set;
  try {
    set = read_arguments(words);
    const maxsimd::TrainingArguments arguments = maxsimd::training_arguments(set);
    maxsimd::check_can_train(arguments);
    maxsimd::training::evaluator_specs(arguments);
    find_model_of(set);
  } catch (const std::exception& error) {
    return maxsimd::cli::tell_error(error.what()) ? code_of(error) : maxsimd::cli::kToldByAnother;
  }
  return train(set);
}
