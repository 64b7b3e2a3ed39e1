#include "maxsimd/data/gzip_stream.h"

#include <zlib.h>

#include <algorithm>
#include <array>

#include "maxsimd/base/errors.h"

namespace maxsimd {

struct GzipStream::State {
  z_stream zlib{};
  std::array<char, size_t{1} << 16> packed;

  State() {
    constexpr int kGzipWindow = 15 + 16;  // the largest window; 16 more: gzip, not zlib's own form
    constexpr int kMemory = 8;            // zlib's default
    if (deflateInit2(&zlib, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindow, kMemory,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
      throw IoError("gzip: zlib cannot start");
    }
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { deflateEnd(&zlib); }

  void run(std::string_view bytes, int flush, std::string& out) {
    // zlib promises not to write there.
    zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    zlib.avail_in = static_cast<uInt>(bytes.size());
    do {
      zlib.next_out = reinterpret_cast<Bytef*>(packed.data());
      zlib.avail_out = static_cast<uInt>(packed.size());
      deflate(&zlib, flush);
      out.append(packed.data(), packed.size() - zlib.avail_out);
    } while (zlib.avail_out == 0);
  }
};

GzipStream::GzipStream() : state_(std::make_unique<State>()) {}
GzipStream::GzipStream(GzipStream&&) noexcept = default;
GzipStream& GzipStream::operator=(GzipStream&&) noexcept = default;
GzipStream::~GzipStream() = default;

void GzipStream::write(std::string_view bytes, std::string& out) {
  constexpr size_t kPiece = size_t{1} << 30;  // zlib counts in 32 bits
  while (!bytes.empty()) {
    state_->run(bytes.substr(0, kPiece), Z_NO_FLUSH, out);
    bytes.remove_prefix(std::min(kPiece, bytes.size()));
  }
}

void GzipStream::finish(std::string& out) {
  state_->run("", Z_FINISH, out);
}

std::string gzip(std::string_view text) {
  GzipStream stream;
  std::string out;
  stream.write(text, out);
  stream.finish(out);
  return out;
}

}  // namespace maxsimd
