// Guards the files a command writes.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace maxsimd::cli {

/// Throws std::invalid_argument when the output is one of the files the command reads, under
/// whatever name. An empty output (none was asked for) passes.
void check_output_is_no_input(const std::string& output,
                              const std::vector<std::filesystem::path>& inputs);

}  // namespace maxsimd::cli
