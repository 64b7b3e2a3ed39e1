// An immutable piece of an index: documents with their stored vectors, offsets, ids, and inverted
// lists or a graph, in one mapped file, segments/NNNNNN/documents.bin (docs/index_format.md). Which
// of them are still live is not the segment's business (the catalog's bitmap says).
//
// Slots number a segment's documents 0, 1, ... in the order of their sequence numbers.
//
// Thread rule: immutable after open; const methods are safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "maxsimd/graph/graph_view.h"
#include "maxsimd/index/codec.h"
#include "maxsimd/index/document_block.h"
#include "maxsimd/index/inverted_lists.h"
#include "maxsimd/index/section_file.h"

namespace maxsimd {

struct StoredCodebook;

/// How the vectors of a segment are stored.
struct SegmentForm {
  Codec codec = Codec::float32;
  size_t dim = 0;  // at least 1
  /// Of codec residual, what the codes stand for. Of another: null, or what the residual codes
  /// stand for that each vector has beside it.
  std::shared_ptr<const StoredCodebook> codebook;

  size_t stride() const;  // bytes of a vector, as the codec stores it
  bool has_residuals_beside() const { return codebook && codec != Codec::residual; }
};

class Segment {
 public:
  /// Maps FOLDER/documents.bin and checks all that is needed to use it without further checks:
  /// that its vectors have this form, sizes, and the checksums and order of its tables (offsets,
  /// sequence numbers, ids, centroids, lists), and the rules of its graph; not the checksums of
  /// codes, residuals, scales and graph. Nothing when the file is not there. Throws IoError,
  /// FormatError naming the file.
  static std::optional<Segment> open_if_exists(const std::filesystem::path& folder,
                                               const SegmentForm& form);
  /// The same from memory aligned to 64 bytes that outlives it.
  static Segment parse(std::span<const std::byte> bytes, std::string name, const SegmentForm& form);

  size_t size() const { return sequences_.size(); }  // documents, dead ones included
  uint64_t num_vectors() const { return num_vectors_; }
  uint64_t size_bytes() const { return file_.size_bytes(); }
  uint64_t header_checksum() const { return file_.header_checksum(); }

  CodedRows rows() const;             // of all documents, in slot order
  CodedRows rows(size_t slot) const;  // of one
  /// The residual codes: rows() themselves, or what lies beside them. REQUIRES: a codebook.
  CodedRows residuals() const;
  CodedRows residuals(size_t slot) const;
  std::span<const uint64_t> row_offsets() const { return row_offsets_; }  // [size + 1]
  std::span<const DocId> sequences() const { return sequences_; }         // [size], ascending
  std::string_view id(size_t slot) const;
  /// Absent in small segments, where vectors are not residual, and for kind exact.
  std::optional<InvertedLists> lists() const { return lists_; }
  /// Over its vectors, numbered as rows() are; null where there is none.
  const GraphView* graph() const { return graph_ ? &*graph_ : nullptr; }
  const Codebook* codebook() const;  // of residual codes; else null

  /// The slot with this sequence number. O(log size).
  std::optional<size_t> find(DocId sequence) const;
  /// The slots whose document has this id, ascending: more than one when a document was replaced
  /// within one commit. O(log size).
  std::vector<size_t> find_id(std::string_view id) const;

  /// Recomputes every checksum, those of vectors and graph too, and the lists, and checks that no
  /// stored value is NaN or infinite. Throws FormatError.
  void verify() const;

  /// Lets the system drop the pages of the vectors from memory (they are read again when needed):
  /// keeps a merge from holding all it copied.
  void release_pages() const noexcept;

 private:
  Segment(SectionFile file, const SegmentForm& form);
  void read_shape();
  void check_rows(std::string_view section, std::span<const std::byte> bytes, size_t stride) const;
  void map_sections();
  void map_residuals();
  void map_lists(size_t num_lists);
  void map_graph();
  void check_offsets() const;
  void check_ids() const;
  void check_id_order() const;
  CodedRows slice(const CodedRows& all, size_t slot) const;

  SectionFile file_;
  SegmentForm form_;
  uint64_t num_documents_ = 0;
  uint64_t num_vectors_ = 0;
  std::span<const std::byte> codes_;
  std::span<const std::byte> residuals_;  // codes_ themselves, or beside them
  std::span<const float> scales_;
  std::span<const uint16_t> centroids_;
  std::optional<InvertedLists> lists_;
  InvertedListTables old_lists_;  // of a file of version 1, in today's form
  std::optional<GraphView> graph_;
  std::span<const uint64_t> row_offsets_;
  std::span<const DocId> sequences_;
  std::span<const uint64_t> id_offsets_;
  std::span<const char> ids_;
  std::span<const uint32_t> id_order_;  // slots in the order of their ids' bytes, then slots
};

inline constexpr std::string_view kSegmentFileName = "documents.bin";
inline constexpr SectionFileKind kSegmentFileKind = {"MAXSIMDD", 2, 1};

inline constexpr std::string_view kGraphSection = "graph";          // in the segments that have one
inline constexpr std::string_view kResidualsSection = "residuals";  // where they lie beside vectors

/// Section "shape" of a segment: what its other sections are made of.
struct SegmentShape {
  uint64_t codec = 0;  // 0 float32, 1 float16, 2 int8, 3 residual
  uint64_t dim = 0;
  uint64_t num_documents = 0;  // below 2^32: slots are 32 bits on disk
  uint64_t num_vectors = 0;
};
uint64_t stored_codec(Codec codec);  // the number that stands for it

/// Section "coding" of a segment of residual vectors.
struct SegmentCoding {
  uint64_t nbits = 0;
  uint64_t codebook = 0;   // its number
  uint64_t num_lists = 0;  // that of the codebook's centroids, or 0: there are none
};

/// "000042": the name of a segment's folder.
std::string segment_name(uint64_t number);
/// The number, when it is such a name.
std::optional<uint64_t> segment_number(std::string_view name);
/// A number of decimal digits below 2^64 (or nearly); other texts are none.
std::optional<uint64_t> decimal_number(std::string_view digits);

}  // namespace maxsimd
