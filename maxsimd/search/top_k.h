// The best k of a stream of scored documents. The order is total (score descending, then document
// ascending: ties go to the document added first), so the best k are one set whatever the order
// they arrive in; that is what makes a search independent of its threads.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "maxsimd/index/coded_embeddings.h"

namespace maxsimd {

struct ScoredDocument {
  DocId document = 0;
  float score = 0.0F;

  bool operator==(const ScoredDocument&) const = default;
};

/// Whether `a` ranks before `b`. Scores are never NaN.
inline bool ranks_before(const ScoredDocument& a, const ScoredDocument& b) {
  return a.score > b.score || (a.score == b.score && a.document < b.document);
}

/// A heap of at most k entries with the worst on top. Not thread-safe.
class TopK {
 public:
  explicit TopK(size_t k) : k_(k) {}

  void push(const ScoredDocument& entry) {
    if (heap_.size() < k_) {
      heap_.push_back(entry);
      std::push_heap(heap_.begin(), heap_.end(), ranks_before);
    } else if (k_ > 0 && ranks_before(entry, heap_.front())) {
      std::pop_heap(heap_.begin(), heap_.end(), ranks_before);
      heap_.back() = entry;
      std::push_heap(heap_.begin(), heap_.end(), ranks_before);
    }
  }

  void merge(const TopK& other) {
    for (const ScoredDocument& entry : other.heap_) push(entry);
  }

  /// The entries, best first; leaves the heap empty.
  std::vector<ScoredDocument> take_sorted() {
    std::sort_heap(heap_.begin(), heap_.end(), ranks_before);
    return std::move(heap_);
  }

 private:
  size_t k_;
  std::vector<ScoredDocument> heap_;
};

}  // namespace maxsimd
