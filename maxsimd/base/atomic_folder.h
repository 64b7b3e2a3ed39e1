// Writing a folder so that a reader sees all of it or nothing: files go into a temporary folder
// beside the target, which commit() fsyncs and renames into place. Without commit() the destructor
// removes the temporary folder. Not thread-safe.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace maxsimd {

/// The temporary folders beside a target: of writers at work, and what killed processes left.
std::vector<std::filesystem::path> temporary_folders_of(const std::filesystem::path& target);

class AtomicFolderWriter {
 public:
  /// Makes the temporary folder (and missing parents). Throws std::invalid_argument when the target
  /// is a file or a folder with something in it, IoError when the system refuses.
  explicit AtomicFolderWriter(const std::filesystem::path& target);
  AtomicFolderWriter(const AtomicFolderWriter&) = delete;
  AtomicFolderWriter& operator=(const AtomicFolderWriter&) = delete;
  ~AtomicFolderWriter();

  /// Where to write the files; gone after commit().
  const std::filesystem::path& path() const { return temporary_; }

  /// Makes a folder inside. Throws IoError.
  std::filesystem::path make_folder(const std::string& name) const;

  /// Renames the folder into place. At most once. Throws IoError.
  void commit();

 private:
  std::filesystem::path target_;
  std::filesystem::path temporary_;
};

}  // namespace maxsimd
