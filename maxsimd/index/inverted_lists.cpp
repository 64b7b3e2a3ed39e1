#include "maxsimd/index/inverted_lists.h"

#include <algorithm>

namespace maxsimd {
namespace {

constexpr uint32_t kMoreFollow = 0x80;

size_t gap_bytes(uint32_t gap) {
  size_t count = 1;
  for (; gap >= kMoreFollow; gap >>= 7) ++count;
  return count;
}

uint8_t* write_gap(uint32_t gap, uint8_t* out) {
  for (; gap >= kMoreFollow; gap >>= 7) *out++ = static_cast<uint8_t>(gap | kMoreFollow);
  *out++ = static_cast<uint8_t>(gap);
  return out;
}

// Calls once for each pair of a document and a centroid it has a vector at, documents ascending,
// with the distance from the centroid's document before, less 1.
template <class Call>
void for_each_gap(std::span<const uint16_t> centroids, std::span<const uint64_t> row_offsets,
                  size_t num_centroids, Call call) {
  std::vector<uint32_t> next(num_centroids, 0);  // the last document there, plus 1
  for (size_t slot = 0; slot + 1 < row_offsets.size(); ++slot) {
    const auto document = static_cast<uint32_t>(slot);
    for (auto row = static_cast<size_t>(row_offsets[slot]); row < row_offsets[slot + 1]; ++row) {
      const size_t centroid = centroids[row];
      if (next[centroid] == document + 1) continue;
      call(centroid, document - next[centroid]);
      next[centroid] = document + 1;
    }
  }
}

bool ascends_to(std::span<const uint64_t> offsets, size_t last) {
  return !offsets.empty() && offsets.front() == 0 && offsets.back() == last &&
         std::is_sorted(offsets.begin(), offsets.end());
}

/// Whether these bytes are a list of slots below num_documents (at most 2^32 - 1).
bool is_list(std::span<const uint8_t> bytes, size_t num_documents) {
  uint64_t next = 0;
  for (size_t i = 0; i < bytes.size();) {
    uint64_t gap = 0;
    unsigned shift = 0;
    do {
      if (i == bytes.size() || shift > 28) return false;
      gap |= uint64_t{bytes[i] & 0x7fU} << shift;
      shift += 7;
    } while ((bytes[i++] & kMoreFollow) != 0);
    next += gap + 1;
    if (next > num_documents) return false;
  }
  return true;
}

}  // namespace

std::vector<uint32_t> InvertedLists::list(size_t centroid) const {
  std::vector<uint32_t> slots;
  for_each(centroid, [&](uint32_t slot) { slots.push_back(slot); });
  return slots;
}

InvertedListTables make_inverted_lists(std::span<const uint16_t> centroids,
                                       std::span<const uint64_t> row_offsets,
                                       size_t num_centroids) {
  InvertedListTables lists;
  lists.offsets.resize(num_centroids + 1);
  for_each_gap(centroids, row_offsets, num_centroids, [&](size_t centroid, uint32_t gap) {
    lists.offsets[centroid + 1] += gap_bytes(gap);
  });
  for (size_t c = 0; c < num_centroids; ++c) lists.offsets[c + 1] += lists.offsets[c];
  lists.gaps.resize(static_cast<size_t>(lists.offsets.back()));
  std::vector<uint64_t> ends(lists.offsets.begin(), lists.offsets.end() - 1);
  for_each_gap(centroids, row_offsets, num_centroids, [&](size_t centroid, uint32_t gap) {
    uint8_t* at = lists.gaps.data() + ends[centroid];
    ends[centroid] += static_cast<uint64_t>(write_gap(gap, at) - at);
  });
  return lists;
}

std::optional<InvertedListTables> lists_of_slots(std::span<const uint64_t> offsets,
                                                 std::span<const uint32_t> slots,
                                                 size_t num_documents) {
  if (!ascends_to(offsets, slots.size())) return std::nullopt;
  InvertedListTables lists;
  lists.gaps.resize(slots.size() * gap_bytes(~uint32_t{0}));
  lists.offsets.push_back(0);
  uint8_t* end = lists.gaps.data();
  for (size_t c = 0; c + 1 < offsets.size(); ++c) {
    uint64_t next = 0;
    for (auto i = static_cast<size_t>(offsets[c]); i < offsets[c + 1]; ++i) {
      if (slots[i] < next || slots[i] >= num_documents) return std::nullopt;
      end = write_gap(static_cast<uint32_t>(slots[i] - next), end);
      next = uint64_t{slots[i]} + 1;
    }
    lists.offsets.push_back(static_cast<uint64_t>(end - lists.gaps.data()));
  }
  lists.gaps.resize(static_cast<size_t>(lists.offsets.back()));
  lists.gaps.shrink_to_fit();
  return lists;
}

bool is_well_formed(const InvertedLists& lists, size_t num_documents) {
  if (!ascends_to(lists.offsets, lists.gaps.size())) return false;
  for (size_t c = 0; c < lists.num_centroids(); ++c) {
    const auto begin = static_cast<size_t>(lists.offsets[c]);
    const auto end = static_cast<size_t>(lists.offsets[c + 1]);
    if (!is_list(lists.gaps.subspan(begin, end - begin), num_documents)) return false;
  }
  return true;
}

}  // namespace maxsimd
