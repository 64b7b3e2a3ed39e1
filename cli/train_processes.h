// Several processes of one training run on this machine, started and watched as torchrun does.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace maxsimd::cli {

/// Takes --nproc_per_node N out of the arguments; 1 when it is not there. Throws
/// CLI::ValidationError.
size_t take_process_count(std::vector<std::string>& arguments);

/// This process becomes the program arguments[0]. Throws IoError when it cannot be run.
[[noreturn]] void replace_process(std::vector<std::string> arguments);

/// Runs arguments[0] `count` times with torchrun's variables (RANK, WORLD_SIZE, MASTER_PORT, ...)
/// and waits for all. SIGTERM, SIGINT and SIGHUP are passed on to them; SIGPIPE is
/// ignored. When one fails, those that do not
/// end by themselves are killed; the first to fail has the error turn (error_turn.h). Returns the
/// exit code of the first that failed, else of the processes. Throws IoError.
int run_processes(const std::vector<std::string>& arguments, size_t count);

}  // namespace maxsimd::cli
