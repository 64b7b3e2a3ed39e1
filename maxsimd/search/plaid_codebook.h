// The codebook of a residual codec, prepared for PLAID search: bucket weights as int8, what is
// known of the centroids' lengths, and for some corpora the centroids in int8.
//
// K = number of centroids, D = dimension.
// Thread rule: immutable; every const method may be called from any thread.
#pragma once

#include <cstddef>
#include <cstdint>

#include "maxsimd/base/aligned_buffer.h"
#include "maxsimd/base/types.h"
#include "maxsimd/kernels/kernels.h"

namespace maxsimd {

class PlaidCodebook {
 public:
  /// The tables (Codebook::tables()) are viewed: they must outlive this. REQUIRES: values of
  /// magnitude up to about kLargestValue (no score overflows then); 1 <= K <= 65536.
  /// With `coarse`, centroids are compared with queries in int8 by the kernels of that table: a
  /// fraction of the time, for corpora whose documents are not scored by their centroids in the
  /// end.
  PlaidCodebook(const kernels::ResidualTables& tables, size_t num_centroids,
                const kernels::KernelTable* coarse = nullptr);

  size_t dim() const { return tables_.dim; }
  size_t num_centroids() const { return num_centroids_; }
  size_t residual_bytes() const { return weights_.residual_bytes(); }
  MatrixView<const float> centroids() const {
    return {tables_.centroids, num_centroids_, tables_.dim};
  }
  const kernels::ResidualTables& tables() const { return tables_; }
  const kernels::PackedBucketWeights& weights() const { return weights_; }
  double longest_centroid() const { return longest_centroid_; }  // L2
  /// The centroids from `centroid` on as gemm_i8 reads them; null without `coarse`.
  const void* coded_centroids(size_t centroid) const {
    return coded_row_bytes_ == 0 ? nullptr : coded_.data() + centroid * coded_row_bytes_;
  }

 private:
  kernels::ResidualTables tables_;
  size_t num_centroids_;
  kernels::PackedBucketWeights weights_;
  double longest_centroid_ = 0.0;
  AlignedBuffer<std::byte> coded_;
  size_t coded_row_bytes_ = 0;
};

}  // namespace maxsimd
