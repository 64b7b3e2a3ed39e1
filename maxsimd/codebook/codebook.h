// The residual codec of token vectors: a vector is stored as the number of its nearest centroid
// and, for each dimension, the bucket of what remains (ColBERTv2, Santhanam et al. 2022). Buckets
// are of each dimension, not one set for all, and are learnt from residuals of one length: each
// vector keeps the scale of its own, the one of least error (kernels::ResidualSums).
//
// D = dim, K = number of centroids, B = nbits. A residual has residual_bytes() bytes, the scale and
// the buckets: kernels::ResidualTables says how.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "maxsimd/base/thread_pool.h"
#include "maxsimd/base/types.h"
#include "maxsimd/kernels/kernels.h"

namespace maxsimd {

/// Rows of a sample that training uses for each centroid; more cost time and gain nothing.
inline constexpr size_t kMaxPointsPerCentroid = 32;

/// The power of two at or below 16 sqrt(n) (PLAID's rule, Santhanam et al. 2022), of which every
/// centroid has 8 vectors at least; 1 to 65,536.
size_t default_num_centroids(uint64_t num_vectors);

struct CodebookOptions {
  size_t nbits = 4;          // 1, 2 or 4
  size_t num_centroids = 0;  // 0: default_num_centroids(total vectors)
  uint64_t seed = 42;
  size_t iterations = 8;  // of k-means; time grows in proportion
  kernels::Isa isa = kernels::best_isa();
  /// Called every some milliseconds of k-means, from any of the pool's threads, several at once:
  /// what it throws ends the training and comes out of it.
  std::function<void()> check = {};
};

/// What a codebook is made of, for storing it.
struct CodebookParts {
  size_t dim = 0;
  size_t nbits = 0;
  std::vector<float> centroids;  // [K, D]
  std::vector<float> cutoffs;    // [2^B - 1, D], ascending in each dimension
  std::vector<float> weights;    // [2^B, D]
  // Of the residuals buckets are for: those of the sample, squared mean, or a sixteenth of its
  // vectors' length when that is more, as it is when the sample has few different ones.
  float norm = 0.0F;
  // Mean |x - decoded x|^2 of sample vectors that training did not see; of few different ones what
  // a residual of length norm loses.
  double error = 0.0;
  // From 8,192 centroids on: of their groups (nearest_centroid.h), 1 to round(sqrt(K)), how many a
  // vector meets when it is coded. Below, 0.
  size_t num_probes = 0;
};

/// Immutable; const methods may be called from any thread.
class Codebook {
 public:
  /// Learns from a sample [n >= 1, D >= 1], of which it uses at most kMaxPointsPerCentroid rows a
  /// centroid and, for the buckets, a twentieth or more that k-means does not see. There are fewer
  /// centroids than asked for when the sample has fewer rows. Of many centroids, vectors that
  /// k-means does not see say how many groups of them coding must look at to find the nearest of 99
  /// in 100 vectors. The same bits for any number of threads and any instruction set. Throws
  /// std::invalid_argument: nbits, an empty sample, more than 65,536 centroids asked for, values
  /// that are not finite or beyond 1e15.
  static Codebook train(MatrixView<const float> sample, uint64_t total_vectors,
                        const CodebookOptions& options, ThreadPool& pool);

  /// Throws std::invalid_argument unless sizes fit, all values are finite, cutoffs ascend, norm and
  /// error are not negative, and num_probes is as said there.
  static Codebook from_parts(CodebookParts parts, kernels::Isa isa = kernels::best_isa());

  Codebook(Codebook&&) noexcept;
  Codebook& operator=(Codebook&&) noexcept;
  ~Codebook();

  const CodebookParts& parts() const { return parts_; }
  size_t dim() const { return parts_.dim; }
  size_t nbits() const { return parts_.nbits; }
  size_t num_centroids() const { return parts_.centroids.size() / parts_.dim; }
  size_t residual_bytes() const { return kernels::residual_row_bytes(dim(), nbits()); }
  MatrixView<const float> centroids() const {
    return {parts_.centroids.data(), num_centroids(), dim()};
  }
  /// As the kernels take them; valid as long as this.
  kernels::ResidualTables tables() const;
  const kernels::KernelTable& kernels() const { return *kernels_; }

  /// Codes rows [n, D]: centroid_ids [n], residuals [n * residual_bytes()]. Returns the mean of
  /// |x - decoded x|^2 (0 for no rows), to be compared with parts().error. The first call takes
  /// some ten milliseconds more. Throws std::invalid_argument: sizes, values that are not finite or
  /// beyond 1e15.
  double encode(MatrixView<const float> rows, ThreadPool& pool, std::span<uint16_t> centroid_ids,
                std::span<std::byte> residuals) const;

  /// out [n, D] from centroid_ids [n] and residuals [n * residual_bytes()]. Throws
  /// std::invalid_argument: sizes, a centroid that is not there.
  void decode(std::span<const uint16_t> centroid_ids, std::span<const std::byte> residuals,
              MatrixView<float> out) const;

 private:
  struct Encoder;

  Codebook(CodebookParts parts, kernels::Isa isa);
  const Encoder& encoder() const;

  CodebookParts parts_;
  const kernels::KernelTable* kernels_;
  std::unique_ptr<Encoder> encoder_;  // made by the first encode()
};

}  // namespace maxsimd
