#include "maxsimd/data/npz/npz_reader.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <type_traits>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/half.h"
#include "maxsimd/base/utf8.h"
#include "maxsimd/data/byte_source.h"
#include "maxsimd/data/npz/zip_format.h"

namespace maxsimd {

using namespace detail;

namespace {

// Values are converted this many bytes at a time.
constexpr size_t kChunkBytes = size_t{1} << 16;

// Pages of the file are given back this many bytes at a time.
constexpr size_t kReleaseBytes = size_t{4} << 20;

// No deflate stream unpacks to more than 1032 times its size (zlib's technical page).
constexpr uint64_t kMaxDeflateRatio = 1032;

template <class T>
T load(const std::byte* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof(T));
  return value;
}

float load_float(const std::byte* bytes, size_t size) {
  if (size == 2) return f16_to_float(load<uint16_t>(bytes));
  if (size == 4) return load<float>(bytes);
  return static_cast<float>(load<double>(bytes));
}

int64_t load_signed(const std::byte* bytes, size_t size) {
  switch (size) {
    case 1:
      return load<int8_t>(bytes);
    case 2:
      return load<int16_t>(bytes);
    case 4:
      return load<int32_t>(bytes);
    default:
      return load<int64_t>(bytes);
  }
}

uint64_t load_unsigned(const std::byte* bytes, size_t size) {
  switch (size) {
    case 1:
      return load<uint8_t>(bytes);
    case 2:
      return load<uint16_t>(bytes);
    case 4:
      return load<uint32_t>(bytes);
    default:
      return load<uint64_t>(bytes);
  }
}

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

}  // namespace

// The unpacked bytes of one entry, in order; checks length and checksum at the end.
class NpzReader::EntryStream {
 public:
  // `file` is what the entry lies in, null for bytes in memory.
  EntryStream(const Entry& entry, const MappedFile* file, std::string where)
      : entry_(entry), file_(file), where_(std::move(where)) {
    if (entry_.method != kZipDeflated) return;
    zlib_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(entry_.packed.data()));
    constexpr int kRawDeflate = -MAX_WBITS;
    if (::inflateInit2(&zlib_, kRawDeflate) != Z_OK) throw IoError(where_ + ": zlib cannot start");
    has_zlib_ = true;
  }
  EntryStream(const EntryStream&) = delete;
  EntryStream& operator=(const EntryStream&) = delete;
  ~EntryStream() {
    if (has_zlib_) ::inflateEnd(&zlib_);
  }

  uint64_t remaining() const { return entry_.size_bytes - taken_; }
  const std::string& where() const { return where_; }

  // Fills all of out. REQUIRES: out.size() <= remaining().
  void read(std::span<std::byte> out) {
    if (out.empty()) return;  // zlib takes a null pointer for "start over"
    if (has_zlib_) {
      inflate_into(out);
      release_pages(
          static_cast<size_t>(reinterpret_cast<const char*>(zlib_.next_in) - entry_.packed.data()));
    } else {
      std::memcpy(out.data(), entry_.packed.data() + taken_, out.size());
      release_pages(static_cast<size_t>(taken_) + out.size());
    }
    taken_ += out.size();
    crc_ = ::crc32_z(crc_, reinterpret_cast<const Bytef*>(out.data()), out.size());
    if (remaining() == 0 && crc_ != entry_.crc) fail("the checksum is wrong");
  }

  [[noreturn]] void fail(const std::string& problem) const {
    throw FormatError(where_ + ": " + problem);
  }

 private:
  // Of what lies before packed[passed]; a reader of many gigabytes must not hold them all.
  void release_pages(size_t passed) {
    if (file_ == nullptr || passed - released_ < kReleaseBytes) return;
    const auto begin = static_cast<size_t>(entry_.packed.data() - file_->text().data());
    file_->release(begin + released_, passed - released_);
    released_ = passed;
  }

  void inflate_into(std::span<std::byte> out) {
    constexpr size_t kMost = std::numeric_limits<uInt>::max();
    while (!out.empty()) {
      const auto room = static_cast<uInt>(std::min(out.size(), kMost));
      // avail_in is 32 bits: the rest of a large entry is handed over in pieces.
      const auto consumed =
          static_cast<size_t>(reinterpret_cast<const char*>(zlib_.next_in) - entry_.packed.data());
      zlib_.avail_in = static_cast<uInt>(std::min(entry_.packed.size() - consumed, kMost));
      zlib_.next_out = reinterpret_cast<Bytef*>(out.data());
      zlib_.avail_out = room;
      const int code = ::inflate(&zlib_, Z_NO_FLUSH);
      const size_t got = room - zlib_.avail_out;
      out = out.subspan(got);
      if (code != Z_OK && !(code == Z_STREAM_END && out.empty())) fail("damaged deflate data");
    }
  }

  const Entry& entry_;
  const MappedFile* file_;
  std::string where_;
  size_t released_ = 0;
  z_stream zlib_{};
  bool has_zlib_ = false;
  uint64_t taken_ = 0;
  uLong crc_ = 0;
};

namespace {

const std::filesystem::path& regular(const std::filesystem::path& path) {
  check_is_regular_file(path, "an .npz is read from several places");
  return path;
}

}  // namespace

NpzReader::NpzReader(const std::filesystem::path& path)
    : file_(MappedFile::open(regular(path))), bytes_(file_->text()), name_(path.string()) {
  read_directory();
}

NpzReader::NpzReader(std::string_view bytes, std::string name)
    : bytes_(bytes), name_(std::move(name)) {
  read_directory();
}

void NpzReader::fail(const std::string& problem) const {
  throw FormatError(name_ + ": " + problem + "; expected an .npz file as numpy.savez writes it");
}

// The end record is the last 22 bytes, or earlier when a comment of up to 65535 bytes follows.
NpzReader::Directory NpzReader::find_directory() const {
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

void NpzReader::read_directory() {
  const Directory directory = find_directory();
  auto position = static_cast<size_t>(directory.offset);
  for (uint64_t i = 0; i < directory.count; ++i) position = read_entry(position, directory);
}

// Reads one directory record; returns where the next one begins.
size_t NpzReader::read_entry(size_t position, const Directory& directory) {
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
  Entry entry{static_cast<uint16_t>(number(10, 2)),
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
std::string_view NpzReader::packed_bytes(std::string_view name, uint64_t offset, uint64_t size,
                                         const Directory& directory) const {
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

std::vector<std::string> NpzReader::names() const {
  std::vector<std::string> names;
  for (const auto& [name, entry] : entries_) names.push_back(name);
  return names;
}

const NpzReader::Entry& NpzReader::entry(const std::string& name) const {
  const auto found = entries_.find(name);
  if (found != entries_.end()) return found->second;
  std::string there;
  for (const auto& [other, entry] : entries_) there += " " + other;
  throw FormatError(name_ + ": no array '" + name + "'; the arrays there are:" + there);
}

NpzArrayStream NpzReader::open_array(const std::string& name) const {
  return NpzArrayStream(std::make_unique<EntryStream>(entry(name), file_ ? &*file_ : nullptr,
                                                      name_ + ": array '" + name + "'"));
}

NpyHeader NpzReader::header(const std::string& name) const {
  return open_array(name).header();
}

template <class T>
NpyArray<T> NpzReader::read_array(const std::string& name) const {
  NpzArrayStream stream = open_array(name);
  NpyArray<T> array{stream.header().shape, {}};
  array.values.resize(static_cast<size_t>(stream.remaining()));
  stream.read(std::span(array.values));
  return array;
}

NpyArray<float> NpzReader::read_floats(const std::string& name) const {
  return read_array<float>(name);
}

NpyArray<int64_t> NpzReader::read_integers(const std::string& name) const {
  return read_array<int64_t>(name);
}

NpyArray<std::string> NpzReader::read_strings(const std::string& name) const {
  return read_array<std::string>(name);
}

namespace {

struct ToFloat {
  static constexpr const char* kExpected = "floating point";
  static bool accepts(NpyKind kind) { return kind == NpyKind::floating; }
  static bool is_same_type(const NpyType& type) { return type.item_bytes == sizeof(float); }
  float operator()(const NpyType& type, const std::byte* bytes, const std::string&) const {
    return load_float(bytes, type.item_bytes);
  }
};

struct ToInteger {
  static constexpr const char* kExpected = "integers";
  static bool accepts(NpyKind kind) {
    return kind != NpyKind::floating && kind != NpyKind::unicode;
  }
  static bool is_same_type(const NpyType& type) {
    return type == NpyType{NpyKind::signed_integer, sizeof(int64_t)};
  }
  int64_t operator()(const NpyType& type, const std::byte* bytes, const std::string& where) const {
    if (type.kind == NpyKind::signed_integer) return load_signed(bytes, type.item_bytes);
    const uint64_t value = load_unsigned(bytes, type.item_bytes);
    if (value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
      throw FormatError(where + ": the value " + std::to_string(value) + " is above 2^63 - 1");
    }
    return static_cast<int64_t>(value);
  }
};

struct ToText {
  static constexpr const char* kExpected = "texts (numpy.array(ids, dtype=str))";
  static bool accepts(NpyKind kind) { return kind == NpyKind::unicode; }
  static bool is_same_type(const NpyType&) { return false; }
  std::string operator()(const NpyType& type, const std::byte* bytes,
                         const std::string& where) const {
    size_t length = type.item_bytes / sizeof(uint32_t);
    const auto unit = [bytes](size_t i) { return load<uint32_t>(bytes + i * sizeof(uint32_t)); };
    while (length > 0 && unit(length - 1) == 0) --length;
    std::string text;
    for (size_t i = 0; i < length; ++i) {
      const uint32_t code_point = unit(i);
      if (code_point > 0x10FFFF || (code_point >= 0xD800 && code_point <= 0xDFFF)) {
        throw FormatError(where + ": " + std::to_string(code_point) + " is no Unicode character");
      }
      append_utf8(text, code_point);
    }
    return text;
  }
};

}  // namespace

NpzArrayStream::NpzArrayStream(std::unique_ptr<NpzReader::EntryStream> entry)
    : entry_(std::move(entry)), header_(read_header()), remaining_(header_.count()) {}
NpzArrayStream::NpzArrayStream(NpzArrayStream&&) noexcept = default;
NpzArrayStream& NpzArrayStream::operator=(NpzArrayStream&&) noexcept = default;
NpzArrayStream::~NpzArrayStream() = default;

// Reads up to the first value and sees that exactly the rest of the entry is values.
NpyHeader NpzArrayStream::read_header() {
  NpzReader::EntryStream& stream = *entry_;
  std::string head(static_cast<size_t>(std::min<uint64_t>(kNpyPreambleBytes, stream.remaining())),
                   '\0');
  stream.read(std::as_writable_bytes(std::span(head)));
  const size_t size = npy_header_bytes(head, stream.where());
  if (size < head.size() || size - head.size() > stream.remaining()) {
    stream.fail("the npy header is truncated");
  }
  const size_t have = head.size();
  head.resize(size);
  stream.read(std::as_writable_bytes(std::span(head)).subspan(have));
  NpyHeader header = parse_npy_header(head, stream.where());
  const uint64_t expected = header.count() * header.type.item_bytes;
  if (expected != stream.remaining()) {
    stream.fail("the header promises " + std::to_string(expected) + " bytes of values, there are " +
                std::to_string(stream.remaining()));
  }
  return header;
}

// Convert()(type, bytes, where) makes one value; values that are a T in the file are not converted.
template <class Convert, class T>
void NpzArrayStream::read_converted(std::span<T> out) {
  const NpyType& type = header_.type;
  if (!Convert::accepts(type.kind)) {
    entry_->fail("type '" + npy_descr(type) + "'; expected " + Convert::kExpected);
  }
  remaining_ -= out.size();
  if constexpr (std::is_arithmetic_v<T>) {
    if (Convert::is_same_type(type)) {
      entry_->read(std::as_writable_bytes(out));
      return;
    }
  }
  const size_t item_bytes = type.item_bytes;
  const size_t items_a_chunk = std::max<size_t>(1, kChunkBytes / std::max<size_t>(1, item_bytes));
  std::vector<std::byte> chunk(std::min(items_a_chunk, out.size()) * item_bytes);
  while (!out.empty()) {
    const size_t items = std::min(out.size(), items_a_chunk);
    entry_->read(std::span(chunk).first(items * item_bytes));
    for (size_t i = 0; i < items; ++i) {
      out[i] = Convert()(type, chunk.data() + i * item_bytes, entry_->where());
    }
    out = out.subspan(items);
  }
}

void NpzArrayStream::read(std::span<float> out) {
  read_converted<ToFloat>(out);
}
void NpzArrayStream::read(std::span<int64_t> out) {
  read_converted<ToInteger>(out);
}
void NpzArrayStream::read(std::span<std::string> out) {
  read_converted<ToText>(out);
}

}  // namespace maxsimd
