#include "maxsimd/data/rows_checksum.h"

#include "maxsimd/base/checksum.h"

namespace maxsimd {

// A sum of numbers that each hold their row's own: it does not matter which thread is first.
void RowsChecksum::add(uint64_t row, const std::vector<std::string>& texts,
                       std::span<const float> numbers) {
  std::vector<uint64_t> parts = {row, checksum(std::as_bytes(numbers))};
  parts.reserve(parts.size() + texts.size());
  for (const std::string& text : texts) parts.push_back(checksum(std::as_bytes(std::span(text))));
  sum_.fetch_add(checksum(std::as_bytes(std::span(parts))), std::memory_order_relaxed);
}

}  // namespace maxsimd
