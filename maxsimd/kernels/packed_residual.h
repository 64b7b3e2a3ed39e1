// What the kernels over residual codes read: bucket weights and queries as int8, packed once.
//
// A vector coded by a residual codec (PLAID, Santhanam et al. 2022) is a centroid plus, in each
// dimension d, one of 2^nbits bucket weights. So with the centroids' scores at hand
//   q . x = score[centroid] + scale of x * (sum over d of q[d] * weight[d][bucket[d]]),
// and the sum is one of integers: weight[d][b] ~ scale[d] * int8 and q[d] * scale[d] ~ unit * int8.
// Scores of centroids are int16 in units of 2^shift * unit. All is the same on every instruction
// set. How far that can be from the floats is known: fixed_errors(), scaled_errors().
//
// D = dimension, B = nbits: 1, 2 or 4. Thread rule: const methods may run concurrently.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "maxsimd/base/aligned_buffer.h"
#include "maxsimd/base/types.h"
#include "maxsimd/kernels/arguments.h"

namespace maxsimd::kernels {

/// Bucket weights as int8, one scale a dimension.
class PackedBucketWeights {
 public:
  PackedBucketWeights() = default;
  /// weights [2^B, D], finite. REQUIRES: 2, 4 or 16 rows.
  explicit PackedBucketWeights(MatrixView<const float> weights);

  size_t dim() const { return scales_.size(); }
  size_t nbits() const { return nbits_; }
  size_t padded_dim() const { return (dim() + 3) / 4 * 4; }
  size_t residual_bytes() const { return residual_row_bytes(dim(), nbits_); }  // of a vector

  const int8_t* table() const { return table_.data(); }      // [padded_dim][16], padded with zeros
  std::span<const float> scales() const { return scales_; }  // [D]
  /// [D]: the largest |weight - scale * int8| of a dimension.
  std::span<const double> errors() const { return errors_; }
  std::span<const int> largest() const { return largest_; }  // [D]: the largest |int8|
  /// No residual is longer (L2), before it is scaled.
  double norm() const { return norm_; }

 private:
  size_t nbits_ = 0;
  AlignedBuffer<int8_t> table_;
  std::vector<float> scales_;
  std::vector<double> errors_;
  std::vector<int> largest_;
  double norm_ = 0.0;
};

/// A query for maxsim_residual. Its memory is reused: packing again does not allocate once it has
/// held as large a query.
class PackedResidualQuery {
 public:
  /// query [rows, D], finite, for vectors of these weights and centroids no longer (L2) than
  /// `longest_centroid`.
  void pack(MatrixView<const float> query, const PackedBucketWeights& weights,
            double longest_centroid);

  size_t num_rows() const { return num_rows_; }
  size_t num_panels() const { return num_panels_of(num_rows_); }
  size_t num_columns() const { return num_panels() * kPanelColumns; }

  /// A centroid's score times the factor of its row is its int16; 0 for padding. [num_columns]
  const float* score_factors() const { return score_factors_.data(); }
  unsigned shift() const { return shift_; }
  /// What 1 in maxsim_residual's sums stands for; 0 for rows of (nearly) zeros, whose sums are 0.
  std::span<const double> units() const { return units_; }
  /// The similarity in float32 of the query's row with the vector centroid + scale * weights,
  /// rounding of that included, is at most fixed_errors() + units() * scaled_errors() * scale from
  /// a sum times its unit. [rows], [num_columns]: 0 for rows of (nearly) zeros, padding.
  std::span<const double> fixed_errors() const { return fixed_errors_; }
  const float* scaled_errors() const { return scaled_errors_.data(); }

  /// Rows of a document that do not come so near to the best lower bound, with their scaled error,
  /// are not the best in float32: twice the fixed error, in units. 0 for rows of zeros and padding,
  /// where any row is the best; without bound for rows of nearly zeros. [num_columns]
  const float* slack() const { return slack_.data(); }

  // As PackedI8's: [num_panels][padded_dim / 4][32][4], [num_panels][padded_dim / 2][32][2],
  // [num_columns].
  const int8_t* panels() const { return panels_.data(); }
  const int16_t* pair_panels() const { return pairs_.data(); }
  const int32_t* bias() const { return bias_.data(); }

 private:
  void reserve(size_t num_rows, size_t padded_dim);
  void pack_row(size_t r, std::span<const float> row, const PackedBucketWeights& weights);
  void set_row(size_t r, size_t d, size_t padded_dim, int8_t value);

  size_t num_rows_ = 0;
  unsigned shift_ = 0;
  AlignedBuffer<int8_t> panels_;
  AlignedBuffer<int16_t> pairs_;
  AlignedBuffer<int32_t> bias_;
  AlignedBuffer<float> scaled_errors_;
  AlignedBuffer<float> slack_;
  AlignedBuffer<float> score_factors_;
  std::vector<double> units_;
  std::vector<double> fixed_errors_;
  std::vector<double> bounds_;
};

/// Bytes of scratch memory that maxsim_residual needs.
size_t residual_scratch_bytes(const PackedBucketWeights& weights) noexcept;

}  // namespace maxsimd::kernels
