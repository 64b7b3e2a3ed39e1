// Which vectors are nearest to a query vector: the search of a graph (Malkov & Yashunin 2016,
// algorithm 5).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "maxsimd/graph/graph_view.h"
#include "maxsimd/graph/level_search.h"
#include "maxsimd/graph/vectors.h"
#include "maxsimd/kernels/kernels.h"

namespace maxsimd {

struct GraphSearchOptions {
  /// Neighbours wanted.
  size_t k = 10;
  /// How many of the best are kept while searching, at least k (fewer count as k). More: better
  /// recall; time in proportion.
  size_t ef = 200;
  /// Which rows may be returned; all of them when null. The others are passed through.
  const RowSet* allowed = nullptr;
};

/// Memory of one thread; nothing is allocated once it has grown to what the searches need.
struct GraphScratch {
  SearchScratch search;
  std::vector<Neighbour> found;
};

/// A graph and the vectors it was built over. Immutable; const methods are safe from any thread,
/// each with its own scratch. The graph and the vectors' memory must outlive it.
class GraphSearch {
 public:
  /// Throws std::invalid_argument when the graph has another number of rows than the vectors.
  GraphSearch(const GraphView& graph, const VectorsI8& vectors,
              kernels::Isa isa = kernels::best_isa());

  /// The nearest min(k, rows allowed) rows, best first, ties by the lower row; valid until the
  /// scratch is used again. `query` [stride] is int8 as the vectors are, its padding 0;
  /// similarities lack the query's scale. Where few rows are allowed all of them are compared, and
  /// the answer is exact. Throws std::invalid_argument for a query of another size, k = 0, a set
  /// of another size.
  std::span<const Neighbour> search(std::span<const int8_t> query,
                                    const GraphSearchOptions& options, GraphScratch& scratch) const;

 private:
  void check(std::span<const int8_t> query, const GraphSearchOptions& options) const;
  void search_graph(const Probe& probe, size_t ef, const RowSet* allowed,
                    SearchScratch& scratch) const;
  void compare_all(const Probe& probe, size_t k, const RowSet* allowed,
                   SearchScratch& scratch) const;

  const GraphView& graph_;
  VectorsI8 vectors_;
  const kernels::KernelTable& kernels_;
};

}  // namespace maxsimd
