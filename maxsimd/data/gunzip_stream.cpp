#include "maxsimd/data/gunzip_stream.h"

#include <zlib.h>

#include <algorithm>
#include <utility>

#include "maxsimd/base/errors.h"

namespace maxsimd {

struct GunzipStream::State {
  std::string name;
  z_stream zlib{};
  bool is_within = false;  // a member
  uint64_t num_members = 0;

  explicit State(std::string file) : name(std::move(file)) {
    constexpr int kGzipWindow = 15 + 16;  // the largest window; 16 more: gzip, not zlib's own form
    if (inflateInit2(&zlib, kGzipWindow) != Z_OK) throw IoError("gzip: zlib cannot start");
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { inflateEnd(&zlib); }

  [[noreturn]] void fail(std::string problem) const {
    if (num_members > 0) {
      problem += ", in what follows " + std::to_string(num_members) + " whole gzip " +
                 (num_members == 1 ? "member" : "members");
    }
    throw FormatError(name + ": damaged or truncated gzip data (" + problem +
                      "); make or download the file again");
  }

  // Returns how many bytes of `out` were written.
  size_t inflate_member(std::string_view& packed, std::span<char> out) {
    constexpr size_t kPiece = size_t{1} << 30;  // zlib counts in 32 bits
    const size_t given = std::min(packed.size(), kPiece), room = std::min(out.size(), kPiece);
    // zlib promises not to write there.
    zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    zlib.avail_in = static_cast<uInt>(given);
    zlib.next_out = reinterpret_cast<Bytef*>(out.data());
    zlib.avail_out = static_cast<uInt>(room);
    const int code = ::inflate(&zlib, Z_NO_FLUSH);
    if (code == Z_MEM_ERROR) throw IoError(name + ": gzip: no memory to unpack it");
    // Z_BUF_ERROR: it needs more bytes, or more room, to go on.
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) {
      fail(zlib.msg != nullptr ? zlib.msg : "a preset dictionary");
    }
    packed.remove_prefix(given - zlib.avail_in);
    if (code == Z_STREAM_END) {
      is_within = false;
      ++num_members;
      inflateReset(&zlib);
    }
    return room - zlib.avail_out;
  }
};

bool is_gzip(std::string_view head) noexcept {
  return head.starts_with("\x1F\x8B");
}

GunzipStream::GunzipStream(std::string name) : state_(std::make_unique<State>(std::move(name))) {}
GunzipStream::GunzipStream(GunzipStream&&) noexcept = default;
GunzipStream& GunzipStream::operator=(GunzipStream&&) noexcept = default;
GunzipStream::~GunzipStream() = default;

size_t GunzipStream::unpack(std::string_view& packed, std::span<char> out) {
  size_t written = 0;
  while (written < out.size()) {
    if (!state_->is_within) {
      if (state_->num_members > 0) {
        packed.remove_prefix(std::min(packed.find_first_not_of('\0'), packed.size()));
      }
      if (packed.empty()) break;
      state_->is_within = true;
    }
    const size_t given = packed.size();
    const size_t count = state_->inflate_member(packed, out.subspan(written));
    written += count;
    if (count == 0 && packed.size() == given) break;  // all that can be made of these bytes
  }
  return written;
}

void GunzipStream::check_is_whole() const {
  if (state_->is_within) state_->fail("unexpected end of file");
}

}  // namespace maxsimd
