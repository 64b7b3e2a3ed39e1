// One number for all rows of a table, to notice that they are others: of what they say and of their
// order, not of the files they are in. Finds changes, does not resist forgery. Any thread may add.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace maxsimd {

class RowsChecksum {
 public:
  /// Each row once, in any order; the result is the same for all orders.
  void add(uint64_t row, const std::vector<std::string>& texts,
           std::span<const float> numbers = {});
  /// Of what was added.
  uint64_t value() const noexcept { return sum_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> sum_{0};
};

}  // namespace maxsimd
