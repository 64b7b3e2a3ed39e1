// The merges of a BPE model: which token two neighbours become, and how early; and the merging of
// one word, in the order of the merges, leftmost first.
//
// Const methods are safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace maxsimd {

/// A token of a word that is being merged, and the bytes it stands for.
struct BpeSymbol {
  int32_t id = 0;
  uint32_t length = 0;
};

class BpeMerges {
 public:
  struct Merged {
    uint32_t rank = 0;  // the lowest is merged first
    int32_t id = 0;
  };
  /// What merging needs besides the symbols; kept between words so that none allocates.
  struct Scratch {
    struct Link {
      uint32_t previous;
      uint32_t next;
    };
    struct Candidate {
      uint32_t rank;
      uint32_t position;
      int32_t id;
    };
    std::vector<Link> links;
    std::vector<Candidate> queue;
  };

  /// REQUIRES: ids >= 0. A pair inserted again has the later rank.
  void insert(int32_t left, int32_t right, Merged merged);
  /// nullptr when the pair is never merged.
  const Merged* find(int32_t left, int32_t right) const noexcept {
    const uint64_t key = key_of(left, right);
    for (size_t slot = slot_of(key);; slot = (slot + 1) & mask_) {
      const Slot& found = slots_[slot];
      if (found.key == key) return &found.merged;
      if (found.key == kEmpty) return nullptr;
    }
  }
  size_t size() const { return size_; }

  /// Merges until no pair is left to merge: the same result as Hugging Face's queue of merges.
  void merge(std::vector<BpeSymbol>& symbols, Scratch& scratch) const;
  /// The same for any length by a queue (for long words), or by looking at all pairs in every step
  /// (for short ones).
  void merge_by_queue(std::vector<BpeSymbol>& symbols, Scratch& scratch) const;
  void merge_by_search(std::vector<BpeSymbol>& symbols) const;

 private:
  struct Slot {
    uint64_t key = kEmpty;
    Merged merged;
  };
  static constexpr uint64_t kEmpty = UINT64_MAX;  // never a key: ids are not negative
  static constexpr size_t kInitialSlots = 64;

  static uint64_t key_of(int32_t left, int32_t right) noexcept {
    return static_cast<uint64_t>(static_cast<uint32_t>(left)) << 32 | static_cast<uint32_t>(right);
  }
  size_t slot_of(uint64_t key) const noexcept {
    const uint64_t mixed = (key ^ (key >> 29)) * 0x9E3779B97F4A7C15U;
    return static_cast<size_t>(mixed >> 32) & mask_;
  }
  Slot& place_of(uint64_t key) noexcept;
  void grow();

  std::vector<Slot> slots_ = std::vector<Slot>(kInitialSlots);
  size_t mask_ = kInitialSlots - 1;
  size_t size_ = 0;
};

}  // namespace maxsimd
