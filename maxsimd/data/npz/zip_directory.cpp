#include "maxsimd/data/npz/zip_directory.h"

#include <algorithm>
#include <span>
#include <utility>

#include "maxsimd/base/errors.h"
#include "maxsimd/data/npz/zip_format.h"

namespace maxsimd {

using namespace detail;

namespace {

// No deflate stream unpacks to more than 1032 times its size (zlib's technical page).
constexpr uint64_t kMaxDeflateRatio = 1032;

// Replaces those of the numbers that are full by the 64-bit ones of the ZIP64 field, which holds
// them in the order given. False when the extra fields are damaged.
bool read_zip64_field(std::string_view extra, std::span<uint64_t* const> numbers) {
  while (extra.size() >= 4) {
    const auto size = static_cast<size_t>(get_number(extra, 2, 2));
    if (size > extra.size() - 4) return false;
    if (get_number(extra, 0, 2) == kZip64Extra) {
      std::string_view field = extra.substr(4, size);
      for (uint64_t* number : numbers) {
        if (*number != kZip32Full || field.size() < 8) continue;
        *number = get_number(field, 0, 8);
        field.remove_prefix(8);
      }
    }
    extra.remove_prefix(4 + size);
  }
  return true;
}

class ZipDirectoryReader {
 public:
  ZipDirectoryReader(std::string_view bytes, const std::string& name)
      : bytes_(bytes), name_(name) {}

  std::map<std::string, ZipEntry> read();

 private:
  struct Directory {
    uint64_t count = 0;
    uint64_t offset = 0;
    uint64_t size_bytes = 0;
  };

  Directory find_directory() const;
  size_t read_entry(size_t position, const Directory& directory);
  std::string_view packed_bytes(std::string_view name, uint64_t offset, uint64_t size,
                                const Directory& directory) const;
  [[noreturn]] void fail(const std::string& problem) const;

  std::string_view bytes_;
  const std::string& name_;
  std::map<std::string, ZipEntry> entries_;
};

void ZipDirectoryReader::fail(const std::string& problem) const {
  throw FormatError(name_ + ": " + problem + "; expected an .npz file as numpy.savez writes it");
}

// The end record is the last 22 bytes, or earlier when a comment of up to 65535 bytes follows.
ZipDirectoryReader::Directory ZipDirectoryReader::find_directory() const {
  const size_t searched = std::min<size_t>(bytes_.size(), kZipEndBytes + kZip16Full);
  const std::string_view tail = bytes_.substr(bytes_.size() - searched);
  std::string magic;
  put_number(magic, kZipEnd, 4);
  size_t found = tail.rfind(magic);
  while (found != std::string_view::npos && found + kZipEndBytes > tail.size()) {
    if (found == 0) break;
    found = tail.rfind(magic, found - 1);
  }
  if (found == std::string_view::npos || found + kZipEndBytes > tail.size()) fail("not a ZIP file");
  const size_t end = bytes_.size() - searched + found;
  Directory directory{get_number(bytes_, end + 10, 2), get_number(bytes_, end + 16, 4),
                      get_number(bytes_, end + 12, 4)};
  if (directory.count == kZip16Full || directory.offset == kZip32Full ||
      directory.size_bytes == kZip32Full) {
    if (end < kZip64LocatorBytes) fail("truncated ZIP64 record");
    const size_t locator = end - kZip64LocatorBytes;
    if (get_number(bytes_, locator, 4) != kZip64Locator) fail("no ZIP64 locator");
    const uint64_t record = get_number(bytes_, locator + 8, 8);
    if (locator < kZip64EndBytes || record > locator - kZip64EndBytes ||
        get_number(bytes_, static_cast<size_t>(record), 4) != kZip64End) {
      fail("no ZIP64 end record");
    }
    const auto at = static_cast<size_t>(record);
    directory = {get_number(bytes_, at + 32, 8), get_number(bytes_, at + 48, 8),
                 get_number(bytes_, at + 40, 8)};
  }
  if (directory.offset > end || directory.size_bytes > end - directory.offset) {
    fail("the ZIP directory lies outside of the file");
  }
  return directory;
}

std::map<std::string, ZipEntry> ZipDirectoryReader::read() {
  const Directory directory = find_directory();
  auto position = static_cast<size_t>(directory.offset);
  for (uint64_t i = 0; i < directory.count; ++i) position = read_entry(position, directory);
  return std::move(entries_);
}

// Reads one directory record; returns where the next one begins.
size_t ZipDirectoryReader::read_entry(size_t position, const Directory& directory) {
  const auto end = static_cast<size_t>(directory.offset + directory.size_bytes);
  if (position + kZipCentralHeaderBytes > end) fail("the ZIP directory is truncated");
  const auto number = [&](size_t offset, size_t bytes) {
    return get_number(bytes_, position + offset, bytes);
  };
  if (number(0, 4) != kZipCentralHeader) fail("the ZIP directory is damaged");
  const auto name_bytes = static_cast<size_t>(number(28, 2));
  const auto extra_bytes = static_cast<size_t>(number(30, 2));
  const size_t record_bytes =
      kZipCentralHeaderBytes + name_bytes + extra_bytes + static_cast<size_t>(number(32, 2));
  if (record_bytes > end - position) fail("the ZIP directory is truncated");
  const std::string_view name = bytes_.substr(position + kZipCentralHeaderBytes, name_bytes);
  const std::string where = "entry '" + std::string(name) + "'";
  if ((number(8, 2) & 1U) != 0) fail(where + " is encrypted");
  ZipEntry entry{static_cast<uint16_t>(number(10, 2)),
                 static_cast<uint32_t>(number(16, 4)),
                 number(24, 4),
                 {}};
  uint64_t packed_bytes_count = number(20, 4);
  uint64_t offset = number(42, 4);
  const std::string_view extra =
      bytes_.substr(position + kZipCentralHeaderBytes + name_bytes, extra_bytes);
  uint64_t* const full[] = {&entry.size_bytes, &packed_bytes_count, &offset};
  if (!read_zip64_field(extra, full)) fail(where + " has a damaged extra field");
  if (entry.method != kZipStored && entry.method != kZipDeflated) {
    fail(where + " uses compression method " + std::to_string(entry.method));
  }
  entry.packed = packed_bytes(name, offset, packed_bytes_count, directory);
  const bool fits = entry.method == kZipStored
                        ? entry.size_bytes == packed_bytes_count
                        : entry.size_bytes / kMaxDeflateRatio <= packed_bytes_count;
  if (!fits) fail(where + " cannot unpack to " + std::to_string(entry.size_bytes) + " bytes");
  const std::string array_name(name.substr(0, name.size() - (name.ends_with(".npy") ? 4 : 0)));
  if (!entries_.emplace(array_name, entry).second) fail(where + " is there twice");
  return position + record_bytes;
}

// Follows a directory record to its data and compares the two headers.
std::string_view ZipDirectoryReader::packed_bytes(std::string_view name, uint64_t offset,
                                                  uint64_t size, const Directory& directory) const {
  const std::string where = "entry '" + std::string(name) + "'";
  const uint64_t limit = directory.offset;
  if (offset > limit || limit - offset < kZipLocalHeaderBytes) fail(where + " lies outside");
  const auto at = static_cast<size_t>(offset);
  const auto name_bytes = static_cast<size_t>(get_number(bytes_, at + 26, 2));
  const uint64_t begin =
      offset + kZipLocalHeaderBytes + name_bytes + get_number(bytes_, at + 28, 2);
  if (get_number(bytes_, at, 4) != kZipLocalHeader || begin > limit || size > limit - begin) {
    fail(where + " lies outside of the file or is damaged");
  }
  if (bytes_.substr(at + kZipLocalHeaderBytes, name_bytes) != name) {
    fail(where + " has another name in its own header");
  }
  return bytes_.substr(static_cast<size_t>(begin), static_cast<size_t>(size));
}

}  // namespace

std::map<std::string, ZipEntry> read_zip_directory(std::string_view bytes,
                                                   const std::string& name) {
  return ZipDirectoryReader(bytes, name).read();
}

}  // namespace maxsimd
