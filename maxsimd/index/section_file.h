// A file of named sections, written once, mapped afterwards (docs/index_format.md):
//
//   0     magic [8], u32 version, u32 number of sections
//   16    sections: {char name[16], u64 offset, u64 size, u64 checksum} each, then zeros
//   4088  u64 checksum of the bytes before it
//   4096  the sections, each at the next multiple of 64 bytes, zeros between; the file ends with
//         the last one
//
// Little-endian. Every file of a segment has this form.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "maxsimd/base/atomic_file.h"
#include "maxsimd/base/checksum.h"
#include "maxsimd/base/mapped_file.h"

namespace maxsimd {

inline constexpr size_t kSectionFileHeaderBytes = 4096;
inline constexpr size_t kSectionAlignment = 64;
inline constexpr size_t kMaxSections = 101;  // (4088 - 16) / 40

/// What a kind of section file starts with, and the newest and the oldest version of it this
/// program knows.
struct SectionFileKind {
  std::string_view magic;  // 8 characters
  uint32_t version = 0;
  uint32_t oldest = 0;
};

/// Writes sections one after another, each as a stream. Not thread-safe. The file appears at
/// commit(); without it nothing remains. All members throw IoError.
class SectionFileWriter {
 public:
  SectionFileWriter(const std::filesystem::path& path, const SectionFileKind& kind);

  /// Ends the section before and opens the next. `name`: 1 to 16 ASCII characters, new in the file.
  void begin_section(std::string_view name);
  /// Appends to the open section; small pieces are gathered before they are written.
  void write(std::span<const std::byte> bytes);
  template <class T>
  void write_values(std::span<const T> values) {
    write(std::as_bytes(values));
  }

  /// The file as far as it is written, but for the header, which comes last.
  MappedFile map();

  /// Bytes so far, those not yet written out included.
  uint64_t size_bytes() const;

  /// Writes the header, fsyncs, renames into place. At most once.
  void commit();

 private:
  struct Section {
    std::string name;
    uint64_t offset = 0;
    uint64_t size = 0;
    uint64_t checksum = 0;
  };
  void end_section();
  void flush();

  AtomicFileWriter file_;
  SectionFileKind kind_;
  std::vector<Section> sections_;
  Checksum checksum_;
  std::vector<std::byte> buffer_;
};

/// Immutable after open; const methods are safe from any thread.
class SectionFile {
 public:
  /// Maps the file and checks its header: magic, version, header checksum, sections that lie in
  /// the file in order and do not overlap, the file's size. Not the sections' bytes. Throws
  /// IoError; FormatError naming the file, what was expected and found.
  static SectionFile open(const std::filesystem::path& path, const SectionFileKind& kind);
  /// The same; nothing when there is no such file.
  static std::optional<SectionFile> open_if_exists(const std::filesystem::path& path,
                                                   const SectionFileKind& kind);
  /// From memory, which must outlive it and be aligned to 64 bytes; `name` stands for the path.
  static SectionFile parse(std::span<const std::byte> bytes, std::string name,
                           const SectionFileKind& kind);

  bool contains(std::string_view name) const;
  /// Throws FormatError when there is no such section.
  std::span<const std::byte> section(std::string_view name) const;
  /// The section as an array of `count` values. Throws FormatError for another size.
  template <class T>
  std::span<const T> values(std::string_view name, uint64_t count) const {
    const auto bytes = section_of_size(name, count, sizeof(T));
    return {reinterpret_cast<const T*>(bytes.data()), static_cast<size_t>(count)};
  }

  /// Recomputes a section's checksum. Throws FormatError (section, expected, found) when it is
  /// another. `seen`, when given, is called with each piece of up to 4 MiB after it was read, so
  /// that a caller looks at the bytes, or gives their memory back, in the same pass.
  void verify_section(std::string_view name,
                      const std::function<void(std::span<const std::byte>)>& seen = {}) const;
  std::vector<std::string> section_names() const;

  uint64_t size_bytes() const { return bytes_.size(); }
  /// The checksum in the header: it stands for the whole file, since it covers the sections'.
  uint64_t header_checksum() const;
  const std::string& name() const { return name_; }

  /// Lets the system take the memory of these bytes of the file back (MappedFile::release).
  void release(std::span<const std::byte> bytes) const noexcept;

  /// Throws FormatError: the file's name, the problem, what to do next. For what its readers find.
  [[noreturn]] void fail(const std::string& problem) const;

 private:
  struct Section {
    std::string name;
    uint64_t offset = 0;
    uint64_t size = 0;
    uint64_t checksum = 0;
  };
  SectionFile() = default;
  void read_header(const SectionFileKind& kind);
  std::span<const std::byte> section_of_size(std::string_view name, uint64_t count,
                                             size_t value_size) const;
  const Section* find(std::string_view name) const;
  const Section& require(std::string_view name) const;
  void check_kind(const SectionFileKind& kind) const;
  Section read_section(size_t number, uint64_t end) const;

  std::optional<MappedFile> file_;
  std::span<const std::byte> bytes_;
  std::string name_;
  std::vector<Section> sections_;
};

}  // namespace maxsimd
