#include "maxsimd/index/inverted_lists.h"

namespace maxsimd {
namespace {

// Calls once for each pair of a document and a centroid it has a vector at, documents ascending.
template <class Call>
void for_each_pair(std::span<const uint16_t> centroids, std::span<const uint64_t> row_offsets,
                   size_t num_centroids, Call call) {
  std::vector<uint32_t> seen_by(num_centroids, 0);  // the last document there, plus 1
  for (size_t slot = 0; slot + 1 < row_offsets.size(); ++slot) {
    const auto mark = static_cast<uint32_t>(slot + 1);
    for (auto row = static_cast<size_t>(row_offsets[slot]); row < row_offsets[slot + 1]; ++row) {
      const size_t centroid = centroids[row];
      if (seen_by[centroid] == mark) continue;
      seen_by[centroid] = mark;
      call(centroid, static_cast<uint32_t>(slot));
    }
  }
}

}  // namespace

InvertedListTables make_inverted_lists(std::span<const uint16_t> centroids,
                                       std::span<const uint64_t> row_offsets,
                                       size_t num_centroids) {
  InvertedListTables lists;
  lists.offsets.resize(num_centroids + 1);
  for_each_pair(centroids, row_offsets, num_centroids,
                [&](size_t centroid, uint32_t) { ++lists.offsets[centroid + 1]; });
  for (size_t c = 0; c < num_centroids; ++c) lists.offsets[c + 1] += lists.offsets[c];
  lists.slots.resize(static_cast<size_t>(lists.offsets.back()));
  std::vector<uint64_t> ends(lists.offsets.begin(), lists.offsets.end() - 1);
  for_each_pair(centroids, row_offsets, num_centroids, [&](size_t centroid, uint32_t slot) {
    lists.slots[static_cast<size_t>(ends[centroid]++)] = slot;
  });
  return lists;
}

bool is_well_formed(const InvertedLists& lists, size_t num_documents) {
  if (lists.offsets.empty() || lists.offsets.front() != 0 ||
      lists.offsets.back() != lists.slots.size()) {
    return false;
  }
  size_t bad = 0;  // counted without a branch
  for (size_t c = 0; c + 1 < lists.offsets.size(); ++c) {
    bad += lists.offsets[c + 1] < lists.offsets[c] ? 1 : 0;
  }
  if (bad != 0) return false;
  for (size_t c = 0; c + 1 < lists.offsets.size(); ++c) {
    const std::span<const uint32_t> list = lists.list(c);
    for (size_t i = 1; i < list.size(); ++i) bad += list[i] <= list[i - 1] ? 1 : 0;
    bad += !list.empty() && list.back() >= num_documents ? 1 : 0;
  }
  return bad == 0;
}

}  // namespace maxsimd
