// The codebook of a residual codec, prepared for PLAID search: bucket weights as int8, and what is
// known of the centroids' lengths.
//
// K = number of centroids, D = dimension.
// Thread rule: immutable; every const method may be called from any thread.
#pragma once

#include <cstddef>
#include <cstdint>

#include "maxsimd/base/types.h"
#include "maxsimd/kernels/kernels.h"

namespace maxsimd {

class PlaidCodebook {
 public:
  /// The tables (Codebook::tables()) are viewed: they must outlive this. REQUIRES: values of
  /// magnitude up to about kLargestValue (no score overflows then); 1 <= K <= 65536.
  PlaidCodebook(const kernels::ResidualTables& tables, size_t num_centroids);

  size_t dim() const { return tables_.dim; }
  size_t num_centroids() const { return num_centroids_; }
  size_t residual_bytes() const { return weights_.residual_bytes(); }
  MatrixView<const float> centroids() const {
    return {tables_.centroids, num_centroids_, tables_.dim};
  }
  const kernels::ResidualTables& tables() const { return tables_; }
  const kernels::PackedBucketWeights& weights() const { return weights_; }
  double longest_centroid() const { return longest_centroid_; }  // L2

 private:
  kernels::ResidualTables tables_;
  size_t num_centroids_;
  kernels::PackedBucketWeights weights_;
  double longest_centroid_ = 0.0;
};

}  // namespace maxsimd
