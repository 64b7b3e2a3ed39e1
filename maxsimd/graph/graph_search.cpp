#include "maxsimd/graph/graph_search.h"

#include <algorithm>
#include <bit>
#include <stdexcept>
#include <string>

namespace maxsimd {
namespace {

// Rows compared in one call of the kernel.
constexpr size_t kCompared = 256;
// Comparing all A allowed rows costs A similarities of neighbouring rows. A search expands
// ef * n / A places, each with some ten new rows that lie anywhere: it is the dearer one
// when A^2 <= kScanFactor * ef * n.
constexpr size_t kScanFactor = 32;

void expect_equal(size_t expected, size_t found, const char* what) {
  if (expected == found) return;
  throw std::invalid_argument("graph search: expected " + std::to_string(expected).append(what) +
                              ", got " + std::to_string(found));
}

}  // namespace

GraphSearch::GraphSearch(const GraphView& graph, const VectorsI8& vectors, kernels::Isa isa)
    : graph_(graph), vectors_(vectors), kernels_(kernels::kernel_table(isa)) {
  check_vectors(vectors);
  expect_equal(graph.size(), vectors.size(), " vectors, as the graph has rows");
}

void GraphSearch::check(std::span<const int8_t> query, const GraphSearchOptions& options) const {
  expect_equal(vectors_.stride, query.size(), " values in the query");
  if (options.k == 0) throw std::invalid_argument("graph search: expected k of 1 or more, got 0");
  if (options.allowed == nullptr) return;
  expect_equal((graph_.size() + 63) / 64, options.allowed->words.size(),
               " words in the set of allowed rows");
}

std::span<const Neighbour> GraphSearch::search(std::span<const int8_t> query,
                                               const GraphSearchOptions& options,
                                               GraphScratch& scratch) const {
  check(query, options);
  const RowSet* allowed = options.allowed;
  if (allowed != nullptr && allowed->count >= graph_.size()) allowed = nullptr;
  const size_t num_allowed = allowed != nullptr ? allowed->count : graph_.size();
  const size_t k = std::min(options.k, num_allowed);
  scratch.found.clear();
  if (k == 0) return scratch.found;
  const size_t ef = std::max(options.ef, k);
  const Probe probe = {kernels_, vectors_, query.data()};
  std::span<const RankKey> best;
  if (num_allowed / kScanFactor * num_allowed > ef * graph_.size()) {
    search_graph(probe, ef, allowed, scratch.search);
    best = scratch.search.best.sorted();
  }
  if (best.size() < k) {
    compare_all(probe, k, allowed, scratch.search);
    best = scratch.search.best.sorted();
  }
  for (const RankKey key : best.first(std::min(k, best.size()))) {
    scratch.found.push_back({place_of(key), similarity_of(key)});
  }
  return scratch.found;
}

void GraphSearch::search_graph(const Probe& probe, size_t ef, const RowSet* allowed,
                               SearchScratch& scratch) const {
  scratch.visited.reserve(graph_.size());
  uint32_t place = graph_.entry();
  for (size_t l = graph_.num_levels() - 1; l > 0; --l) {
    search_level(graph_.level(l), probe, place, 1, scratch);
    const uint32_t row = graph_.level(l).row(place_of(scratch.best.sorted().front()));
    const std::span<const uint32_t> below = graph_.level(l - 1).rows();
    place = l == 1 ? row
                   : static_cast<uint32_t>(std::lower_bound(below.begin(), below.end(), row) -
                                           below.begin());
  }
  if (allowed == nullptr) return search_level(graph_.level(0), probe, place, ef, scratch);
  search_level(graph_.level(0), probe, place, ef, scratch,
               [allowed](uint32_t row) { return allowed->contains(row); });
}

void GraphSearch::compare_all(const Probe& probe, size_t k, const RowSet* allowed,
                              SearchScratch& scratch) const {
  scratch.best.reset(k);
  scratch.places.clear();
  const auto compare = [&] {
    score_places(graph_.level(0), probe, scratch);
    for (size_t i = 0; i < scratch.places.size(); ++i) {
      const RankKey key = rank_key(scratch.similarities[i], scratch.places[i]);
      if (scratch.best.admits(key)) scratch.best.push(key);
    }
    scratch.places.clear();
  };
  for (size_t w = 0; w < (graph_.size() + 63) / 64; ++w) {
    const auto first = static_cast<uint32_t>(w * 64);
    const size_t in_word = std::min<size_t>(graph_.size() - first, 64);
    uint64_t rows = ~uint64_t{0} >> (64 - in_word);  // none past the end, whatever the set says
    if (allowed != nullptr) rows &= allowed->words[w];
    for (; rows != 0; rows &= rows - 1) {
      scratch.places.push_back(first + static_cast<uint32_t>(std::countr_zero(rows)));
    }
    if (scratch.places.size() >= kCompared) compare();
  }
  compare();
}

}  // namespace maxsimd
