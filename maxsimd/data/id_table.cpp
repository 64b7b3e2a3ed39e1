#include "maxsimd/data/id_table.h"

#include <functional>
#include <limits>
#include <stdexcept>

namespace maxsimd {

std::string_view IdTable::id_at(size_t entry) const {
  const size_t begin = entry == 0 ? 0 : static_cast<size_t>(ends_[entry - 1]);
  return std::string_view(bytes_).substr(begin, static_cast<size_t>(ends_[entry]) - begin);
}

// The slot that holds the id, or the free one where it belongs.
size_t IdTable::slot_of(std::string_view id) const {
  const size_t mask = slots_.size() - 1;
  size_t slot = std::hash<std::string_view>{}(id)&mask;
  while (slots_[slot] != 0 && id_at(slots_[slot] - 1) != id) slot = (slot + 1) & mask;
  return slot;
}

void IdTable::grow() {
  constexpr size_t kFirstSlots = 1024;
  slots_.assign(slots_.empty() ? kFirstSlots : slots_.size() * 2, 0);
  for (size_t entry = 0; entry < values_.size(); ++entry) {
    slots_[slot_of(id_at(entry))] = static_cast<uint32_t>(entry + 1);
  }
}

std::optional<uint64_t> IdTable::insert(std::string_view id, uint64_t value) {
  if (values_.size() * 3 >= slots_.size() * 2) grow();  // at most two thirds full
  const size_t slot = slot_of(id);
  if (slots_[slot] != 0) return values_[slots_[slot] - 1];
  if (values_.size() >= std::numeric_limits<uint32_t>::max() - 1) {
    throw std::invalid_argument("more than 4294967294 ids in one input; read it in parts");
  }
  bytes_.append(id);
  ends_.push_back(bytes_.size());
  values_.push_back(value);
  slots_[slot] = static_cast<uint32_t>(values_.size());
  return std::nullopt;
}

std::optional<uint64_t> IdTable::find(std::string_view id) const {
  if (slots_.empty()) return std::nullopt;
  const size_t slot = slot_of(id);
  if (slots_[slot] == 0) return std::nullopt;
  return values_[slots_[slot] - 1];
}

}  // namespace maxsimd
