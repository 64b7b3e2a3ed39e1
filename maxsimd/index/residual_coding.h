// Vectors coded by a codebook, in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "maxsimd/base/thread_pool.h"
#include "maxsimd/base/types.h"
#include "maxsimd/codebook/codebook.h"
#include "maxsimd/index/codec.h"

namespace maxsimd {

/// Values decoded before they are coded: 16 MiB, work enough for all threads.
inline constexpr size_t kRecodedValues = size_t{4} << 20;

class CodedResiduals {
 public:
  /// The codebook must outlive this. Codes nothing yet.
  explicit CodedResiduals(const Codebook& codebook) : codebook_(codebook) {}

  /// Codes rows [n, D] in the place of those before, over the pool. Returns the sum of their
  /// squared distances from what their codes stand for. REQUIRES: finite rows.
  double encode(MatrixView<const float> rows, ThreadPool& pool);

  /// Valid until the next encode().
  CodedRows rows() const;

 private:
  const Codebook& codebook_;
  std::vector<uint16_t> centroids_;
  std::vector<std::byte> codes_;
};

}  // namespace maxsimd
