#include "maxsimd/index/writer_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <string>
#include <thread>
#include <utility>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/file_lock.h"
#include "maxsimd/index/index_folder.h"
#include "maxsimd/index/index_settings.h"

namespace maxsimd {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kRetryInterval = std::chrono::milliseconds(20);

// Made where it is missing, in a folder copied without it; but never where the index went away
// while we waited: what is empty must stay so.
int open_lock_file(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / kLockName;
  constexpr int kFlags = O_RDWR | O_CLOEXEC | O_NOFOLLOW;
  int fd = ::open(path.c_str(), kFlags);
  if (fd < 0 && errno == ENOENT && is_index(folder)) {
    fd = ::open(path.c_str(), kFlags | O_CREAT, 0644);
  }
  if (fd >= 0) return fd;
  const int error = errno;
  if (error == ELOOP) {
    throw IoError(path.string() + ": is a symbolic link; an index locks a file of its own");
  }
  if (error == ENOENT && !is_index(folder)) {
    throw IoError(folder.string() + ": there is no index (any more); make it anew");
  }
  throw IoError(path.string() + ": cannot open to write: " + std::strerror(error));
}

}  // namespace

WriterLock::WriterLock(const std::filesystem::path& folder, unsigned timeout_ms) {
  const std::filesystem::path path = folder / kLockName;
  const Clock::time_point deadline = Clock::now() + std::chrono::milliseconds(timeout_ms);
  for (;;) {
    const int fd = open_lock_file(folder);
    fd_ = fd;
    const int result = ::flock(fd, LOCK_EX | LOCK_NB);
    const int error = errno;
    // An index that was replaced while we waited has taken its lock file along.
    if (result == 0 && is_file_at(path, fd)) break;
    const std::string by = lock_holder(fd);
    ::close(fd);
    fd_ = -1;
    if (result == 0 || error == EINTR) continue;
    if (error != EWOULDBLOCK) {
      throw IoError(path.string() + ": cannot lock: " + std::strerror(error));
    }
    if (Clock::now() >= deadline) {
      throw IoError(folder.string() + ": locked: " + by +
                    " is writing to this index; wait for it to finish (searches need not)");
    }
    std::this_thread::sleep_for(kRetryInterval);
  }
  write_lock_holder(fd_);
}

WriterLock::WriterLock(WriterLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

WriterLock::~WriterLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace maxsimd
