// Copies the live documents of several segments into one, in the order of their numbers, vectors
// bit by bit.
#pragma once

#include <cstdint>
#include <span>

#include "maxsimd/index/bitmap.h"
#include "maxsimd/index/segment.h"
#include "maxsimd/index/segment_writer.h"

namespace maxsimd {

struct MergeInput {
  const Segment* segment = nullptr;
  const Bitmap* live = nullptr;  // [segment->size()]
};

/// Appends to `out`; memory does not grow with the segments. Throws IoError.
void merge_segments(std::span<const MergeInput> inputs, SegmentWriter& out);

}  // namespace maxsimd
