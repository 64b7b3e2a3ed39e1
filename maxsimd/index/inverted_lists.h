// For each centroid the documents that have a vector there (PLAID, Santhanam et al. 2022, section
// 4.1: lists of documents, not of vectors).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace maxsimd {

/// A view of a segment's lists. K = number of centroids. Plain data, safe to read from any thread.
struct InvertedLists {
  std::span<const uint64_t> offsets;  // [K + 1]: centroid c has slots[offsets[c] .. offsets[c + 1]]
  std::span<const uint32_t> slots;    // of documents of the segment; in a list ascending, distinct

  size_t num_centroids() const { return offsets.size() - 1; }
  std::span<const uint32_t> list(size_t centroid) const {
    return slots.subspan(static_cast<size_t>(offsets[centroid]),
                         static_cast<size_t>(offsets[centroid + 1] - offsets[centroid]));
  }
};

struct InvertedListTables {
  std::vector<uint64_t> offsets;
  std::vector<uint32_t> slots;

  InvertedLists view() const { return {offsets, slots}; }
};

/// The lists of documents whose vectors row_offsets[s] .. row_offsets[s + 1] have these centroids,
/// each below num_centroids. O(vectors + K).
InvertedListTables make_inverted_lists(std::span<const uint16_t> centroids,
                                       std::span<const uint64_t> row_offsets, size_t num_centroids);

/// Whether the lists are such as InvertedLists says, for documents 0 .. num_documents - 1: all that
/// is needed to read them without further checks. Not that they are the right ones.
bool is_well_formed(const InvertedLists& lists, size_t num_documents);

}  // namespace maxsimd
