#include "maxsimd/search/plaid_codebook.h"

#include <algorithm>
#include <cmath>

namespace maxsimd {

PlaidCodebook::PlaidCodebook(const kernels::ResidualTables& tables, size_t num_centroids,
                             const kernels::KernelTable* coarse)
    : tables_(tables),
      num_centroids_(num_centroids),
      weights_(MatrixView<const float>{tables.weights, size_t{1} << tables.nbits, tables.dim}) {
  for (size_t c = 0; c < num_centroids; ++c) {
    double squares = 0.0;
    for (const float value : centroids().row(c)) squares += double{value} * double{value};
    longest_centroid_ = std::max(longest_centroid_, std::sqrt(squares));
  }
  if (coarse == nullptr) return;
  coded_row_bytes_ = coarse->i8_row_bytes(dim());
  coded_.ensure(num_centroids * coded_row_bytes_);
  coarse->code_rows_i8(tables.centroids, dim(), num_centroids, dim(), coded_.data());
}

}  // namespace maxsimd
