#include "maxsimd/hub/file_download.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/mapped_file.h"
#include "maxsimd/base/sha256.h"
#include "maxsimd/base/sync_folder.h"
#include "maxsimd/hub/git_digest.h"
#include "maxsimd/hub/hub_names.h"

namespace maxsimd {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMostShortReplies = 5;

/// DIGEST.incomplete, open for appending.
class PartialFile {
 public:
  explicit PartialFile(fs::path path) : path_(std::move(path)) {
    fd_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd_ < 0) fail("cannot be opened");
    struct stat status {};
    if (::fstat(fd_, &status) != 0) fail("cannot be read");
    size_ = static_cast<uint64_t>(status.st_size);
  }
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;
  ~PartialFile() { ::close(fd_); }

  uint64_t size() const { return size_; }

  void start_over() {
    if (::ftruncate(fd_, 0) != 0) fail("cannot be emptied");
    size_ = 0;
  }

  void append(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(size_));
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) fail("cannot be written");
      bytes = bytes.subspan(static_cast<size_t>(count));
      size_ += static_cast<uint64_t>(count);
    }
  }

  void finish(const fs::path& target) {
    if (::fsync(fd_) != 0) fail("cannot be written");
    if (::rename(path_.c_str(), target.c_str()) != 0) fail("cannot be renamed");
    sync_folder(target.parent_path());
  }

  const fs::path& path() const { return path_; }

 private:
  [[noreturn]] void fail(const char* what) const {
    throw IoError(path_.string() + ": " + what + ": " + std::strerror(errno));
  }

  fs::path path_;
  int fd_ = -1;
  uint64_t size_ = 0;
};

std::string digest_of(const fs::path& path, bool is_sha256) {
  const MappedFile content = MappedFile::open(path);
  return is_sha256 ? sha256_hex(content.text()) : git_blob_digest(content.bytes());
}

class Download {
 public:
  Download(HubConnection& connection, const HubRepository& repository, const HubFile& file,
           const fs::path& incomplete, const std::function<void(uint64_t)>& received)
      : connection_(connection),
        file_(file),
        received_(received),
        partial_(incomplete),
        url_(connection.endpoint() + "/" + repository.id + "/resolve/" + repository.commit + "/" +
             url_escaped(file.name, true)),
        what_("downloading " + file.name + " of " + repository.id + " (" + url_ + ")") {}

  /// Attempts count from 0 again whenever more has come than ever: a line that is often cut gets
  /// there.
  void run() {
    if (partial_.size() > file_.size) partial_.start_over();
    const bool is_resumed = partial_.size() > 0;
    uint64_t most = partial_.size();
    for (size_t attempt = 0; partial_.size() < file_.size; ++attempt) {
      const HttpReply reply = ask();
      if (partial_.size() == file_.size) break;
      if (partial_.size() > most) attempt = 0;
      most = std::max(most, partial_.size());
      prepare_next(reply, attempt);
    }
    check(is_resumed);
  }

  void finish(const fs::path& target) { partial_.finish(target); }

 private:
  [[noreturn]] void fail(const std::string& reason) const { throw IoError(what_ + ": " + reason); }

  void prepare_next(const HttpReply& reply, size_t attempt) {
    constexpr long kRangeNotSatisfiable = 416;
    if (reply.is_ok() && attempt + 1 >= kMostShortReplies) {
      fail("the server sends " + std::to_string(partial_.size()) + " bytes of the " +
           std::to_string(file_.size) + " that it lists");
    }
    if (reply.status == kRangeNotSatisfiable && partial_.size() > 0) {
      partial_.start_over();
    } else if (!reply.is_ok() && !connection_.worth_retrying(reply, attempt)) {
      connection_.refuse(reply, what_);
    }
    connection_.pause(reply, attempt, what_);
  }

  // A server may send the whole although a part was asked for, or another part.
  void place(const HttpReply& reply) {
    const std::string range = reply.header("content-range");
    const std::string wanted = "bytes " + std::to_string(partial_.size()) + "-";
    if (reply.status == 206 && range.starts_with(wanted)) return;
    if (reply.status == 206) fail("asked for '" + wanted + "', the server sends '" + range + "'");
    partial_.start_over();
  }

  HttpReply ask() {
    std::vector<std::string> headers = {"Accept-Encoding: identity"};
    if (partial_.size() > 0) {
      headers.push_back("Range: bytes=" + std::to_string(partial_.size()) + "-");
    }
    bool is_placed = false;
    return connection_.get(url_, headers, [&](const HttpReply& reply, auto bytes) {
      if (!std::exchange(is_placed, true)) place(reply);
      if (bytes.size() > file_.size - partial_.size()) {
        partial_.start_over();
        fail("the server sends more than the " + std::to_string(file_.size) + " bytes it lists");
      }
      partial_.append(bytes);
      received_(partial_.size());
    });
  }

  // What an earlier attempt left may be of another file: then all of it is asked for once more.
  void check(bool is_resumed) {
    const std::string digest = digest_of(partial_.path(), file_.digest.size() == 64);
    if (digest == file_.digest) return;
    partial_.start_over();
    received_(0);
    if (is_resumed) return run();
    fail("the bytes are not those that the server lists: expected " + file_.digest + ", got " +
         digest + "; try again, and if it stays so, tell the model's owner");
  }

  HubConnection& connection_;
  const HubFile& file_;
  const std::function<void(uint64_t)>& received_;
  PartialFile partial_;
  std::string url_, what_;
};

}  // namespace

void download_file(HubConnection& connection, const CacheFolder& cache,
                   const HubRepository& repository, const HubFile& file,
                   const std::function<void(uint64_t)>& received) {
  const fs::path blob = cache.blob(file);
  if (!cache.has(file)) {
    const CacheLock lock(cache, file.digest);
    if (!cache.has(file)) {
      Download download(connection, repository, file, blob.string() + ".incomplete", received);
      download.run();
      download.finish(blob);
    }
  }
  received(file.size);
}

}  // namespace maxsimd
