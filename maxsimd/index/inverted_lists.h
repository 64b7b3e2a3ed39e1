// For each centroid the documents that have a vector there (PLAID, Santhanam et al. 2022, section
// 4.1: lists of documents, not of vectors), as the gaps between their slots, a byte or two each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace maxsimd {

/// A view of a segment's lists. K = number of centroids. Plain data, safe to read from any thread.
///
/// A list is bytes gaps[offsets[c]] .. gaps[offsets[c + 1]]: for each slot, ascending, its distance
/// from the one before it less 1 (the first: the slot itself), seven bits a byte, the lowest first,
/// the highest bit of a byte saying that more follow (LEB128).
struct InvertedLists {
  std::span<const uint64_t> offsets;  // [K + 1]
  std::span<const uint8_t> gaps;

  size_t num_centroids() const { return offsets.size() - 1; }

  /// Calls f(slot) for the documents of a list, ascending. REQUIRES: is_well_formed().
  template <class F>
  void for_each(size_t centroid, const F& f) const {
    const uint8_t* byte = gaps.data() + offsets[centroid];
    const uint8_t* const end = gaps.data() + offsets[centroid + 1];
    uint32_t next = 0;  // the least slot that may follow
    while (byte != end) {
      uint32_t gap = *byte & 0x7fU;
      for (unsigned shift = 7; (*byte++ & 0x80U) != 0; shift += 7) gap |= (*byte & 0x7fU) << shift;
      f(next + gap);
      next += gap + 1;
    }
  }
  std::vector<uint32_t> list(size_t centroid) const;
};

struct InvertedListTables {
  std::vector<uint64_t> offsets;
  std::vector<uint8_t> gaps;

  InvertedLists view() const { return {offsets, gaps}; }
};

/// The lists of documents whose vectors row_offsets[s] .. row_offsets[s + 1] have these centroids,
/// each below num_centroids. O(vectors + K).
InvertedListTables make_inverted_lists(std::span<const uint16_t> centroids,
                                       std::span<const uint64_t> row_offsets, size_t num_centroids);

/// The lists of version 1 of segments: centroid c has slots[offsets[c] .. offsets[c + 1]], below
/// num_documents, ascending and distinct. Nothing when they are not so.
std::optional<InvertedListTables> lists_of_slots(std::span<const uint64_t> offsets,
                                                 std::span<const uint32_t> slots,
                                                 size_t num_documents);

/// Whether the lists are such as InvertedLists says, for documents 0 .. num_documents - 1: all that
/// is needed to read them without further checks. Not that they are the right ones.
bool is_well_formed(const InvertedLists& lists, size_t num_documents);

}  // namespace maxsimd
