#include "maxsimd/graph/diverse_links.h"

namespace maxsimd {

std::span<const uint32_t> choose_diverse_links(const kernels::KernelTable& kernels,
                                               const VectorsI8& vectors, const LinkLists& level,
                                               uint32_t base, std::span<const RankKey> candidates,
                                               size_t count, DiverseLinksScratch& scratch) {
  const float base_scale = vectors.scales[level.row(base)];
  auto& remaining = scratch.remaining;
  remaining.assign(candidates.begin(), candidates.end());
  scratch.rows.clear();
  for (const RankKey key : candidates) scratch.rows.push_back(level.row(place_of(key)));
  scratch.similarities.resize(candidates.size());
  scratch.chosen.clear();
  // One chosen place is compared with all that remain at once: fewer, larger calls of the kernel
  // than for each candidate with all that were chosen.
  size_t begin = 0;
  size_t end = remaining.size();
  while (begin < end && scratch.chosen.size() < count) {
    scratch.chosen.push_back(place_of(remaining[begin]));
    const uint32_t chosen_row = scratch.rows[begin];
    ++begin;
    kernels.similarities_i8(vectors.row(chosen_row), vectors.raw(), scratch.rows.data() + begin,
                            end - begin, scratch.similarities.data() + begin);
    const float chosen_scale = vectors.scales[chosen_row];
    size_t kept = begin;
    for (size_t i = begin; i < end; ++i) {
      // The kernel leaves the scale of its query out.
      const float to_chosen = scratch.similarities[i] * chosen_scale;
      const float to_base = similarity_of(remaining[i]) * base_scale;
      if (to_chosen > to_base) continue;
      remaining[kept] = remaining[i];
      scratch.rows[kept] = scratch.rows[i];
      ++kept;
    }
    end = kept;
  }
  return scratch.chosen;
}

}  // namespace maxsimd
