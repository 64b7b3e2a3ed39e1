#include "maxsimd/checkpoint/safetensors.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "maxsimd/base/errors.h"
#include "maxsimd/checkpoint/safetensors_header.h"

namespace maxsimd {
namespace {

constexpr size_t kLengthBytes = 8;
constexpr uint64_t kMaxHeaderBytes = 100'000'000;  // as huggingface/safetensors

using detail::HeaderEntry;

[[noreturn]] void fail(const std::string& where, const HeaderEntry& entry,
                       const std::string& what) {
  throw FormatError(where + ": tensor '" + entry.name + "': " + what);
}

// The two things that most often lie under the name of a safetensors file.
void refuse_impostors(std::string_view text, const std::string& where) {
  if (text.starts_with("version https://git-lfs")) {
    throw FormatError(where +
                      ": not a safetensors file but a git-lfs pointer; fetch the file "
                      "itself with 'git lfs pull'");
  }
  const size_t start = text.find_first_not_of(" \t\r\n");
  if (start != std::string_view::npos && text[start] == '<') {
    throw FormatError(where +
                      ": not a safetensors file but a web page (HTML or XML); download "
                      "the file again");
  }
}

// For a length that cannot be: a sound file may well begin with the bytes of '<' (a header of 60).
[[noreturn]] void refuse_length(std::string_view text, const std::string& where,
                                const std::string& what) {
  refuse_impostors(text, where);
  throw FormatError(where + ": not a safetensors file (git-lfs pointer?): " + what);
}

std::string_view header_text(std::span<const std::byte> bytes, const std::string& where) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (text.size() < kLengthBytes) {
    refuse_length(
        text, where,
        "header too small: expected at least 8 bytes, the file has " + std::to_string(text.size()));
  }
  uint64_t length = 0;
  for (size_t i = 0; i < kLengthBytes; ++i) {
    length |= static_cast<uint64_t>(std::to_integer<uint8_t>(bytes[i])) << (8 * i);
  }
  if (length > kMaxHeaderBytes) {
    refuse_length(text, where,
                  "header too large: " + std::to_string(length) + " bytes, the limit is " +
                      std::to_string(kMaxHeaderBytes));
  }
  if (length > text.size() - kLengthBytes) {
    refuse_length(text, where,
                  "invalid header length: " + std::to_string(length) + " bytes in a file of " +
                      std::to_string(text.size()) + " (incomplete download?)");
  }
  return text.substr(kLengthBytes, static_cast<size_t>(length));
}

// Bytes that dtype and shape call for; multiplied left to right as the reference does.
uint64_t byte_size(const HeaderEntry& entry, const std::string& where) {
  uint64_t bits = 1;
  const auto multiply = [&](uint64_t factor) {
    if (factor != 0 && bits > std::numeric_limits<uint64_t>::max() / factor) {
      fail(where, entry, "overflow computing the size of shape " + shape_text(entry.shape));
    }
    bits *= factor;
  };
  for (const size_t extent : entry.shape) multiply(extent);
  multiply(dtype_bits(entry.dtype));
  if (bits % 8 != 0) fail(where, entry, "its values do not fill a whole number of bytes");
  return bits / 8;
}

void check_entry(const HeaderEntry& entry, uint64_t expected_begin, const std::string& where) {
  std::string offsets = "[";
  offsets.append(std::to_string(entry.begin)).append(", ");
  offsets.append(std::to_string(entry.end)).append("]");
  if (entry.begin != expected_begin || entry.end < entry.begin) {
    fail(where, entry,
         "invalid offsets " + offsets + ": expected to begin at " + std::to_string(expected_begin) +
             " (tensors may not overlap or leave holes)");
  }
  const uint64_t size = byte_size(entry, where);
  if (entry.end - entry.begin != size) {
    fail(where, entry,
         std::string(dtype_name(entry.dtype)) + " of shape " + shape_text(entry.shape) + " takes " +
             std::to_string(size) + " bytes, the offsets " + offsets + " give " +
             std::to_string(entry.end - entry.begin));
  }
}

}  // namespace

size_t TensorView::size() const {
  size_t product = 1;
  for (const size_t extent : shape) product *= extent;
  return product;
}

std::string shape_text(std::span<const size_t> shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) text += ", ";
    text += std::to_string(shape[i]);
  }
  return text + "]";
}

std::vector<TensorView> parse_safetensors(std::span<const std::byte> bytes,
                                          const std::string& where) {
  const std::string_view header = header_text(bytes, where);
  std::vector<HeaderEntry> entries = detail::parse_header(header, where);
  std::ranges::stable_sort(entries, [](const HeaderEntry& a, const HeaderEntry& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end < b.end;
  });
  const std::span<const std::byte> data = bytes.subspan(kLengthBytes + header.size());
  std::vector<TensorView> tensors;
  uint64_t covered = 0;
  for (HeaderEntry& entry : entries) {
    check_entry(entry, covered, where);
    if (entry.end > data.size()) {
      fail(where, entry,
           "ends at data byte " + std::to_string(entry.end) + ", the file has " +
               std::to_string(data.size()) + " (incomplete download?)");
    }
    covered = entry.end;
    tensors.push_back({std::move(entry.name), entry.dtype, std::move(entry.shape),
                       data.subspan(entry.begin, entry.end - entry.begin), where});
  }
  if (covered != data.size()) {
    throw FormatError(where + ": file not fully covered: the tensors take " +
                      std::to_string(covered) + " data bytes, the file has " +
                      std::to_string(data.size()));
  }
  return tensors;
}

SafetensorsFile SafetensorsFile::open(const std::filesystem::path& path) {
  MappedFile file = MappedFile::open(path);
  std::vector<TensorView> tensors = parse_safetensors(file.bytes(), path.string());
  return {std::move(file), std::move(tensors)};
}

const TensorView* SafetensorsFile::find(std::string_view name) const {
  const auto found = std::ranges::find(tensors_, name, &TensorView::name);
  return found == tensors_.end() ? nullptr : &*found;
}

}  // namespace maxsimd
