// Where an index lies, and the place beside it, PARENT/.NAME.replacement, where another is built or
// an old one is put before it is deleted. What a killed process left there is swept by the next
// that needs the place. Only the holder of the index's lock may use it.
#pragma once

#include <filesystem>

namespace maxsimd {

/// "index/" is the folder "index": a symbolic link must not hide behind the slash.
std::filesystem::path without_last_slash(const std::filesystem::path& path);

/// The folder under its full name, which has a parent and a last component. Throws
/// std::invalid_argument when it has none.
std::filesystem::path full_index_path(const std::filesystem::path& folder);

std::filesystem::path place_beside(const std::filesystem::path& folder);

/// Empties the place beside an index. Throws std::invalid_argument when something lies there that
/// is not wholly of ours (nothing is deleted then), IoError while another process is at work there.
void sweep_place_beside(const std::filesystem::path& folder, unsigned lock_timeout_ms);

}  // namespace maxsimd
