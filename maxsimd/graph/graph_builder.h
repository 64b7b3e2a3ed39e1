// Builds a graph over token vectors: hierarchical navigable small worlds (Malkov & Yashunin 2016,
// algorithms 1 to 4), with the diversity heuristic for neighbours, as hnswlib and Voyager.
//
// Vectors are inserted in rounds, each a random sample and at most a small share of what is there.
// In a round each vector is searched for in the graph of the round before and chooses its links;
// then each vector that was chosen takes its new links, or prunes. Both halves run in parallel and
// depend on nothing but the round before: the graph is bitwise the same for any number of threads,
// and, sums being integers, on every instruction set. (As ParlayANN, Manohar et al. 2024.)
#pragma once

#include <cstddef>
#include <vector>

#include "maxsimd/base/thread_pool.h"
#include "maxsimd/graph/graph_options.h"
#include "maxsimd/graph/vectors.h"

namespace maxsimd {

/// The graph in its file form: what GraphView::parse() reads. From the entry on every vector can be
/// reached on every level it is on. Needs about 8 m + 80 bytes of memory a vector. Throws
/// std::invalid_argument (options out of range, vectors whose sizes do not fit).
std::vector<std::byte> build_graph(const VectorsI8& vectors, const GraphOptions& options,
                                   ThreadPool& pool);

}  // namespace maxsimd
