#include "maxsimd/data/npz/npz_writer.h"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "maxsimd/base/utf8.h"
#include "maxsimd/data/npz/zip_format.h"

namespace maxsimd {
namespace {

using namespace detail;

uint32_t crc_of(uint32_t crc, std::span<const std::byte> bytes) {
  if (bytes.empty()) return crc;  // zlib takes a null pointer for "start over"
  return static_cast<uint32_t>(
      ::crc32_z(crc, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

std::span<const std::byte> as_bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

bool is_plain_name(const std::string& name) {
  return !name.empty() && name.size() < 256 && std::ranges::all_of(name, [](unsigned char c) {
    return std::string_view("/\\:").find(static_cast<char>(c)) == std::string_view::npos &&
           c > 0x20 && c < 0x7F;
  });
}

uint32_t capped32(uint64_t value) {
  return static_cast<uint32_t>(std::min<uint64_t>(value, kZip32Full));
}

std::u32string decode_text(const std::string& text, const std::string& array) {
  std::u32string decoded;
  for (size_t i = 0; i < text.size();) {
    const Utf8Decoded next = decode_utf8(text, i);
    if (!next.valid) {
      throw std::invalid_argument("array '" + array + "': a text is not valid UTF-8");
    }
    decoded.push_back(next.code_point);
    i += next.length;
  }
  if (!decoded.empty() && decoded.back() == 0) {
    throw std::invalid_argument("array '" + array + "': the text '" + text +
                                "' ends in U+0000, which numpy arrays cannot hold");
  }
  return decoded;
}

}  // namespace

void NpzWriter::begin(const std::string& name, NpyType type, std::vector<uint64_t> row_shape) {
  if (is_open_) throw std::invalid_argument("npz: array '" + name + "' begun inside another");
  if (!is_plain_name(name) || std::ranges::count(entries_, name, &Entry::name) > 0) {
    throw std::invalid_argument("npz: array name '" + name + "' is not plain ASCII or used before");
  }
  is_open_ = true;
  entries_.push_back({name, file_.bytes_written(), 0, 0});
  header_ = {type, std::move(row_shape)};
  header_.shape.insert(header_.shape.begin(), std::numeric_limits<uint64_t>::max());
  data_bytes_ = 0;
  data_crc_ = 0;
  // Both headers are written with room for the largest numbers, and once more by end().
  const std::string npy_header = format_npy_header(header_);
  header_bytes_ = npy_header.size();
  file_.write(local_header(entries_.back()));
  file_.write(npy_header);
}

void NpzWriter::append(std::span<const std::byte> bytes) {
  if (!is_open_) throw std::invalid_argument("npz: values without an array");
  file_.write(bytes);
  data_crc_ = crc_of(data_crc_, bytes);
  data_bytes_ += bytes.size();
}

void NpzWriter::end() {
  if (!is_open_) throw std::invalid_argument("npz: the end of an array that was not begun");
  Entry& entry = entries_.back();
  header_.shape[0] = 1;
  const uint64_t row_bytes = header_.count() * header_.type.item_bytes;
  if (row_bytes == 0 ? data_bytes_ != 0 : data_bytes_ % row_bytes != 0) {
    throw std::invalid_argument("npz: array '" + entry.name + "' has " +
                                std::to_string(data_bytes_) +
                                " bytes, which are not whole rows of " + std::to_string(row_bytes));
  }
  header_.shape[0] = row_bytes == 0 ? 0 : data_bytes_ / row_bytes;
  const std::string npy_header = format_npy_header(header_, header_bytes_);
  entry.size_bytes = header_bytes_ + data_bytes_;
  entry.crc = static_cast<uint32_t>(::crc32_combine(crc_of(0, as_bytes_of(npy_header)), data_crc_,
                                                    static_cast<z_off_t>(data_bytes_)));
  const std::string both = local_header(entry) + npy_header;
  file_.overwrite(static_cast<size_t>(entry.offset), as_bytes_of(both));
  is_open_ = false;
}

void NpzWriter::write_strings(const std::string& name, std::span<const std::string> texts) {
  size_t width = 1;
  for (const std::string& text : texts) width = std::max(width, decode_text(text, name).size());
  begin(name, {NpyKind::unicode, width * sizeof(char32_t)});
  constexpr size_t kFlushAt = size_t{1} << 14;  // code points; a write a text would be slow
  std::u32string rows;
  for (const std::string& text : texts) {
    std::u32string row = decode_text(text, name);
    row.resize(width);
    rows += row;
    if (rows.size() < kFlushAt) continue;
    append(std::span<const char32_t>(rows));
    rows.clear();
  }
  append(std::span<const char32_t>(rows));
  end();
}

void NpzWriter::commit() {
  if (is_open_) throw std::invalid_argument("npz: commit inside an array");
  const uint64_t directory = file_.bytes_written();
  for (const Entry& entry : entries_) file_.write(central_header(entry));
  const uint64_t directory_bytes = file_.bytes_written() - directory;
  const uint64_t end = file_.bytes_written();
  std::string out;
  if (directory + directory_bytes >= kZip32Full || entries_.size() >= kZip16Full) {
    put_number(out, kZip64End, 4);
    put_number(out, kZip64EndBytes - 12, 8);  // of what follows this field
    put_number(out, kZip64Version, 2);
    put_number(out, kZip64Version, 2);
    put_number(out, 0, 4);  // this disk
    put_number(out, 0, 4);  // the directory's disk
    put_number(out, entries_.size(), 8);
    put_number(out, entries_.size(), 8);
    put_number(out, directory_bytes, 8);
    put_number(out, directory, 8);
    put_number(out, kZip64Locator, 4);
    put_number(out, 0, 4);
    put_number(out, end, 8);
    put_number(out, 1, 4);  // disks in all
  }
  const uint64_t count = std::min<uint64_t>(entries_.size(), kZip16Full);
  put_number(out, kZipEnd, 4);
  put_number(out, 0, 2);
  put_number(out, 0, 2);
  put_number(out, count, 2);
  put_number(out, count, 2);
  put_number(out, capped32(directory_bytes), 4);
  put_number(out, capped32(directory), 4);
  put_number(out, 0, 2);  // no comment
  file_.write(out);
  file_.commit();
}

// The sizes go into a ZIP64 field always: how large the array gets is not known when it begins
// (numpy's own files do the same).
std::string NpzWriter::local_header(const Entry& entry) const {
  const std::string file_name = entry.name + ".npy";
  std::string out;
  put_number(out, kZipLocalHeader, 4);
  put_number(out, kZip64Version, 2);
  put_number(out, 0, 2);  // flags
  put_number(out, kZipStored, 2);
  put_number(out, 0, 2);  // time
  put_number(out, kZipDate, 2);
  put_number(out, entry.crc, 4);
  put_number(out, kZip32Full, 4);
  put_number(out, kZip32Full, 4);
  put_number(out, file_name.size(), 2);
  put_number(out, 20, 2);  // bytes of the extra field
  out += file_name;
  put_number(out, kZip64Extra, 2);
  put_number(out, 16, 2);
  put_number(out, entry.size_bytes, 8);
  put_number(out, entry.size_bytes, 8);
  return out;
}

std::string NpzWriter::central_header(const Entry& entry) const {
  const std::string file_name = entry.name + ".npy";
  std::string extra;
  if (entry.size_bytes >= kZip32Full) {
    put_number(extra, entry.size_bytes, 8);
    put_number(extra, entry.size_bytes, 8);
  }
  if (entry.offset >= kZip32Full) put_number(extra, entry.offset, 8);
  if (!extra.empty()) {
    std::string head;
    put_number(head, kZip64Extra, 2);
    put_number(head, extra.size(), 2);
    extra = head + extra;
  }
  std::string out;
  put_number(out, kZipCentralHeader, 4);
  put_number(out, kZip64Version, 2);  // made by
  put_number(out, kZip64Version, 2);  // needed
  put_number(out, 0, 2);              // flags
  put_number(out, kZipStored, 2);
  put_number(out, 0, 2);
  put_number(out, kZipDate, 2);
  put_number(out, entry.crc, 4);
  put_number(out, capped32(entry.size_bytes), 4);
  put_number(out, capped32(entry.size_bytes), 4);
  put_number(out, file_name.size(), 2);
  put_number(out, extra.size(), 2);
  put_number(out, 0, 2);  // comment
  put_number(out, 0, 2);  // disk
  put_number(out, 0, 2);  // internal attributes
  put_number(out, 0, 4);  // external attributes
  put_number(out, capped32(entry.offset), 4);
  return out + file_name + extra;
}

}  // namespace maxsimd
