// Whether a file system has room, asked before long work rather than found out in the middle.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace maxsimd {

/// Bytes a user without privileges may still write where `folder` lies. Throws IoError.
uint64_t free_disk_bytes(const std::filesystem::path& folder);

/// Throws IoError ("writing X: needs about 3.2 GB in FOLDER, 1.1 GB are free; ...") unless `needed`
/// bytes and a margin of 16 MiB are free. `what` says what is being written.
void check_disk_space(const std::filesystem::path& folder, uint64_t needed,
                      const std::string& what);
/// The same, told how many bytes are free.
void check_disk_space(const std::filesystem::path& folder, uint64_t needed, const std::string& what,
                      uint64_t free);

}  // namespace maxsimd
