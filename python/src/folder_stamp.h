// Whether a model's folder is still what a model was loaded from.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

namespace maxsimd::python {

/// The size and the time of the last change of one file.
struct FileStamp {
  uintmax_t size_bytes = 0;
  int64_t changed_ns = 0;

  bool operator==(const FileStamp&) const = default;
};

/// The files a model is made of, by their names relative to its folder; cards, logs and other files
/// are not among them.
using FolderStamp = std::map<std::string, FileStamp>;

/// Of a folder that is gone it is empty. Any thread may call it.
FolderStamp stamp_of(const std::filesystem::path& folder);

/// Throws IoError, naming the folder and the first file that is another, is new or is gone.
void check_unchanged(const std::filesystem::path& folder, const FolderStamp& loaded);

}  // namespace maxsimd::python
