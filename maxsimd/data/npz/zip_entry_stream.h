// The unpacked bytes of one entry of a ZIP archive.
#pragma once

#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "maxsimd/base/mapped_file.h"
#include "maxsimd/data/npz/zip_directory.h"

namespace maxsimd {

/// Gives an entry's bytes in order, and its pages back to the system as they are passed; checks
/// length and checksum at the end. One thread at a time.
class ZipEntryStream {
 public:
  /// `file` is what the entry lies in, null for bytes in memory; both must outlive the stream.
  /// `where` starts messages.
  ZipEntryStream(const ZipEntry& entry, const MappedFile* file, std::string where);
  ZipEntryStream(const ZipEntryStream&) = delete;
  ZipEntryStream& operator=(const ZipEntryStream&) = delete;
  ~ZipEntryStream();

  uint64_t remaining() const { return entry_.size_bytes - taken_; }
  const std::string& where() const { return where_; }

  /// Fills all of out. REQUIRES: out.size() <= remaining(). Throws FormatError.
  void read(std::span<std::byte> out);

  [[noreturn]] void fail(const std::string& problem) const;

 private:
  size_t consumed() const;
  void release_pages(size_t passed);
  void inflate_into(std::span<std::byte> out);

  const ZipEntry& entry_;
  const MappedFile* file_;
  std::string where_;
  size_t released_ = 0;
  z_stream zlib_{};
  bool has_zlib_ = false;
  uint64_t taken_ = 0;
  uLong crc_ = 0;
};

}  // namespace maxsimd
