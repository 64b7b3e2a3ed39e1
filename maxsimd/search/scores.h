// MaxSim scores without ranking, under PyLate's names (pylate.scores), on ragged batches: there is
// no padding and so no mask.
//
// A score does not depend on the number of threads or on what else is in the batch. A document
// without rows scores -infinity (any query), else a query without rows scores 0. All throw
// std::invalid_argument when the two dims differ or a value is not finite (the item named).
#pragma once

#include <cstddef>
#include <vector>

#include "maxsimd/base/thread_pool.h"
#include "maxsimd/base/types.h"
#include "maxsimd/kernels/kernels.h"

namespace maxsimd {

/// All pairs: [queries.size(), documents.size()], row-major.
std::vector<float> colbert_scores(const Embeddings& queries, const Embeddings& documents,
                                  ThreadPool& pool, kernels::Isa isa = kernels::best_isa());

/// Query i with document i. Throws std::invalid_argument also when the sizes differ.
std::vector<float> colbert_scores_pairwise(const Embeddings& queries, const Embeddings& documents,
                                           ThreadPool& pool,
                                           kernels::Isa isa = kernels::best_isa());

}  // namespace maxsimd
