// Segments of float16 vectors that no commit knows, as those of an index that has no codebook yet:
// where vectors wait that were made anew, until they are coded. Their files go with the object;
// those of a process that was killed, with the next writer. Not for other rooms.
//
// Thread rule: one thread at a time.
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "maxsimd/base/types.h"
#include "maxsimd/index/segment.h"
#include "maxsimd/index/segment_merge.h"
#include "maxsimd/index/segment_writer.h"
#include "maxsimd/kernels/kernels.h"

namespace maxsimd {

/// Of a segment that is coded anew: its tables in memory are some 10 bytes a vector.
inline constexpr uint64_t kMostRecodedVectors = uint64_t{32} << 20;

class WaitingSegments {
 public:
  /// Segments of an index folder; takes their numbers from `next_number`, which must outlive this.
  WaitingSegments(std::filesystem::path index, size_t dim, const kernels::KernelTable& kernels,
                  uint64_t& next_number);
  WaitingSegments(const WaitingSegments&) = delete;
  WaitingSegments& operator=(const WaitingSegments&) = delete;
  ~WaitingSegments();  // deletes the files

  /// Appends a document, to a new segment when the last one has kMostRecodedVectors. REQUIRES: as
  /// SegmentWriter::add(). Throws IoError.
  void add(DocId sequence, std::string_view id, MatrixView<const float> rows);
  /// To be called when all documents are added. Throws IoError.
  void finish();

  uint64_t num_vectors() const { return num_vectors_; }
  /// Each segment for itself; valid as long as this.
  std::vector<std::vector<MergeInput>> groups() const;

 private:
  struct Part {
    Segment segment;
    Bitmap live;  // all
  };

  void end_segment();

  std::filesystem::path index_;
  SegmentForm form_;
  const kernels::KernelTable& kernels_;
  uint64_t& next_number_;
  std::unique_ptr<SegmentWriter> writer_;
  std::vector<uint64_t> numbers_;
  std::deque<Part> parts_;  // which are pointed at
  uint64_t num_vectors_ = 0;
};

}  // namespace maxsimd
