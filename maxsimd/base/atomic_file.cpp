#include "maxsimd/base/atomic_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <string>

#include "maxsimd/base/atomic_folder.h"
#include "maxsimd/base/errors.h"
#include "maxsimd/base/sync_folder.h"

namespace maxsimd {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, const char* what, int error) {
  throw IoError(path_to_be(path).string() + ": cannot " + what + ": " + std::strerror(error));
}

std::filesystem::path temporary_name(const std::filesystem::path& path) {
  static std::atomic<unsigned> counter{0};  // two writers of one process must not collide
  return path.string() + ".tmp-" + std::to_string(::getpid()) + "-" + std::to_string(counter++);
}

// Where the bytes shall go: behind a symlink, to its target. Anything that is there and is not a
// plain file (a folder, a device, a pipe) is refused: the rename would put a file in its place.
std::filesystem::path checked_target(std::filesystem::path path) {
  namespace fs = std::filesystem;
  if (path.empty()) throw IoError("writing a file: its name is empty");
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    throw IoError(path_to_be(path).string() +
                  ": expected a plain file to replace, or nothing; found " +
                  (fs::is_directory(status) ? "a folder" : "a device, pipe or socket"));
  }
  if (!fs::is_symlink(fs::symlink_status(path, error))) return path;
  fs::path target = fs::canonical(path, error);
  if (error) {
    throw IoError(path_to_be(path).string() + ": a symlink that leads nowhere; give its target");
  }
  return target;
}

}  // namespace

AtomicFileWriter::AtomicFileWriter(std::filesystem::path path)
    : path_(checked_target(std::move(path))), temporary_(temporary_name(path_)) {
  // A killed process of the same number may have left a file of the same name.
  while ((fd_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644)) < 0 &&
         errno == EEXIST) {
    temporary_ = temporary_name(path_);
  }
  if (fd_ < 0) fail(path_, "create", errno);
}

AtomicFileWriter::~AtomicFileWriter() {
  if (fd_ < 0) return;
  ::close(fd_);
  ::unlink(temporary_.c_str());
}

void AtomicFileWriter::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      fail(path_, "write", errno);
    }
    bytes = bytes.subspan(static_cast<size_t>(written));
    bytes_written_ += static_cast<size_t>(written);
  }
}

void AtomicFileWriter::write(std::string_view text) {
  write(std::as_bytes(std::span(text.data(), text.size())));
}

void AtomicFileWriter::overwrite(size_t offset, std::span<const std::byte> bytes) {
  MAXSIMD_ASSERT(offset + bytes.size() <= bytes_written_);
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0) {
      if (errno == EINTR) continue;
      fail(path_, "write", errno);
    }
    bytes = bytes.subspan(static_cast<size_t>(written));
    offset += static_cast<size_t>(written);
  }
}

MappedFile AtomicFileWriter::map() const {
  MAXSIMD_ASSERT(fd_ >= 0);
  return MappedFile::open(temporary_);
}

void AtomicFileWriter::commit() {
  MAXSIMD_ASSERT(fd_ >= 0);
  if (::fsync(fd_) != 0) fail(path_, "sync", errno);
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail(path_, "rename into place", errno);
  ::close(fd_);
  fd_ = -1;
  sync_folder(path_.parent_path());
}

void write_file_atomic(const std::filesystem::path& path, std::string_view content) {
  AtomicFileWriter writer(path);
  writer.write(content);
  writer.commit();
}

std::string read_file(const std::filesystem::path& path) {
  return std::string(MappedFile::open(path).text());
}

}  // namespace maxsimd
