// Lays a built graph out in its file form.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "maxsimd/graph/graph_options.h"
#include "maxsimd/graph/link_lists.h"

namespace maxsimd {

/// The bytes GraphView::parse() reads. `levels`: level 0 first; `entry`: a place on the last one, 0
/// for a graph without rows.
std::vector<std::byte> write_graph(std::span<const LinkLists> levels, const GraphOptions& options,
                                   uint32_t entry);

}  // namespace maxsimd
