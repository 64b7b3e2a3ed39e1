#include "maxsimd/search/plaid_codebook.h"

#include <algorithm>
#include <cmath>

namespace maxsimd {
namespace {

/// Values of B bits: 8 / B a byte, the first in the lowest bits.
template <size_t B>
void add_residual(const uint8_t* residual, MatrixView<const float> weights, const float* centroid,
                  float* out) {
  constexpr size_t kBuckets = size_t{1} << B;
  for (size_t d = 0; d < weights.cols; ++d) {
    const size_t bucket = residual[d * B / 8] >> (d * B % 8) & (kBuckets - 1);
    out[d] = centroid[d] + weights.data[bucket * weights.cols + d];
  }
}

}  // namespace

PlaidCodebook::PlaidCodebook(MatrixView<const float> centroids,
                             MatrixView<const float> bucket_weights)
    : centroids_(centroids), bucket_weights_(bucket_weights), weights_(bucket_weights) {
  for (size_t c = 0; c < centroids.rows; ++c) {
    double squares = 0.0;
    for (const float value : centroids.row(c)) squares += double{value} * double{value};
    longest_centroid_ = std::max(longest_centroid_, std::sqrt(squares));
  }
}

void PlaidCodebook::decode(const uint16_t* ids, const uint8_t* residuals,
                           MatrixView<float> out) const {
  for (size_t t = 0; t < out.rows; ++t) {
    const uint8_t* residual = residuals + t * residual_bytes();
    const float* centroid = centroids_.row(ids[t]).data();
    float* row = out.row(t).data();
    switch (weights_.nbits()) {
      case 4:
        add_residual<4>(residual, bucket_weights_, centroid, row);
        break;
      case 2:
        add_residual<2>(residual, bucket_weights_, centroid, row);
        break;
      default:
        add_residual<1>(residual, bucket_weights_, centroid, row);
        break;
    }
  }
}

}  // namespace maxsimd
