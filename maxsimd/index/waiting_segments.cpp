#include "maxsimd/index/waiting_segments.h"

#include <utility>

#include "maxsimd/base/errors.h"
#include "maxsimd/index/index_folder.h"

namespace maxsimd {

namespace fs = std::filesystem;

WaitingSegments::WaitingSegments(fs::path index, size_t dim, const kernels::KernelTable& kernels,
                                 uint64_t& next_number)
    : index_(std::move(index)),
      form_{.codec = Codec::float16, .dim = dim, .codebook = {}},
      kernels_(kernels),
      next_number_(next_number) {}

WaitingSegments::~WaitingSegments() {
  std::error_code ignored;  // swept by the next writer
  for (const uint64_t number : numbers_) fs::remove_all(segment_path(index_, number), ignored);
}

void WaitingSegments::add(DocId sequence, std::string_view id, MatrixView<const float> rows) {
  if (writer_ && writer_->num_vectors() >= kMostRecodedVectors) end_segment();
  if (!writer_) {
    writer_ =
        std::make_unique<SegmentWriter>(index_ / kSegmentsName, next_number_++, form_, kernels_);
  }
  writer_->add(sequence, id, rows);
  num_vectors_ += rows.rows;
}

void WaitingSegments::finish() {
  if (writer_) end_segment();
}

void WaitingSegments::end_segment() {
  const uint64_t number = writer_->number();
  const size_t size = writer_->size();
  numbers_.push_back(number);
  writer_->commit();
  writer_.reset();
  auto segment = Segment::open_if_exists(segment_path(index_, number), form_);
  if (!segment) throw IoError(segment_path(index_, number).string() + ": is gone again");
  parts_.push_back({std::move(*segment), Bitmap(size, true)});
}

std::vector<std::vector<MergeInput>> WaitingSegments::groups() const {
  std::vector<std::vector<MergeInput>> groups;
  for (const Part& part : parts_) groups.push_back({{&part.segment, &part.live}});
  return groups;
}

}  // namespace maxsimd
