// The scores of one query's rows with all centroids of a codebook: as int16, to which residuals are
// added, and as bytes, for documents known by their centroids only.
//
// K = centroids, C = query rows rounded up to a multiple of 32. The memory is reused from query to
// query.
// Thread rule: const methods may run concurrently; compute() and probe() need outside
// synchronisation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "maxsimd/base/aligned_buffer.h"
#include "maxsimd/base/thread_pool.h"
#include "maxsimd/index/bitmap.h"
#include "maxsimd/kernels/kernels.h"
#include "maxsimd/search/plaid_codebook.h"

namespace maxsimd {

/// How far residuals are taken to reach: the vectors whose centroids come so near to a document's
/// best hold what makes its score (docs/decisions/016).
inline constexpr double kResidualReach = 1.2;

class CentroidScores {
 public:
  /// `packed` is the query [rows, D] itself. REQUIRES: finite values; `kernels` are those that the
  /// codebook codes its centroids for, if it does.
  void compute(MatrixView<const float> query, const kernels::PackedF32& packed,
               const PlaidCodebook& codebook, const kernels::KernelTable& kernels,
               ThreadPool& pool);

  /// The union over the query's rows of the `count` centroids that each scores best with (ties to
  /// the lower number), without those whose best score with any row is below the threshold.
  const Bitmap& probe(size_t count, std::optional<float> threshold);

  size_t num_columns() const { return query_.num_columns(); }
  const kernels::PackedResidualQuery& query() const { return query_; }
  const int16_t* scores() const { return scores_.data(); }  // [K, C]
  const uint8_t* bytes() const { return bytes_.data(); }    // [K, C]
  /// What a residual adds to a score or takes from it, typically (kResidualReach standard
  /// deviations), in the steps of bytes(), at least 1. [C]
  const int* byte_reach() const { return byte_reach_.data(); }

 private:
  struct alignas(64) Worker {
    AlignedBuffer<float> block;  // scores of a block of centroids
    AlignedBuffer<int32_t> lowest, highest;
  };
  struct Probe {
    int16_t score;
    uint32_t centroid;
  };

  void score_block(size_t block, const kernels::PackedF32& packed, const PlaidCodebook& codebook,
                   Worker& worker);
  void set_byte_scale();
  void set_byte_reach(MatrixView<const float> query, const PlaidCodebook& codebook);
  void push(size_t row, size_t centroid, size_t count);
  float best_score(size_t centroid) const;

  const kernels::KernelTable* kernels_ = nullptr;
  size_t num_centroids_ = 0;
  kernels::PackedResidualQuery query_;
  kernels::PackedI8 coarse_query_;
  AlignedBuffer<int16_t> scores_;
  AlignedBuffer<uint8_t> bytes_;
  double widest_ = 0.0;              // range of a row's scores, in its units: 255 steps of bytes
  AlignedBuffer<int16_t> offsets_;   // [C] of bytes
  AlignedBuffer<uint16_t> factors_;  // [C] of bytes
  std::vector<int> byte_reach_;
  std::vector<Worker> workers_;
  std::vector<std::vector<Probe>> heaps_;  // [rows], the worst on top
  AlignedBuffer<int16_t> limits_;          // [C]: the worst of a full heap
  Bitmap probes_;
};

}  // namespace maxsimd
