// maxsim_scores() in few large operators, for GPUs: documents padded to blocks of one length, a
// block's similarities in one product. The gradient goes back by products, too: the weight of each
// largest similarity is put in its place of an empty block. Nothing is added up atomically, so that
// the same numbers give the same bits.
#pragma once

#include "maxsimd/training/maxsim_scores.h"

namespace maxsimd::training {

/// As maxsim_scores(), on any device. `max_similarities`: numbers that a block holds at a time, 4
/// bytes each; a block is at least a document.
at::Tensor batched_maxsim_scores(const TokenRows& queries, const TokenRows& documents,
                                 Masking masking, std::span<const uint8_t> padded,
                                 int64_t max_similarities = int64_t{1} << 26);

}  // namespace maxsimd::training
