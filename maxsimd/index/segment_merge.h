// Copies the live documents of several segments into new ones, in the order of their numbers:
// vectors bit by bit, or coded anew.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

#include "maxsimd/base/thread_pool.h"
#include "maxsimd/codebook/codebook.h"
#include "maxsimd/index/bitmap.h"
#include "maxsimd/index/segment.h"
#include "maxsimd/index/segment_writer.h"
#include "maxsimd/kernels/kernels.h"

namespace maxsimd {

struct MergeInput {
  const Segment* segment = nullptr;
  const Bitmap* live = nullptr;  // [segment->size()]
};

/// Calls with number and id of each live document of the inputs, in the order of the numbers. The
/// id holds for the call only.
void for_each_document(std::span<const MergeInput> inputs,
                       const std::function<void(DocId, std::string_view)>& call);

/// Called before each document: where it goes to.
using NextSegment = std::function<SegmentWriter&()>;

/// Appends to what `next` says, whose form the segments have; memory does not grow with them.
/// Throws IoError.
void merge_segments(std::span<const MergeInput> inputs, const NextSegment& next);

/// Gives the vectors that merge_segments() has appended to `out` the residual codes that lie beside
/// them in the inputs. Throws IoError. REQUIRES: `out` has these documents alone, and the inputs'
/// form, with codes beside the vectors.
void merge_residuals(std::span<const MergeInput> inputs, SegmentWriter& out);

/// Appends to `out`, whose codec is residual, what its codebook makes of the vectors the inputs
/// stand for, whatever their own form. Memory does not grow with them; the codes do not depend on
/// the number of threads. Throws IoError.
void recode_segments(std::span<const MergeInput> inputs, ThreadPool& pool, SegmentWriter& out,
                     const RecodeProgress& progress = {});

/// A codebook of what all live vectors of the inputs stand for, trained on a sample of them that is
/// uniform whatever their order. REQUIRES: at least one vector.
Codebook train_codebook(std::span<const MergeInput> inputs, const CodebookOptions& options,
                        const kernels::KernelTable& kernels, ThreadPool& pool);

/// The live vectors of the inputs.
uint64_t count_live_vectors(std::span<const MergeInput> inputs);

}  // namespace maxsimd
