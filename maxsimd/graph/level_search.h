// The search of one level (Malkov & Yashunin 2016, algorithm 2), shared by building and searching:
// from the starts on, the nearest place not yet expanded is expanded, until it is farther than the
// worst of the `ef` best.
//
// Places are numbers of vectors on a level; they ascend with the rows, so ties go to the lower row.
// A Level has num_places(), rows() (none: a row is its own place) and links(place): LinkLists while
// building, GraphLevel in a mapped graph.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "maxsimd/graph/rank_key.h"
#include "maxsimd/graph/vectors.h"
#include "maxsimd/kernels/kernels.h"

namespace maxsimd {

/// A vector whose neighbours are sought, [stride] of int8, and the vectors they are sought among.
struct Probe {
  const kernels::KernelTable& kernels;
  const VectorsI8& vectors;
  const int8_t* query;
};

/// Which places were seen; forgets them in time proportional to their number.
class VisitedPlaces {
 public:
  void reserve(size_t num_places) {
    if (words_.size() * 64 < num_places) words_.resize((num_places + 63) / 64);
  }
  /// Whether it is the first time.
  bool visit(uint32_t place) {
    uint64_t& word = words_[place / 64];
    const uint64_t bit = uint64_t{1} << (place % 64);
    if ((word & bit) != 0) return false;
    if (word == 0) touched_.push_back(place / 64);
    word |= bit;
    return true;
  }
  void clear() {
    for (const uint32_t word : touched_) words_[word] = 0;
    touched_.clear();
  }

 private:
  std::vector<uint64_t> words_;
  std::vector<uint32_t> touched_;
};

/// The best `capacity` keys of a stream; allocates only while it grows.
class BestKeys {
 public:
  void reset(size_t capacity) {
    capacity_ = capacity;
    heap_.clear();
  }
  bool is_full() const { return heap_.size() >= capacity_; }
  /// Whether push() would keep the key.
  bool admits(RankKey key) const { return !is_full() || key > heap_.front(); }
  /// Whether the key is not worse than all that is kept.
  bool reaches(RankKey key) const { return !is_full() || key >= heap_.front(); }
  /// REQUIRES: admits(key), a capacity of 1 or more.
  void push(RankKey key) {
    if (heap_.size() == capacity_) {
      std::pop_heap(heap_.begin(), heap_.end(), std::greater<>{});
      heap_.back() = key;
    } else {
      heap_.push_back(key);
    }
    std::push_heap(heap_.begin(), heap_.end(), std::greater<>{});
  }
  /// Best first; push() may not follow before reset().
  std::span<const RankKey> sorted() {
    std::sort_heap(heap_.begin(), heap_.end(), std::greater<>{});
    return heap_;
  }

 private:
  size_t capacity_ = 0;
  std::vector<RankKey> heap_;  // the worst on top
};

/// What a thread needs beside the graph; keeps its memory from search to search.
struct SearchScratch {
  VisitedPlaces visited;
  BestKeys best;
  std::vector<RankKey> frontier;  // a heap of what is to be expanded, the best on top
  std::vector<uint32_t> places;
  std::vector<uint32_t> rows;
  std::vector<float> similarities;
};

/// Similarities of the probe and scratch.places into scratch.similarities.
template <class Level>
void score_places(const Level& level, const Probe& probe, SearchScratch& scratch) {
  const size_t count = scratch.places.size();
  if (scratch.similarities.size() < count) scratch.similarities.resize(count);
  const uint32_t* rows = scratch.places.data();
  const std::span<const uint32_t> rows_of_places = level.rows();
  if (!rows_of_places.empty()) {
    scratch.rows.resize(count);
    for (size_t i = 0; i < count; ++i) scratch.rows[i] = rows_of_places[scratch.places[i]];
    rows = scratch.rows.data();
  }
  probe.kernels.similarities_i8(probe.query, probe.vectors.raw(), rows, count,
                                scratch.similarities.data());
}

struct AllPlaces {
  bool operator()(uint32_t) const { return true; }
};

/// Leaves the best `ef` of what `allowed(place)` is true for, and was reached from `start`, in
/// scratch.best; other places are passed through. All of them when there are at most ef.
/// REQUIRES: ef >= 1, start < level.num_places(), visited.reserve(level.num_places()).
template <class Level, class Allowed = AllPlaces>
void search_level(const Level& level, const Probe& probe, uint32_t start, size_t ef,
                  SearchScratch& scratch, Allowed allowed = {}) {
  const std::span<const uint32_t> rows = level.rows();
  scratch.best.reset(ef);
  scratch.frontier.clear();
  scratch.places.assign(1, start);
  scratch.visited.visit(start);
  while (true) {
    score_places(level, probe, scratch);
    for (size_t i = 0; i < scratch.places.size(); ++i) {
      const uint32_t place = scratch.places[i];
      const RankKey key = rank_key(scratch.similarities[i], place);
      if (!scratch.best.admits(key)) continue;
      level.fetch(place);
      scratch.frontier.push_back(key);
      std::push_heap(scratch.frontier.begin(), scratch.frontier.end());
      if (allowed(place)) scratch.best.push(key);
    }
    if (scratch.frontier.empty() || !scratch.best.reaches(scratch.frontier.front())) break;
    std::pop_heap(scratch.frontier.begin(), scratch.frontier.end());
    const uint32_t place = place_of(scratch.frontier.back());
    scratch.frontier.pop_back();
    scratch.places.clear();
    for (const uint32_t link : level.links(place)) {
      if (!scratch.visited.visit(link)) continue;
      probe.vectors.fetch(rows.empty() ? link : rows[link]);
      scratch.places.push_back(link);
    }
  }
  scratch.visited.clear();
}

}  // namespace maxsimd
