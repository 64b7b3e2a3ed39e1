// The codebook of a residual codec, prepared for PLAID search: bucket weights as int8, and what is
// known of the centroids' lengths.
//
// K = number of centroids, D = dimension, B = bits of a residual's value.
// Thread rule: immutable; every const method may be called from any thread.
#pragma once

#include <cstddef>
#include <cstdint>

#include "maxsimd/base/types.h"
#include "maxsimd/kernels/kernels.h"

namespace maxsimd {

class PlaidCodebook {
 public:
  /// centroids [K, D] and bucket_weights [2^B, D], both finite, are viewed: they must outlive this.
  /// REQUIRES: 1 <= K <= 65536; B is 1, 2 or 4.
  PlaidCodebook(MatrixView<const float> centroids, MatrixView<const float> bucket_weights);

  size_t dim() const { return centroids_.cols; }
  size_t num_centroids() const { return centroids_.rows; }
  MatrixView<const float> centroids() const { return centroids_; }
  const kernels::PackedBucketWeights& weights() const { return weights_; }
  size_t residual_bytes() const { return weights_.residual_bytes(); }
  double longest_centroid() const { return longest_centroid_; }  // L2

  /// Row t of out [n, D] = the vector of centroid ids[t] and residuals [n, residual_bytes], each
  /// value one addition in float32.
  void decode(const uint16_t* ids, const uint8_t* residuals, MatrixView<float> out) const;

 private:
  MatrixView<const float> centroids_;
  MatrixView<const float> bucket_weights_;
  kernels::PackedBucketWeights weights_;
  double longest_centroid_ = 0.0;
};

}  // namespace maxsimd
