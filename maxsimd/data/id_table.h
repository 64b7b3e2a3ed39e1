// Ids seen so far, each with its number: finds repeats exactly at about 30 bytes an id (a file of
// ten million documents must not cost a gigabyte only to be checked). Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace maxsimd {

class IdTable {
 public:
  /// Adds an id with a value (a line number). Returns the value of the earlier one if there is
  /// one, and then changes nothing.
  std::optional<uint64_t> insert(std::string_view id, uint64_t value);

  /// The value of an id, or nothing.
  std::optional<uint64_t> find(std::string_view id) const;

  bool contains(std::string_view id) const { return find(id).has_value(); }
  size_t size() const { return values_.size(); }

 private:
  size_t slot_of(std::string_view id) const;
  std::string_view id_at(size_t entry) const;
  void grow();

  std::string bytes_;             // all ids, one after the other
  std::vector<uint64_t> ends_;    // [size], where id i ends in bytes_
  std::vector<uint64_t> values_;  // [size]
  std::vector<uint32_t> slots_;   // open addressing: entry + 1, 0 = free
};

}  // namespace maxsimd
