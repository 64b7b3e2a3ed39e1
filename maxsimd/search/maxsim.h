// MaxSim of one query with one document, in plain C++: the definition that the fused scans are
// compared with, and what explains a hit.
//
// Dot products and sums are double and rounded to float32 once. Absent rows are absent: a document
// without rows scores -infinity (also for a query without rows, whose score is 0 otherwise).
//
// Both throw std::invalid_argument when the two widths differ or a value is not finite or beyond
// kLargestValue. Safe from any thread.
#pragma once

#include <vector>

#include "maxsimd/base/types.h"

namespace maxsimd {

/// The sum over query rows of the largest dot product with any document row.
float maxsim(MatrixView<const float> query, MatrixView<const float> document);

/// For each query row the document row it matches best, and how well: [query.rows], their
/// similarities add up to maxsim(). Ties go to the lower document row. Empty when the document has
/// no rows. Throws std::invalid_argument also for more than 2^32 - 1 rows.
std::vector<Alignment> align(MatrixView<const float> query, MatrixView<const float> document);

}  // namespace maxsimd
