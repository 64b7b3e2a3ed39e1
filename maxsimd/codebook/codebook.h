// Stand-in for the room of the codebook until it is merged; same declarations, plain loops.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include "maxsimd/base/thread_pool.h"
#include "maxsimd/base/types.h"
#include "maxsimd/kernels/kernels.h"

namespace maxsimd {

struct CodebookOptions {
  size_t nbits = 4;
  size_t num_centroids = 0;
  uint64_t seed = 42;
  size_t iterations = 8;
  kernels::Isa isa = kernels::best_isa();
};

inline constexpr size_t kMaxPointsPerCentroid = 32;
size_t default_num_centroids(uint64_t num_vectors);

struct CodebookParts {
  size_t dim = 0, nbits = 0;
  std::vector<float> centroids, cutoffs, weights;
  double error = 0.0;
};

class Codebook {
 public:
  static Codebook train(MatrixView<const float> sample, uint64_t total_vectors,
                        const CodebookOptions& options, ThreadPool& pool);
  static Codebook from_parts(CodebookParts parts, kernels::Isa isa);

  const CodebookParts& parts() const { return parts_; }
  size_t dim() const { return parts_.dim; }
  size_t nbits() const { return parts_.nbits; }
  size_t num_centroids() const { return parts_.centroids.size() / parts_.dim; }
  size_t residual_bytes() const { return (dim() * nbits() + 7) / 8; }
  MatrixView<const float> centroids() const {
    return {parts_.centroids.data(), num_centroids(), dim()};
  }
  double encode(MatrixView<const float> rows, ThreadPool& pool, std::span<uint16_t> centroid_ids,
                std::span<std::byte> residuals) const;
  void decode(std::span<const uint16_t> centroid_ids, std::span<const std::byte> residuals,
              MatrixView<float> out) const;

 private:
  explicit Codebook(CodebookParts parts) : parts_(std::move(parts)) {}
  CodebookParts parts_;
};

class ReservoirSample {
 public:
  ReservoirSample(size_t capacity, size_t dim, uint64_t seed)
      : capacity_(capacity), dim_(dim), random_(seed) {}
  void add(MatrixView<const float> rows);
  MatrixView<const float> rows() const { return {values_.data(), values_.size() / dim_, dim_}; }

 private:
  size_t capacity_, dim_;
  uint64_t seen_ = 0;
  std::mt19937_64 random_;
  std::vector<float> values_;
};

}  // namespace maxsimd
