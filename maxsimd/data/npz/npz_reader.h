// Reads numpy's .npz: stored and deflated .npy arrays of plain types. The file is mapped; every
// number in it is checked before it is used, and an array takes memory only after its size was
// compared with what the file can hold. Checksums are verified. Pickles are never read.
//
// Thread rule: immutable after open; const methods are safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "maxsimd/base/mapped_file.h"
#include "maxsimd/data/npz/npy_header.h"
#include "maxsimd/data/npz/zip_directory.h"

namespace maxsimd {

template <class T>
struct NpyArray {
  std::vector<uint64_t> shape;
  std::vector<T> values;  // row-major
};

class NpzArrayStream;
class ZipEntryStream;

class NpzReader {
 public:
  /// Throws IoError, FormatError.
  explicit NpzReader(const std::filesystem::path& path);

  /// Reads from memory, which must outlive the reader; `name` stands for the file in messages.
  NpzReader(std::string_view bytes, std::string name);

  std::vector<std::string> names() const;
  bool contains(const std::string& name) const { return entries_.contains(name); }

  /// Type and shape of an array. All of these throw FormatError: no such array, a damaged one.
  NpyHeader header(const std::string& name) const;

  /// f2, f4 and f8 as float32. Also throws FormatError for another type.
  NpyArray<float> read_floats(const std::string& name) const;

  /// Integers and booleans of any size. Also throws FormatError for values above 2^63 - 1.
  NpyArray<int64_t> read_integers(const std::string& name) const;

  /// "<U" as UTF-8, without the zeros numpy pads with.
  NpyArray<std::string> read_strings(const std::string& name) const;

  /// An array to be read piece by piece, which must not outlive the reader.
  NpzArrayStream open_array(const std::string& name) const;

 private:
  friend class NpzArrayStream;
  const ZipEntry& entry(const std::string& name) const;
  template <class T>
  NpyArray<T> read_array(const std::string& name) const;

  std::optional<MappedFile> file_;
  std::string name_;
  std::map<std::string, ZipEntry> entries_;
};

/// The values of one array, in order: memory does not grow with the array, packed or not, and the
/// pages of the file are given back to the system as they are passed. One thread at a time.
class NpzArrayStream {
 public:
  NpzArrayStream(NpzArrayStream&&) noexcept;
  NpzArrayStream& operator=(NpzArrayStream&&) noexcept;
  ~NpzArrayStream();

  const NpyHeader& header() const { return header_; }
  uint64_t remaining() const { return remaining_; }  // values

  /// Fills `out` with the next values, converted as NpzReader's read_floats(), read_integers() and
  /// read_strings() do. Throws FormatError as they do; a wrong checksum shows with the last value.
  /// REQUIRES: out.size() <= remaining().
  void read(std::span<float> out);
  void read(std::span<int64_t> out);
  void read(std::span<std::string> out);

 private:
  friend class NpzReader;
  explicit NpzArrayStream(std::unique_ptr<ZipEntryStream> entry);
  NpyHeader read_header();
  template <class Convert, class T>
  void read_converted(std::span<T> out);

  std::unique_ptr<ZipEntryStream> entry_;
  NpyHeader header_;
  uint64_t remaining_ = 0;
};

}  // namespace maxsimd
