// How the tests of the store start the program store_child and read what it says.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/store/child_process.h"
#include "tests/store/store_script.h"

namespace maxsimd::store_testing {

inline std::string shape_argument(const ScriptShape& shape) {
  return std::to_string(shape.seed) + ',' + std::to_string(shape.num_ids) + ',' +
         std::to_string(shape.largest_batch) + ',' + std::to_string(shape.largest_burst) + ',' +
         std::string(store_kind_name(shape.kind));
}

/// `store_child VERB FOLDER SHAPE STEPS [more]`.
inline std::vector<std::string> child_command(const std::string& verb,
                                              const std::filesystem::path& folder,
                                              const ScriptShape& shape, size_t num_steps,
                                              const std::string& more = {}) {
  std::vector<std::string> command = {STORE_CHILD, verb, folder.string(), shape_argument(shape),
                                      std::to_string(num_steps)};
  if (!more.empty()) command.push_back(more);
  return command;
}

/// The step of a line "done N".
inline size_t step_in(const std::string& line) {
  return std::stoul(line.substr(line.rfind(' ') + 1));
}

/// Reads to the end of its output; the step it said last, `done` when it said none.
inline size_t last_step_said(ChildProcess& writer, size_t done) {
  for (std::string line = writer.read_line(); !line.empty(); line = writer.read_line()) {
    done = step_in(line);
  }
  return done;
}

}  // namespace maxsimd::store_testing
