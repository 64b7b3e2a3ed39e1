#include "maxsimd/data/npz/zip_entry_stream.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include "maxsimd/base/errors.h"
#include "maxsimd/data/npz/zip_format.h"

namespace maxsimd {
namespace {

// Pages of the file are given back this many bytes at a time.
constexpr size_t kReleaseBytes = size_t{4} << 20;

}  // namespace

ZipEntryStream::ZipEntryStream(const ZipEntry& entry, const MappedFile* file, std::string where)
    : entry_(entry), file_(file), where_(std::move(where)) {
  if (entry_.method != detail::kZipDeflated) return;
  zlib_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(entry_.packed.data()));
  constexpr int kRawDeflate = -MAX_WBITS;
  if (::inflateInit2(&zlib_, kRawDeflate) != Z_OK) throw IoError(where_ + ": zlib cannot start");
  has_zlib_ = true;
}

ZipEntryStream::~ZipEntryStream() {
  if (has_zlib_) ::inflateEnd(&zlib_);
}

void ZipEntryStream::read(std::span<std::byte> out) {
  if (out.empty()) return;  // zlib takes a null pointer for "start over"
  if (has_zlib_) {
    inflate_into(out);
    release_pages(consumed());
  } else {
    std::memcpy(out.data(), entry_.packed.data() + taken_, out.size());
    release_pages(static_cast<size_t>(taken_) + out.size());
  }
  taken_ += out.size();
  crc_ = ::crc32_z(crc_, reinterpret_cast<const Bytef*>(out.data()), out.size());
  if (remaining() == 0 && crc_ != entry_.crc) fail("the checksum is wrong");
}

void ZipEntryStream::fail(const std::string& problem) const {
  throw FormatError(where_ + ": " + problem);
}

// Packed bytes that zlib has taken.
size_t ZipEntryStream::consumed() const {
  return static_cast<size_t>(reinterpret_cast<const char*>(zlib_.next_in) - entry_.packed.data());
}

// Of what lies before packed[passed]; a reader of many gigabytes must not hold them all.
void ZipEntryStream::release_pages(size_t passed) {
  if (file_ == nullptr || passed - released_ < kReleaseBytes) return;
  const auto begin = static_cast<size_t>(entry_.packed.data() - file_->text().data());
  file_->release(begin + released_, passed - released_);
  released_ = passed;
}

void ZipEntryStream::inflate_into(std::span<std::byte> out) {
  constexpr size_t kMost = std::numeric_limits<uInt>::max();
  while (!out.empty()) {
    const auto room = static_cast<uInt>(std::min(out.size(), kMost));
    // avail_in is 32 bits: the rest of a large entry is handed over in pieces.
    zlib_.avail_in = static_cast<uInt>(std::min(entry_.packed.size() - consumed(), kMost));
    zlib_.next_out = reinterpret_cast<Bytef*>(out.data());
    zlib_.avail_out = room;
    const int code = ::inflate(&zlib_, Z_NO_FLUSH);
    const size_t got = room - zlib_.avail_out;
    out = out.subspan(got);
    if (code != Z_OK && !(code == Z_STREAM_END && out.empty())) fail("damaged deflate data");
  }
}

}  // namespace maxsimd
