#include "maxsimd/data/byte_source.h"

#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "maxsimd/base/errors.h"

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

// zlib's gz functions pass plain files through unchanged and join concatenated gzip members.
class FileSource : public ByteSource {
 public:
  explicit FileSource(const std::filesystem::path& path) : path_(path) {
    if (std::filesystem::is_directory(path)) {
      throw IoError(path.string() + ": cannot read: expected a file, found a folder");
    }
    errno = 0;
    file_.reset(::gzopen(path.c_str(), "rb"));
    if (!file_) {
      throw IoError(path.string() + ": cannot open: " + std::strerror(errno != 0 ? errno : ENOMEM));
    }
    ::gzbuffer(file_.get(), kBufferBytes);
  }

  size_t read(std::span<char> out) override {
    const size_t wanted = std::min(out.size(), kLargestRead);
    const int got = ::gzread(file_.get(), out.data(), static_cast<unsigned>(wanted));
    int code = Z_OK;
    const char* message = ::gzerror(file_.get(), &code);
    if (code == Z_ERRNO) throw IoError(path_.string() + ": cannot read: " + std::strerror(errno));
    // A truncated stream first returns the bytes there are, then reports Z_BUF_ERROR at the end.
    if (got < 0 || (got == 0 && code != Z_OK && code != Z_STREAM_END)) {
      throw FormatError(path_.string() + ": damaged or truncated gzip data (" + message +
                        "); make or download the file again");
    }
    return static_cast<size_t>(got);
  }

  uint64_t position() const override {
    return static_cast<uint64_t>(std::max<z_off_t>(::gzoffset(file_.get()), 0));
  }

 private:
  static constexpr unsigned kBufferBytes = 1U << 17;
  static constexpr size_t kLargestRead = size_t{1} << 30;  // gzread takes and returns an int
  struct Close {
    void operator()(gzFile file) const { ::gzclose_r(file); }
  };

  std::filesystem::path path_;
  std::unique_ptr<gzFile_s, Close> file_;
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
