#include "maxsimd/base/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "maxsimd/base/errors.h"

namespace maxsimd {
namespace {

bool has_no_locks(int error) {
  return error == ENOSYS || error == EOPNOTSUPP || error == ENOLCK;
}

}  // namespace

bool is_file_at(const std::filesystem::path& path, int fd) {
  struct stat ours {};
  struct stat there {};
  return ::fstat(fd, &ours) == 0 && ::stat(path.c_str(), &there) == 0 &&
         ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

void write_lock_holder(int fd) {
  const std::string number = std::to_string(::getpid()) + "\n";
  if (::ftruncate(fd, 0) == 0) (void)!::pwrite(fd, number.data(), number.size(), 0);
}

std::string lock_holder(int fd) {
  char text[32] = {};
  const ssize_t size = ::pread(fd, text, sizeof(text) - 1, 0);
  std::string number(text, size > 0 ? static_cast<size_t>(size) : 0);
  number.erase(number.find_last_not_of("\n ") + 1);
  return number.empty() ? "another process" : "process " + number;
}

std::optional<FileLock> FileLock::try_take(const std::filesystem::path& path) {
  for (;;) {
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd < 0) throw IoError(path.string() + ": cannot be opened: " + std::strerror(errno));
    const int error = ::flock(fd, LOCK_EX | LOCK_NB) == 0 ? 0 : errno;
    FileLock lock(path, fd);
    // Its holder removes the file at the end: who opened it before has a lock on nothing.
    if (error == 0 && is_file_at(path, fd)) {
      write_lock_holder(fd);
      return lock;
    }
    if (has_no_locks(error)) return lock;
    ::close(std::exchange(lock.fd_, -1));  // the file is another's
    if (error == EWOULDBLOCK) return std::nullopt;
    if (error != 0 && error != EINTR) {
      throw IoError(path.string() + ": cannot be locked: " + std::strerror(error));
    }
  }
}

std::string FileLock::holder(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const std::string holder = lock_holder(fd);
  if (fd >= 0) ::close(fd);
  return holder;
}

FileLock::FileLock(FileLock&& other) noexcept
    : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}

FileLock::~FileLock() {
  if (fd_ < 0) return;
  ::unlink(path_.c_str());
  ::close(fd_);
}

}  // namespace maxsimd
