// The names inside an index folder (docs/index_format.md). Not for other rooms.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "maxsimd/index/segment.h"

namespace maxsimd {

inline constexpr const char* kSettingsName = "maxsimd.json";
inline constexpr const char* kCatalogName = "catalog.sqlite";
inline constexpr const char* kSegmentsName = "segments";
inline constexpr const char* kLockName = "lock";
inline constexpr const char* kTunedSearchName = "search.json";

inline std::filesystem::path segment_path(const std::filesystem::path& folder, uint64_t number) {
  return folder / kSegmentsName / segment_name(number);
}

inline constexpr std::string_view kCodebookFolderPrefix = "centroids-";

inline std::filesystem::path codebook_path(const std::filesystem::path& folder, uint64_t number) {
  return folder / std::string(kCodebookFolderPrefix).append(std::to_string(number));
}
/// The number, when it is the name of such a folder.
std::optional<uint64_t> codebook_number(std::string_view name);

/// Whether an entry of the index folder is a codebook's, or one half written, by its name and by
/// all it holds: what may be deleted there.
bool is_own_codebook(const std::filesystem::directory_entry& entry);

/// Whether an entry of segments/ is a segment, or one half written, by its name and by all it
/// holds: what may be deleted there.
bool is_own_segment(const std::filesystem::directory_entry& entry);

/// Removes what killed processes left beside `folder` when they made an index there: those whose
/// lock is free. Errors are ignored.
void remove_unfinished_indexes(const std::filesystem::path& folder);

}  // namespace maxsimd
