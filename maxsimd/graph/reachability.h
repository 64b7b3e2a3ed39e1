// Makes every place of a level reachable. Links that were pruned can leave places that no search
// finds: in every large graph some, among equal vectors most.
#pragma once

#include <cstdint>

#include "maxsimd/graph/level_search.h"
#include "maxsimd/graph/link_lists.h"
#include "maxsimd/graph/vectors.h"
#include "maxsimd/kernels/kernels.h"

namespace maxsimd {

/// Adds links until all places are reachable from `entry`, each from a near one: at most one a list
/// beyond its capacity. `ef`: how far the search for a near one looks. REQUIRES: entry <
/// level.num_places(). O(links), and a search for each group of places that only know each other.
void connect_level(LinkLists& level, const kernels::KernelTable& kernels, const VectorsI8& vectors,
                   uint32_t entry, size_t ef);

}  // namespace maxsimd
