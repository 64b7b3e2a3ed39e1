// MaxSim of queries with a few documents each, in the documents' order: what triplets and
// distillation compare.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "maxsimd/base/thread_pool.h"
#include "maxsimd/base/types.h"

namespace maxsimd {

/// `documents` holds the num_candidates[0] documents of query 0, then those of query 1, and so on.
/// Returns their scores, [documents]. Absent rows are absent (Masking::exact). Throws
/// std::invalid_argument: numbers that do not add up, two dims, values that are not finite.
std::vector<float> candidate_scores(const Embeddings& queries, const Embeddings& documents,
                                    std::span<const size_t> num_candidates, ThreadPool& pool);

}  // namespace maxsimd
