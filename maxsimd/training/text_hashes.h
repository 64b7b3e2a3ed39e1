// A number for every text of the data sets of a run, so that no_duplicates can tell rows that share
// one: 8 bytes a text, made in one pass before the first step.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "maxsimd/base/thread_pool.h"
#include "maxsimd/training/batch_loader.h"

namespace maxsimd::training {

/// Immutable; any thread may read. Equal texts have equal hashes; two of n texts that differ are
/// taken for equal with a probability of about n^2 / 2^65.
class TextHashes {
 public:
  /// Reads all rows. Throws FormatError (file:line).
  TextHashes(const std::vector<Dataset>& datasets, ThreadPool& pool);

  /// Of the columns that are trained on.
  std::span<const uint64_t> row(size_t dataset, uint64_t row) const;

 private:
  struct Table {
    size_t columns = 0;
    std::vector<uint64_t> values;  // [rows, columns]
  };
  std::vector<Table> tables_;
};

}  // namespace maxsimd::training
