// The files of a checkpoint folder: which are there, that they are what was written, and whether
// the folder is a checkpoint of ours at all. trainer_state.json lists them:
//
//   "files"      {name: bytes} of all others, "1_Dense/model.safetensors" for one
//   "checksums"  {name: checksum()} of the same; not in checkpoints of earlier versions
//
// Any thread.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "maxsimd/base/json.h"

namespace maxsimd::training {

inline constexpr const char* kStateName = "trainer_state.json";

/// Adds the list of the files that are in the folder now. Throws IoError.
void list_files(const std::filesystem::path& folder, nlohmann::ordered_json& state);

/// Whether a run of ours wrote it, be it whole or not: its trainer_state.json has that list, or its
/// run.json is of a training run; also a folder with nothing in it. What is not ours must stay.
bool is_own_checkpoint(const std::filesystem::path& path);

/// What keeps a checkpoint from being whole, by the names and sizes of its files; nothing: whole.
/// Throws IoError: it cannot be looked at.
std::optional<std::string> find_missing_file(const std::filesystem::path& folder);

/// The same by its files' contents, too, all of which are read.
std::optional<std::string> find_damage(const std::filesystem::path& folder);

/// Throws FormatError when find_damage() has something; IoError.
void check_undamaged(const std::filesystem::path& folder);

/// The whole checkpoints of an output folder (find_missing_file()), the newest first; `notes` says
/// which are not whole. Throws IoError.
std::vector<std::filesystem::path> find_checkpoints(const std::filesystem::path& output,
                                                    std::vector<std::string>& notes);

}  // namespace maxsimd::training
