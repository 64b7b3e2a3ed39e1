#include "maxsimd/base/sync_folder.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "maxsimd/base/errors.h"

namespace maxsimd {
namespace {

[[noreturn]] void fail(const std::filesystem::path& folder, const char* what, int error) {
  throw IoError(folder.string() + ": cannot " + what + ": " + std::strerror(error));
}

}  // namespace

void sync_folder(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder.empty() ? "." : folder;
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) fail(path, "open folder", errno);
  const int result = ::fsync(fd);
  const int error = errno;
  ::close(fd);
  if (result != 0 && error != EINVAL) fail(path, "sync folder", error);
}

}  // namespace maxsimd
