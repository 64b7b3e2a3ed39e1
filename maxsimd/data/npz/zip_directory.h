// What the ZIP archive (also ZIP64) of an .npz holds. Every number in its directory is checked
// before it is used, and the directory's records are compared with the headers beside the data.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace maxsimd {

struct ZipEntry {
  uint16_t method = 0;
  uint32_t crc = 0;
  uint64_t size_bytes = 0;  // unpacked
  std::string_view packed;
};

/// The entries by name, without the .npy at its end; views of `bytes`. `name` stands for the file
/// in messages. Throws FormatError.
std::map<std::string, ZipEntry> read_zip_directory(std::string_view bytes, const std::string& name);

}  // namespace maxsimd
