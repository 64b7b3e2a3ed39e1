#include "maxsimd/graph/graph_builder.h"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "maxsimd/graph/diverse_links.h"
#include "maxsimd/graph/graph_writer.h"
#include "maxsimd/graph/level_search.h"
#include "maxsimd/graph/levels.h"
#include "maxsimd/graph/link_lists.h"
#include "maxsimd/graph/reachability.h"

namespace maxsimd {
namespace {

// Vectors of one round do not find each other: at most 1 / 32 of those that are there, so that a
// vector misses 3 % of its neighbours at most, and 1,024, which keeps 16 threads busy.
constexpr size_t kRoundShare = 32;
constexpr size_t kMaxRound = 1024;
// Lists a task updates.
constexpr size_t kListsPerTask = 32;

void check_options(const GraphOptions& options) {
  if (options.m < 2 || options.m > kMaxGraphM) {
    throw std::invalid_argument("build_graph: expected m from 2 to " + std::to_string(kMaxGraphM) +
                                ", got " + std::to_string(options.m));
  }
  if (options.ef_construction < 1 || options.ef_construction > kMaxEfConstruction) {
    throw std::invalid_argument("build_graph: expected ef_construction from 1 to " +
                                std::to_string(kMaxEfConstruction) + ", got " +
                                std::to_string(options.ef_construction));
  }
}

class GraphBuilder {
 public:
  GraphBuilder(const VectorsI8& vectors, const GraphOptions& options, ThreadPool& pool)
      : vectors_(vectors),
        options_(options),
        kernels_(kernels::kernel_table(options.isa)),
        pool_(pool),
        levels_(draw_levels(vectors.size(), options.m, options.seed)),
        scratch_(pool.num_threads()) {
    for (size_t l = 0; l < levels_.rows.size(); ++l) {
      const size_t num_places = l == 0 ? vectors.size() : levels_.rows[l].size();
      lists_.emplace_back(levels_.rows[l], num_places, l == 0 ? 2 * options.m : options.m);
    }
    for (Scratch& scratch : scratch_) scratch.search.visited.reserve(vectors.size());
  }

  std::vector<std::byte> build() {
    const std::vector<uint32_t>& order = levels_.insertion_order;
    size_t inserted = std::min<size_t>(order.size(), 1);  // the entry, as yet without links
    while (inserted < order.size()) {
      const size_t round = std::clamp(inserted / kRoundShare, size_t{1}, kMaxRound);
      const size_t end = std::min(inserted + round, order.size());
      insert(std::span(order).subspan(inserted, end - inserted));
      inserted = end;
      if (options_.progress) options_.progress(inserted);
    }
    for (size_t l = 0; l < lists_.size(); ++l) {
      connect_level(lists_[l], kernels_, vectors_, place_on(l, order.front()),
                    options_.ef_construction);
    }
    return write_graph(lists_, options_, order.empty() ? 0 : place_on(top(), order.front()));
  }

 private:
  struct Scratch {
    SearchScratch search;
    DiverseLinksScratch links;
    std::vector<RankKey> candidates;
  };
  // A link to `target` that its round has made necessary.
  struct BackLink {
    uint32_t target;
    uint32_t source;
    auto operator<=>(const BackLink&) const = default;
  };

  size_t top() const { return lists_.size() - 1; }

  // REQUIRES: the row is on the level.
  uint32_t place_on(size_t l, uint32_t row) const {
    if (l == 0) return row;
    const std::vector<uint32_t>& rows = levels_.rows[l];
    return static_cast<uint32_t>(std::lower_bound(rows.begin(), rows.end(), row) - rows.begin());
  }
  bool is_on(size_t l, uint32_t row) const {
    return l == 0 || std::binary_search(levels_.rows[l].begin(), levels_.rows[l].end(), row);
  }

  void insert(std::span<const uint32_t> rows) {
    pool_.parallel_for(rows.size(),
                       [&](size_t i, size_t worker) { choose_links(rows[i], scratch_[worker]); });
    for (size_t l = 0; l < lists_.size(); ++l) link_back(l, rows);
  }

  // Writes the lists of a row that nothing links to yet.
  void choose_links(uint32_t row, Scratch& scratch) {
    const Probe probe = {kernels_, vectors_, vectors_.row(row)};
    uint32_t near = levels_.insertion_order.front();
    for (size_t l = lists_.size(); l-- > 0;) {
      const bool links = is_on(l, row);
      const size_t ef = links ? std::max(options_.ef_construction, options_.m) : 1;
      search_level(lists_[l], probe, place_on(l, near), ef, scratch.search);
      const std::span<const RankKey> found = scratch.search.best.sorted();
      near = lists_[l].row(place_of(found.front()));
      if (!links) continue;
      const uint32_t place = place_on(l, row);
      lists_[l].assign(place, choose_diverse_links(kernels_, vectors_, lists_[l], place, found,
                                                   options_.m, scratch.links));
    }
  }

  // Links to the rows of a round from all that they link to on a level.
  void link_back(size_t l, std::span<const uint32_t> rows) {
    LinkLists& lists = lists_[l];
    back_links_.clear();
    for (const uint32_t row : rows) {
      if (!is_on(l, row)) continue;
      const uint32_t source = place_on(l, row);
      for (const uint32_t target : lists.links(source)) back_links_.push_back({target, source});
    }
    std::sort(back_links_.begin(), back_links_.end());
    groups_.clear();
    for (size_t i = 0; i < back_links_.size(); ++i) {
      if (i == 0 || back_links_[i].target != back_links_[i - 1].target) groups_.push_back(i);
    }
    groups_.push_back(back_links_.size());
    const size_t num_groups = groups_.size() - 1;
    const size_t num_tasks = (num_groups + kListsPerTask - 1) / kListsPerTask;
    pool_.parallel_for(num_tasks, [&](size_t task, size_t worker) {
      const size_t end = std::min((task + 1) * kListsPerTask, num_groups);
      for (size_t g = task * kListsPerTask; g < end; ++g) {
        add_links(lists, std::span(back_links_).subspan(groups_[g], groups_[g + 1] - groups_[g]),
                  scratch_[worker]);
      }
    });
  }

  // All of one target.
  void add_links(LinkLists& lists, std::span<const BackLink> back_links, Scratch& scratch) {
    const uint32_t target = back_links.front().target;
    std::vector<uint32_t>& places = scratch.search.places;
    places.clear();
    for (const BackLink& link : back_links) places.push_back(link.source);
    const std::span<const uint32_t> present = lists.links(target);
    if (present.size() + places.size() <= lists.capacity()) return lists.append(target, places);
    places.insert(places.end(), present.begin(), present.end());
    const Probe probe = {kernels_, vectors_, vectors_.row(lists.row(target))};
    score_places(lists, probe, scratch.search);
    scratch.candidates.clear();
    for (size_t i = 0; i < places.size(); ++i) {
      scratch.candidates.push_back(rank_key(scratch.search.similarities[i], places[i]));
    }
    std::sort(scratch.candidates.begin(), scratch.candidates.end(), std::greater<>{});
    lists.assign(target, choose_diverse_links(kernels_, vectors_, lists, target, scratch.candidates,
                                              lists.capacity(), scratch.links));
  }

  const VectorsI8& vectors_;
  const GraphOptions& options_;
  const kernels::KernelTable& kernels_;
  ThreadPool& pool_;
  Levels levels_;
  std::vector<LinkLists> lists_;  // [number of levels]
  std::vector<Scratch> scratch_;  // [threads]
  std::vector<BackLink> back_links_;
  std::vector<size_t> groups_;  // where the links to a target begin, and the end
};

}  // namespace

std::vector<std::byte> build_graph(const VectorsI8& vectors, const GraphOptions& options,
                                   ThreadPool& pool) {
  check_options(options);
  check_vectors(vectors);
  return GraphBuilder(vectors, options, pool).build();
}

}  // namespace maxsimd
