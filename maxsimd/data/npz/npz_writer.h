// Writes numpy's .npz: a ZIP file of .npy arrays, stored (not compressed), ZIP64 where it is
// needed. Arrays are written as they come, without a copy: the number of rows may be known only at
// the end. The file appears when it is complete. The same input gives the same bytes. Not
// thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "maxsimd/base/atomic_file.h"
#include "maxsimd/data/npz/npy_header.h"

namespace maxsimd {

class NpzWriter {
 public:
  /// Throws IoError.
  explicit NpzWriter(const std::filesystem::path& path) : file_(path) {}

  /// Starts an array [rows, row_shape...]; `rows` follows from what is appended. Throws
  /// std::invalid_argument for a name that is empty, not plain ASCII, or used before, and for an
  /// array begun inside another.
  void begin(const std::string& name, NpyType type, std::vector<uint64_t> row_shape = {});

  /// Appends values, row-major. Throws IoError.
  void append(std::span<const std::byte> bytes);
  template <class T>
  void append(std::span<const T> values) {
    append(std::as_bytes(values));
  }

  /// Ends the array. Throws std::invalid_argument when the bytes are not whole rows.
  void end();

  /// A whole array of texts ("<U", as wide as the longest). Throws std::invalid_argument for texts
  /// that are not UTF-8 or end in U+0000, which numpy would drop.
  void write_strings(const std::string& name, std::span<const std::string> texts);

  /// Writes the directory and puts the file in place. At most once. Throws IoError.
  void commit();

 private:
  struct Entry {
    std::string name;
    uint64_t offset = 0;      // of the local header
    uint64_t size_bytes = 0;  // of the .npy
    uint32_t crc = 0;
  };

  std::string local_header(const Entry& entry) const;
  std::string central_header(const Entry& entry) const;

  AtomicFileWriter file_;
  std::vector<Entry> entries_;
  bool is_open_ = false;
  NpyHeader header_;  // of the open array; shape[0] is set by end()
  size_t header_bytes_ = 0;
  uint64_t data_bytes_ = 0;
  uint32_t data_crc_ = 0;
};

}  // namespace maxsimd
