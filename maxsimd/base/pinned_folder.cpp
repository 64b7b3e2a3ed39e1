#include "maxsimd/base/pinned_folder.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "maxsimd/base/errors.h"

namespace maxsimd {

namespace fs = std::filesystem;

PinnedFolder::PinnedFolder(const fs::path& folder) {
  const fs::path named = folder.empty() ? fs::path(".") : folder;
  fd_ = ::open(named.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd_ < 0) {
    throw IoError(named.string() + ": cannot open folder: " + std::strerror(errno));
  }
  path_ = std::string("/proc/self/fd/").append(std::to_string(fd_));
  std::error_code error;
  if (!fs::is_directory(path_, error)) path_ = fs::absolute(named, error);
}

PinnedFolder::PinnedFolder(PinnedFolder&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)) {}

PinnedFolder::~PinnedFolder() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace maxsimd
