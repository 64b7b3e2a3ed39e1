// checkpoint-STEP: what a run calls the folders of its checkpoints.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace maxsimd {

std::string checkpoint_name(int64_t step);
/// The step of a name that checkpoint_name() gives; nothing for another ("checkpoint-007").
std::optional<int64_t> checkpoint_step(std::string_view name);

/// All that has such a name in a folder, be it a checkpoint or something else; the newest first.
/// Empty when there is no folder. Throws IoError.
std::vector<std::filesystem::path> find_checkpoint_names(const std::filesystem::path& run_folder);

}  // namespace maxsimd
