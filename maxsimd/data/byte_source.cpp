#include "maxsimd/data/byte_source.h"

#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "maxsimd/base/errors.h"

namespace maxsimd {
namespace {

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
    return count;
  }

 private:
  std::string_view bytes_;
};

}  // namespace

std::unique_ptr<ByteSource> open_byte_source(const std::filesystem::path& path) {
  return std::make_unique<FileSource>(path);
}

std::unique_ptr<ByteSource> memory_byte_source(std::string_view bytes) {
  return std::make_unique<MemorySource>(bytes);
}

}  // namespace maxsimd
