#include "maxsimd/data/byte_source.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "maxsimd/base/errors.h"
#include "maxsimd/data/gunzip_stream.h"

namespace maxsimd {
namespace {

const char* kind_of(const std::filesystem::file_status& status) {
  switch (status.type()) {
    case std::filesystem::file_type::directory:
      return "a folder";
    case std::filesystem::file_type::fifo:
      return "a pipe";
    case std::filesystem::file_type::socket:
      return "a socket";
    default:
      return "a device";
  }
}

/// The bytes of a file or pipe as they lie there.
class RawFile {
 public:
  explicit RawFile(const std::filesystem::path& path) : path_(path) {
    if (std::filesystem::is_directory(path)) {
      throw IoError(path.string() + ": cannot read: expected a file, found a folder");
    }
    file_.reset(std::fopen(path.c_str(), "rbe"));  // e: not for programs that are started
    if (!file_) throw IoError(path.string() + ": cannot open: " + std::strerror(errno));
    std::setvbuf(file_.get(), nullptr, _IONBF, 0);
  }

  uint64_t position() const { return position_; }

  size_t read(std::span<char> out) {
    const size_t got = std::fread(out.data(), 1, out.size(), file_.get());
    if (std::ferror(file_.get()) != 0) {
      throw IoError(path_.string() + ": cannot read: " + std::strerror(errno));
    }
    position_ += got;
    return got;
  }

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  std::filesystem::path path_;
  std::unique_ptr<std::FILE, Close> file_;
  uint64_t position_ = 0;
};

class FileSource : public ByteSource {
 public:
  explicit FileSource(const std::filesystem::path& path) : file_(path), buffer_(kBufferBytes) {
    while (ahead_.size() < 2 && fill_up()) continue;
    if (is_gzip(ahead_)) gzip_.emplace(path.string());
  }

  size_t read(std::span<char> out) override {
    return gzip_.has_value() ? read_packed(out) : read_plain(out);
  }

  uint64_t position() const override { return file_.position() - ahead_.size(); }

 private:
  static constexpr size_t kBufferBytes = size_t{1} << 17;

  // Reads more behind what is ahead, of which there is less than the buffer holds; false at the
  // end.
  bool fill_up() {
    if (is_at_end_) return false;
    const size_t kept = ahead_.size();
    std::copy(ahead_.begin(), ahead_.end(), buffer_.begin());
    const size_t got = file_.read(std::span(buffer_).subspan(kept));
    is_at_end_ = got == 0;
    ahead_ = {buffer_.data(), kept + got};
    return !is_at_end_;
  }

  size_t read_plain(std::span<char> out) {
    if (ahead_.empty()) return is_at_end_ ? 0 : file_.read(out);
    const size_t count = ahead_.copy(out.data(), out.size());
    ahead_.remove_prefix(count);
    return count;
  }

  size_t read_packed(std::span<char> out) {
    while (!out.empty()) {
      if (const size_t count = gzip_->unpack(ahead_, out)) return count;
      if (!fill_up()) {
        gzip_->check_is_whole();
        break;
      }
    }
    return 0;
  }

  RawFile file_;
  std::vector<char> buffer_;
  std::string_view ahead_;  // read, and not yet given out: of buffer_
  bool is_at_end_ = false;
  std::optional<GunzipStream> gzip_;
};

class MemorySource : public ByteSource {
 public:
  explicit MemorySource(std::string_view bytes) : bytes_(bytes) {}

  size_t read(std::span<char> out) override {
    const size_t count = std::min(out.size(), bytes_.size());
    std::copy_n(bytes_.data(), count, out.data());
    bytes_.remove_prefix(count);
    taken_ += count;
    return count;
  }

  uint64_t position() const override { return taken_; }

 private:
  std::string_view bytes_;
  uint64_t taken_ = 0;
};

}  // namespace

void check_is_regular_file(const std::filesystem::path& path, const std::string& why) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  if (std::filesystem::is_regular_file(status)) return;
  if (status.type() == std::filesystem::file_type::not_found) {
    throw IoError(path.string() + ": no such file");
  }
  if (error) throw IoError(path.string() + ": cannot look at: " + error.message());
  throw IoError(path.string() + ": expected a regular file, found " + kind_of(status) + ": " + why);
}

std::unique_ptr<ByteSource> open_byte_source(const std::filesystem::path& path) {
  return std::make_unique<FileSource>(path);
}

std::unique_ptr<ByteSource> memory_byte_source(std::string_view bytes) {
  return std::make_unique<MemorySource>(bytes);
}

}  // namespace maxsimd
