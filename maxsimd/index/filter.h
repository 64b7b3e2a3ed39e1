// A set of documents by slot: the ones a search may return. One bitmap a search serves every way
// of finding candidates. In CodedEmbeddings slots are the documents' numbers; an Index makes its
// own filters (Index::filter_ids, filter_where).
// Thread rule: const methods may run concurrently; add() needs outside synchronisation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

#include "maxsimd/index/bitmap.h"

namespace maxsimd {

class Filter {
 public:
  /// Allows none of `num_slots` documents.
  explicit Filter(size_t num_slots) : allowed_(num_slots) {}

  /// Allows what the bitmap holds.
  explicit Filter(Bitmap allowed) : allowed_(std::move(allowed)), count_(allowed_.count()) {}

  /// Allows the listed slots; the order and repetitions do not matter. Throws
  /// std::invalid_argument naming a slot that is not below num_slots.
  Filter(size_t num_slots, std::span<const uint64_t> slots) : Filter(num_slots) {
    for (const uint64_t slot : slots) add(slot);
  }

  void add(uint64_t slot) {
    if (slot >= allowed_.size()) {
      throw std::invalid_argument("filter: expected a document number below " +
                                  std::to_string(allowed_.size()) + ", got " +
                                  std::to_string(slot));
    }
    if (!allowed_.contains(slot)) ++count_;
    allowed_.add(slot);
  }

  /// Keeps the documents that both allow. REQUIRES: the same number of slots.
  void intersect(const Filter& other) {
    allowed_.intersect(other.allowed_);
    count_ = allowed_.count();
  }

  bool contains(uint64_t slot) const { return allowed_.contains(slot); }
  size_t count() const { return count_; }               // documents allowed
  size_t num_slots() const { return allowed_.size(); }  // documents known
  const Bitmap& bitmap() const { return allowed_; }

 private:
  Bitmap allowed_;
  size_t count_ = 0;
};

}  // namespace maxsimd
