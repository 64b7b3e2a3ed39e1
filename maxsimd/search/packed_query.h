// A query, packed once in the layout its documents' codec needs, and its MaxSim with stored rows:
// the sum over query rows of the largest dot product with any document row (ColBERT, Khattab and
// Zaharia 2020, equation 3).
//
// Dot products are float32 (int8: exact integers, then scaled); the sum over query rows is kept in
// double, where adding up to thousands of float32 values of like size is exact, so a score does not
// depend on the order of the query's rows.
#pragma once

#include <cstddef>
#include <limits>

#include "maxsimd/base/aligned_buffer.h"
#include "maxsimd/base/types.h"
#include "maxsimd/index/codec.h"
#include "maxsimd/kernels/kernels.h"

namespace maxsimd {

/// How the rows that a document lacks next to the longest candidate count.
///   exact   absent rows are absent
///   pylate  they are zero vectors, as in PyLate's padded rerank: for every document shorter than
///           the longest candidate of its query, a query row's best similarity is at least 0
enum class Masking { exact, pylate };

/// Any thread may score with it, each with its own scratch, but while it is packed.
class PackedQuery {
 public:
  PackedQuery() = default;
  /// query [rows, D]; int8 documents need it quantised too (one scale a row), all
  /// others in float32.
  PackedQuery(MatrixView<const float> query, Codec codec) { pack(query, codec); }

  /// Another query instead, in the same memory where it is large enough.
  void pack(MatrixView<const float> query, Codec codec);

  size_t num_rows() const { return num_rows_; }
  /// Of float32 and float16 documents.
  const kernels::PackedF32& packed_f32() const { return packed_f32_; }

  /// MaxSim with a document of the dim this query was packed for, and of its codec or another that
  /// is not int8. A document without rows scores -infinity, unless `floor` says otherwise: each
  /// row's best similarity is at least `floor`. `scratch` is grown as needed and holds nothing
  /// between calls.
  float maxsim(const CodedRows& document, const kernels::KernelTable& kernels,
               AlignedBuffer<float>& scratch, float floor = kNoFloor) const;

  static constexpr float kNoFloor = -std::numeric_limits<float>::infinity();

 private:
  size_t num_rows_ = 0;
  Codec codec_ = Codec::float32;
  kernels::PackedF32 packed_f32_;  // all but int8 documents
  kernels::PackedI8 packed_i8_;    // int8 documents
};

}  // namespace maxsimd
