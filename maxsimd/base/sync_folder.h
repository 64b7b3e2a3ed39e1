// Making sure of names: that a file or folder was made, renamed or removed survives a power cut
// only once the folder it is in is synced. Thread rule: any thread.
#pragma once

#include <filesystem>

namespace maxsimd {

/// Syncs a folder; an empty path is the current one. Throws IoError. File systems that cannot sync
/// folders (EINVAL) are no error: the rename itself is then all there is.
void sync_folder(const std::filesystem::path& folder);

}  // namespace maxsimd
