#include "maxsimd/index/residual_coding.h"

namespace maxsimd {

double CodedResiduals::encode(MatrixView<const float> rows, ThreadPool& pool) {
  centroids_.resize(rows.rows);
  codes_.resize(rows.rows * codebook_.residual_bytes());
  return codebook_.encode(rows, pool, centroids_, codes_) * static_cast<double>(rows.rows);
}

CodedRows CodedResiduals::rows() const {
  return {.codec = Codec::residual,
          .dim = codebook_.dim(),
          .codes = codes_,
          .scales = {},
          .centroids = centroids_,
          .codebook = &codebook_};
}

}  // namespace maxsimd
