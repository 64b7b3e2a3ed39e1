// A library to preload (LD_PRELOAD) that makes the system fail: it stands before the calls of libc
// that change files and lets the N-th of them that touches one folder go wrong. SQLite reaches the
// system through the same symbols, so its calls are counted, too (fault_test proves it).
//
//   STORE_FAULT_FOLDER  only calls on this folder and what is in it count
//   STORE_FAULT_LOG     append a line "NUMBER NAME PATH" a counted call to this file (elsewhere)
//   STORE_FAULT_TRACE   append every counted call that worked to this file, with what it wrote, and
//                       what the process writes to its standard output (recorded_disk.h reads it)
//   STORE_FAULT_AT      the number of the call that goes wrong, from 1; absent: none does
//   STORE_FAULT_KIND    EIO ENOSPC EACCES  the call fails so, and has done nothing
//                       SHORT              a write takes half of its bytes and says so; others work
//                       KILL_BEFORE        SIGKILL instead of the call
//                       KILL_HALF          SIGKILL after half of a write, or after the call
//                       KILL_AFTER         SIGKILL after the call
//   STORE_FAULT_STICKY  1: every later call fails as well (a dead disk); for ENOSPC those only that
//                       take space (a full one)
//
// The calls are made as plain system calls, so nothing here can be counted itself.
#include <dirent.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

namespace {

enum class Effect { work, fail, half, kill_before, kill_half, kill_after };

std::string setting(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

struct Plan {
  std::string folder = setting("STORE_FAULT_FOLDER");
  std::string log = setting("STORE_FAULT_LOG");
  std::string trace = setting("STORE_FAULT_TRACE");
  std::string kind = setting("STORE_FAULT_KIND");
  long at = std::atol(setting("STORE_FAULT_AT").c_str());
  bool sticky = setting("STORE_FAULT_STICKY") == "1";
};

const Plan& plan() {
  static const Plan plan;
  return plan;
}

bool is_inside(std::string_view path) {
  const std::string& folder = plan().folder;
  return !folder.empty() && path.starts_with(folder) &&
         (path.size() == folder.size() || path[folder.size()] == '/');
}

std::string path_of(int fd) {
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  char target[PATH_MAX];
  const long size = syscall(SYS_readlinkat, AT_FDCWD, link.c_str(), target, sizeof(target));
  return size < 0 ? "" : std::string(target, static_cast<size_t>(size));
}

std::string path_at(int folder, const char* path) {
  if (folder != AT_FDCWD && path[0] != '/') return path_of(folder) + '/' + path;
  // A pinned folder's: "/proc/self/fd/7/catalog.sqlite".
  constexpr std::string_view kPinned = "/proc/self/fd/";
  const std::string_view text = path;
  if (!text.starts_with(kPinned)) return path;
  const size_t slash = text.find('/', kPinned.size());
  if (slash == text.npos) return path;
  const int fd = std::atoi(path + kPinned.size());
  return path_of(fd).append(text.substr(slash));
}

struct Call {
  const char* name;
  std::string path;
  bool takes_space = false;
  std::string from = "-";       // of a rename
  off_t offset = 0;             // of a write; the size of a cut
  const void* bytes = nullptr;  // of a write
};

void append_to(const std::string& file, const std::string& text) {
  const long fd = syscall(SYS_openat, AT_FDCWD, file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  syscall(SYS_write, fd, text.data(), text.size());
  syscall(SYS_close, fd);
}

void write_log(long number, const Call& call) {
  if (plan().log.empty()) return;
  append_to(plan().log, std::to_string(number) + ' ' + call.name + ' ' + call.path + '\n');
}

// "NAME PATH FROM OFFSET SIZE" in a line, then SIZE bytes.
void write_trace(const Call& call, long result) {
  if (plan().trace.empty()) return;
  const size_t size = call.bytes == nullptr ? 0 : static_cast<size_t>(result);
  std::string record = std::string(call.name) + ' ' + call.path + ' ' + call.from + ' ' +
                       std::to_string(call.offset) + ' ' + std::to_string(size) + '\n';
  if (size > 0) record.append(static_cast<const char*>(call.bytes), size);
  append_to(plan().trace, record);
}

void kill_this_process() {
  syscall(SYS_kill, getpid(), SIGKILL);
  pause();
}

int error_number() {
  if (plan().kind == "EIO") return EIO;
  if (plan().kind == "ENOSPC") return ENOSPC;
  return plan().kind == "EACCES" ? EACCES : 0;
}

// Counts the call and says what shall become of it.
Effect next_effect(const Call& call) {
  static std::atomic<long> counter{0};
  if (!is_inside(call.path)) return Effect::work;
  const long number = ++counter;
  write_log(number, call);
  const Plan& p = plan();
  if (p.at == 0 || number < p.at || (number > p.at && !p.sticky)) return Effect::work;
  if (error_number() != 0) {
    const bool spared = p.sticky && p.kind == "ENOSPC" && !call.takes_space;
    return spared ? Effect::work : Effect::fail;
  }
  if (p.kind == "SHORT") return Effect::half;
  if (p.kind == "KILL_BEFORE") return Effect::kill_before;
  return p.kind == "KILL_HALF" ? Effect::kill_half : Effect::kill_after;
}

// make(half) makes the call; half asks a write for half of its bytes.
template <class Make>
auto perform(const Call& call, Make make) -> decltype(make(false)) {
  const Effect effect = next_effect(call);
  if (effect == Effect::fail) {
    errno = error_number();
    return -1;
  }
  if (effect == Effect::kill_before) kill_this_process();
  const auto result = make(effect == Effect::half || effect == Effect::kill_half);
  if (effect == Effect::kill_half || effect == Effect::kill_after) kill_this_process();
  if (result >= 0 && is_inside(call.path)) write_trace(call, result);
  return result;
}

// 1 stays 1: a write of nothing would be no progress.
size_t part_of(size_t size, bool half) {
  return half && size > 1 ? size / 2 : size;
}

int open_at(const char* name, int folder, const char* path, int flags, mode_t mode) {
  const auto make = [&](bool) {
    return static_cast<int>(syscall(SYS_openat, folder, path, flags, mode));
  };
  const bool changes = (flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)) != 0;
  if (!changes) return make(false);
  const char* traced = (flags & O_TRUNC) != 0 ? "open-empty" : name;
  return perform({traced, path_at(folder, path), (flags & O_CREAT) != 0}, make);
}

int unlink_at(const char* name, int folder, const char* path, int flags) {
  return perform({name, path_at(folder, path)}, [&](bool) {
    return static_cast<int>(syscall(SYS_unlinkat, folder, path, flags));
  });
}

ssize_t write_at(const char* name, int fd, const void* bytes, size_t size, off_t offset) {
  return perform({name, path_of(fd), true, "-", offset, bytes}, [&](bool half) {
    return static_cast<ssize_t>(syscall(SYS_pwrite64, fd, bytes, part_of(size, half), offset));
  });
}

int cut(const char* name, int fd, off_t size) {
  return perform({name, path_of(fd), false, "-", size},
                 [&](bool) { return static_cast<int>(syscall(SYS_ftruncate, fd, size)); });
}

int allocate(const char* name, int fd, int mode, off_t offset, off_t size) {
  return perform({name, path_of(fd), true}, [&](bool) {
    return static_cast<int>(syscall(SYS_fallocate, fd, mode, offset, size));
  });
}

mode_t mode_argument(int flags, va_list& arguments) {
  return (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
}

}  // namespace

// The functions of libc, by their names; glibc declares several noexcept.
extern "C" {

// NOLINTBEGIN(cert-dcl50-cpp)
int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_argument(flags, arguments);
  va_end(arguments);
  return open_at("open", AT_FDCWD, path, flags, mode);
}
int open64(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_argument(flags, arguments);
  va_end(arguments);
  return open_at("open64", AT_FDCWD, path, flags, mode);
}
int openat(int folder, const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_argument(flags, arguments);
  va_end(arguments);
  return open_at("openat", folder, path, flags, mode);
}
// NOLINTEND(cert-dcl50-cpp)

ssize_t write(int fd, const void* bytes, size_t size) {
  const off_t offset = syscall(SYS_lseek, fd, 0, SEEK_CUR);
  if (fd == STDOUT_FILENO) {
    write_trace({"say", "-", false, "-", 0, bytes}, static_cast<long>(size));
  }
  return perform({"write", path_of(fd), true, "-", offset, bytes}, [&](bool half) {
    return static_cast<ssize_t>(syscall(SYS_write, fd, bytes, part_of(size, half)));
  });
}
ssize_t writev(int fd, const iovec* parts, int count) {
  return perform({"writev", path_of(fd), true}, [&](bool half) {
    const int taken = half && count > 1 ? count / 2 : count;
    return static_cast<ssize_t>(syscall(SYS_writev, fd, parts, taken));
  });
}
ssize_t pwrite(int fd, const void* bytes, size_t size, off_t offset) {
  return write_at("pwrite", fd, bytes, size, offset);
}
ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t offset) {
  return write_at("pwrite64", fd, bytes, size, offset);
}

int fsync(int fd) {
  return perform({"fsync", path_of(fd)},
                 [&](bool) { return static_cast<int>(syscall(SYS_fsync, fd)); });
}
int fdatasync(int fd) {
  return perform({"fdatasync", path_of(fd)},
                 [&](bool) { return static_cast<int>(syscall(SYS_fdatasync, fd)); });
}

int ftruncate(int fd, off_t size) noexcept {
  return cut("ftruncate", fd, size);
}
int ftruncate64(int fd, off64_t size) noexcept {
  return cut("ftruncate64", fd, size);
}
int fallocate(int fd, int mode, off_t offset, off_t size) {
  return allocate("fallocate", fd, mode, offset, size);
}
int posix_fallocate(int fd, off_t offset, off_t size) {
  return allocate("posix_fallocate", fd, 0, offset, size) == 0 ? 0 : errno;
}

int rename(const char* from, const char* to) noexcept {
  const char* where = is_inside(from) && !is_inside(to) ? from : to;
  return perform({"rename", where, false, from}, [&](bool) {
    return static_cast<int>(syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
  });
}
int renameat2(int from_folder, const char* from, int to_folder, const char* to,
              unsigned flags) noexcept {
  return perform({"renameat2", path_at(to_folder, to), false, from}, [&](bool) {
    return static_cast<int>(syscall(SYS_renameat2, from_folder, from, to_folder, to, flags));
  });
}
int mkdir(const char* path, mode_t mode) noexcept {
  return perform({"mkdir", path_at(AT_FDCWD, path), true}, [&](bool) {
    return static_cast<int>(syscall(SYS_mkdirat, AT_FDCWD, path, mode));
  });
}
int rmdir(const char* path) noexcept {
  return unlink_at("rmdir", AT_FDCWD, path, AT_REMOVEDIR);
}
int unlink(const char* path) noexcept {
  return unlink_at("unlink", AT_FDCWD, path, 0);
}
int unlinkat(int folder, const char* path, int flags) noexcept {
  return unlink_at("unlinkat", folder, path, flags);
}
int remove(const char* path) noexcept {
  return perform({"remove", path_at(AT_FDCWD, path)}, [&](bool) {
    const long result = syscall(SYS_unlinkat, AT_FDCWD, path, 0);
    const bool is_folder = result != 0 && (errno == EISDIR || errno == EPERM);
    return static_cast<int>(is_folder ? syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR)
                                      : result);
  });
}

}  // extern "C"
