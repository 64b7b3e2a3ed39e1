#include "maxsimd/data/npz/npz_reader.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <type_traits>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/half.h"
#include "maxsimd/base/utf8.h"
#include "maxsimd/data/byte_source.h"
#include "maxsimd/data/npz/zip_entry_stream.h"

namespace maxsimd {

namespace {

// Values are converted this many bytes at a time.
constexpr size_t kChunkBytes = size_t{1} << 16;

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

const std::filesystem::path& regular(const std::filesystem::path& path) {
  check_is_regular_file(path, "an .npz is read from several places");
  return path;
}

}  // namespace

NpzReader::NpzReader(const std::filesystem::path& path)
    : file_(MappedFile::open(regular(path))),
      name_(path.string()),
      entries_(read_zip_directory(file_->text(), name_)) {}

NpzReader::NpzReader(std::string_view bytes, std::string name)
    : name_(std::move(name)), entries_(read_zip_directory(bytes, name_)) {}

std::vector<std::string> NpzReader::names() const {
  std::vector<std::string> names;
  for (const auto& [name, entry] : entries_) names.push_back(name);
  return names;
}

const ZipEntry& NpzReader::entry(const std::string& name) const {
  const auto found = entries_.find(name);
  if (found != entries_.end()) return found->second;
  std::string there;
  for (const auto& [other, entry] : entries_) there += " " + other;
  throw FormatError(name_ + ": no array '" + name + "'; the arrays there are:" + there);
}

NpzArrayStream NpzReader::open_array(const std::string& name) const {
  return NpzArrayStream(std::make_unique<ZipEntryStream>(entry(name), file_ ? &*file_ : nullptr,
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

NpzArrayStream::NpzArrayStream(std::unique_ptr<ZipEntryStream> entry)
    : entry_(std::move(entry)), header_(read_header()), remaining_(header_.count()) {}
NpzArrayStream::NpzArrayStream(NpzArrayStream&&) noexcept = default;
NpzArrayStream& NpzArrayStream::operator=(NpzArrayStream&&) noexcept = default;
NpzArrayStream::~NpzArrayStream() = default;

// Reads up to the first value and sees that exactly the rest of the entry is values.
NpyHeader NpzArrayStream::read_header() {
  ZipEntryStream& stream = *entry_;
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
