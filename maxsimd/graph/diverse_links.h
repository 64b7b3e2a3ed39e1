// Which of the nearest places a place is linked to: Malkov & Yashunin 2016, algorithm 4, without
// its two extensions (as hnswlib).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "maxsimd/graph/link_lists.h"
#include "maxsimd/graph/rank_key.h"
#include "maxsimd/graph/vectors.h"
#include "maxsimd/kernels/kernels.h"

namespace maxsimd {

/// Memory of one thread.
struct DiverseLinksScratch {
  std::vector<RankKey> remaining;
  std::vector<uint32_t> rows;
  std::vector<float> similarities;
  std::vector<uint32_t> chosen;  // the result
};

/// Goes through the candidates, best first, and takes those that are at least as similar to `base`
/// as to each one taken before, at most `count` of them. `candidates` are keys of places with their
/// similarity to `base` (its scale left out), sorted. The places taken, best first, are in
/// scratch.chosen until the next call.
std::span<const uint32_t> choose_diverse_links(const kernels::KernelTable& kernels,
                                               const VectorsI8& vectors, const LinkLists& level,
                                               uint32_t base, std::span<const RankKey> candidates,
                                               size_t count, DiverseLinksScratch& scratch);

}  // namespace maxsimd
