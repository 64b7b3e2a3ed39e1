// An immutable piece of an index: documents with their stored vectors, offsets and ids in one
// mapped file, segments/NNNNNN/documents.bin (docs/index_format.md). Which of them are still live
// is not the segment's business (the catalog's bitmap says).
//
// Slots number a segment's documents 0, 1, ... in the order of their sequence numbers.
//
// Thread rule: immutable after open; const methods are safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "maxsimd/index/codec.h"
#include "maxsimd/index/document_block.h"
#include "maxsimd/index/section_file.h"

namespace maxsimd {

class Segment {
 public:
  /// Maps FOLDER/documents.bin of an index of this codec and dim (at least 1) and checks all that
  /// is needed to use it without further checks: sizes, and the checksums and order of its tables
  /// (offsets, sequence numbers, ids); not the vectors' checksum. Nothing when the file is not
  /// there. Throws IoError, FormatError naming the file.
  static std::optional<Segment> open_if_exists(const std::filesystem::path& folder, Codec codec,
                                               size_t dim);
  /// The same from memory aligned to 64 bytes that outlives it.
  static Segment parse(std::span<const std::byte> bytes, std::string name, Codec codec, size_t dim);

  size_t size() const { return sequences_.size(); }  // documents, dead ones included
  uint64_t num_vectors() const { return num_vectors_; }
  uint64_t size_bytes() const { return file_.size_bytes(); }
  uint64_t header_checksum() const { return file_.header_checksum(); }

  CodedRows rows() const;             // of all documents, in slot order
  CodedRows rows(size_t slot) const;  // of one
  std::span<const uint64_t> row_offsets() const { return row_offsets_; }  // [size + 1]
  std::span<const DocId> sequences() const { return sequences_; }         // [size], ascending
  std::string_view id(size_t slot) const;

  /// The slot with this sequence number. O(log size).
  std::optional<size_t> find(DocId sequence) const;
  /// The slots whose document has this id, ascending: more than one when a document was replaced
  /// within one commit. O(log size).
  std::vector<size_t> find_id(std::string_view id) const;

  /// Recomputes every checksum, the vectors' too, and checks that no stored value is NaN or
  /// infinite. Throws FormatError.
  void verify() const;

  /// Lets the system drop the pages of the vectors from memory (they are read again when needed):
  /// keeps a merge from holding all it copied.
  void release_pages() const noexcept;

 private:
  Segment(SectionFile file, Codec codec, size_t dim);
  void read_shape();
  void map_sections();
  void check_offsets() const;
  void check_ids() const;
  void check_id_order() const;

  SectionFile file_;
  Codec codec_;
  size_t dim_;
  uint64_t num_documents_ = 0;
  uint64_t num_vectors_ = 0;
  std::span<const std::byte> codes_;
  std::span<const float> scales_;
  std::span<const uint64_t> row_offsets_;
  std::span<const DocId> sequences_;
  std::span<const uint64_t> id_offsets_;
  std::span<const char> ids_;
  std::span<const uint32_t> id_order_;  // slots in the order of their ids' bytes, then slots
};

inline constexpr std::string_view kSegmentFileName = "documents.bin";
inline constexpr SectionFileKind kSegmentFileKind = {"MAXSIMDD", 0};

/// Section "shape" of a segment: what its other sections are made of.
struct SegmentShape {
  uint64_t codec = 0;  // 0 float32, 1 float16, 2 int8
  uint64_t dim = 0;
  uint64_t num_documents = 0;  // below 2^32: slots are 32 bits on disk
  uint64_t num_vectors = 0;
};
uint64_t stored_codec(Codec codec);  // the number that stands for it

/// "000042": the name of a segment's folder.
std::string segment_name(uint64_t number);
/// The number, when it is such a name.
std::optional<uint64_t> segment_number(std::string_view name);

}  // namespace maxsimd
