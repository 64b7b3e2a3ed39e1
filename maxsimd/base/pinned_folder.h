// A folder held by itself, not by its name: what is done in it goes on in this folder when it is
// renamed, and never in another one that has taken its name meanwhile. Thread rule: const methods
// from any thread.
#pragma once

#include <filesystem>

namespace maxsimd {

class PinnedFolder {
 public:
  /// Throws IoError when it cannot be opened as a folder; a symbolic link is followed.
  explicit PinnedFolder(const std::filesystem::path& folder);
  PinnedFolder(PinnedFolder&& other) noexcept;
  PinnedFolder& operator=(PinnedFolder&&) = delete;
  ~PinnedFolder();

  /// A path of the folder that is good for as long as this object lives: /proc/self/fd/N. Where
  /// /proc is not mounted, the absolute path it was opened by.
  const std::filesystem::path& path() const { return path_; }

 private:
  int fd_ = -1;
  std::filesystem::path path_;
};

}  // namespace maxsimd
