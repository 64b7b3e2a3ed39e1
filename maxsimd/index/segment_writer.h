// Writes a segment: vectors go to disk as they come, the small tables (about 24 bytes and the id a
// document; a scale a vector for int8; for residual codes 2 bytes a vector, and while inverted
// lists are made at most 4 more) stay in memory until commit(); a graph takes more. Not
// thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "maxsimd/base/aligned_buffer.h"
#include "maxsimd/base/atomic_folder.h"
#include "maxsimd/base/thread_pool.h"
#include "maxsimd/base/types.h"
#include "maxsimd/graph/graph_options.h"
#include "maxsimd/index/codec.h"
#include "maxsimd/index/document_block.h"
#include "maxsimd/index/section_file.h"
#include "maxsimd/index/segment.h"
#include "maxsimd/kernels/kernels.h"

namespace maxsimd {

inline constexpr uint64_t kNoLists = std::numeric_limits<uint64_t>::max();

/// Told of vectors coded since the last call.
using RecodeProgress = std::function<void(uint64_t num_vectors)>;

/// What building a graph takes a vector, for m links on average: 8 m + 80 bytes for the builder's
/// lists, 4 m + 8 for the graph in its file form, some to spare.
constexpr uint64_t graph_bytes_per_vector(size_t m) {
  return 12 * uint64_t{m} + 100;
}

class SegmentWriter {
 public:
  /// The segment will be the folder SEGMENTS/segment_name(number); until commit() it lies under a
  /// temporary name beside it, and without commit() nothing remains. Residual vectors get inverted
  /// lists when there are at least `fewest_listed`. Throws IoError.
  SegmentWriter(const std::filesystem::path& segments, uint64_t number, SegmentForm form,
                const kernels::KernelTable& kernels, uint64_t fewest_listed = kNoLists);

  /// Appends a document, its vectors encoded by the codec, which is not residual. REQUIRES:
  /// sequence above the last one's, rows.cols = dim, finite rows, id of 1 to 512 bytes of UTF-8.
  /// Throws IoError.
  void add(DocId sequence, std::string_view id, MatrixView<const float> rows);
  /// The same with vectors that the codec, and of codec residual the codebook, has stored already:
  /// copied bit by bit.
  void add(DocId sequence, std::string_view id, const CodedRows& rows);

  /// Whether residual codes lie beside the vectors: all documents must have been added before one
  /// of the two that follow gives them theirs, before commit().
  bool has_residuals_beside() const { return form_.has_residuals_beside(); }
  /// Codes all vectors, as their codec stores them, over the pool; `progress` is told, piece by
  /// piece, of how many. Returns the sum of the squared errors. Throws IoError.
  double code_residuals(ThreadPool& pool, const RecodeProgress& progress = {});
  /// Appends codes that are there already. Throws IoError. REQUIRES: by the segment's codebook.
  void add_residuals(const CodedRows& rows);

  uint64_t number() const { return number_; }
  const Codebook* codebook() const;  // of residual codes; else null
  const kernels::KernelTable& kernels() const { return kernels_; }
  size_t size() const { return sequences_.size(); }  // documents
  uint64_t num_vectors() const { return row_offsets_.back(); }
  uint64_t size_bytes() const;  // of the file so far, tables included, gaps not

  /// Gives the segment a graph over its vectors, none of which may follow. Memory: about
  /// graph_bytes_per_vector() of each while it is built, beside their pages of the file, which the
  /// system may take back. At most once. Throws IoError. REQUIRES: codec int8, options in range,
  /// fewer than 2^32 - 1 vectors.
  void add_graph(const GraphOptions& options, ThreadPool& pool);

  /// Writes the tables, fsyncs file and folders, renames the folder into place. At most once.
  /// Throws IoError.
  void commit();

 private:
  std::span<const std::byte> written_vectors(const MappedFile& file) const;
  void write_residual_tables();
  void add_tables(DocId sequence, std::string_view id, size_t num_rows);
  std::vector<uint32_t> id_order() const;
  std::string_view id(size_t slot) const;

  uint64_t number_;
  SegmentForm form_;
  uint64_t fewest_listed_;
  const kernels::KernelTable& kernels_;
  AtomicFolderWriter folder_;
  SectionFileWriter file_;
  bool has_begun_residuals_ = false;
  AlignedBuffer<std::byte> encoded_;
  std::vector<float> scales_;
  std::vector<uint16_t> centroids_;
  std::vector<uint64_t> row_offsets_ = {0};
  std::vector<DocId> sequences_;
  std::vector<uint64_t> id_offsets_ = {0};
  std::string ids_;
};

}  // namespace maxsimd
