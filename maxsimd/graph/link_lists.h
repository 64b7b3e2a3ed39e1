// The links of one level while the graph is built: a list of bounded length for each place.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "maxsimd/base/aligned_buffer.h"
#include "maxsimd/base/errors.h"

namespace maxsimd {

/// Lists of different places may be written at the same time; what is written must not be read.
class LinkLists {
 public:
  /// `rows`: those of the level, ascending; none for level 0, where a row is its own place. A list
  /// holds `capacity` links, and one more that attach() alone may use.
  LinkLists(std::span<const uint32_t> rows, size_t num_places, size_t capacity)
      : rows_(rows),
        num_places_(num_places),
        capacity_(capacity),
        stride_((capacity + 2 + kLineNumbers - 1) / kLineNumbers * kLineNumbers),
        lists_(num_places * stride_) {}

  size_t num_places() const { return num_places_; }
  size_t capacity() const { return capacity_; }
  std::span<const uint32_t> rows() const { return rows_; }
  uint32_t row(uint32_t place) const { return rows_.empty() ? place : rows_[place]; }

  std::span<const uint32_t> links(uint32_t place) const {
    const uint32_t* list = list_of(place);
    return {list + 1, list[0]};
  }
  void fetch(uint32_t place) const {
    __builtin_prefetch(list_of(place));
    __builtin_prefetch(list_of(place) + kLineNumbers);
  }

  /// REQUIRES: at most capacity().
  void assign(uint32_t place, std::span<const uint32_t> links) {
    MAXSIMD_ASSERT(links.size() <= capacity_);
    list_of(place)[0] = 0;
    append(place, links);
  }
  /// REQUIRES: room for them within capacity().
  void append(uint32_t place, std::span<const uint32_t> links) {
    uint32_t* list = list_of(place);
    MAXSIMD_ASSERT(list[0] + links.size() <= capacity_);
    std::copy(links.begin(), links.end(), list + 1 + list[0]);
    list[0] += static_cast<uint32_t>(links.size());
  }

  bool is_full(uint32_t place) const { return list_of(place)[0] > capacity_; }
  /// One link more, beyond capacity() if need be. REQUIRES: !is_full(place).
  void attach(uint32_t place, uint32_t link) {
    MAXSIMD_ASSERT(!is_full(place));
    uint32_t* list = list_of(place);
    list[++list[0]] = link;
  }

 private:
  static constexpr size_t kLineNumbers = 64 / sizeof(uint32_t);  // of a cache line

  const uint32_t* list_of(uint32_t place) const { return lists_.data() + place * stride_; }
  uint32_t* list_of(uint32_t place) { return lists_.data() + place * stride_; }

  std::span<const uint32_t> rows_;
  size_t num_places_;
  size_t capacity_;
  size_t stride_;                  // numbers from one list to the next: whole cache lines
  AlignedBuffer<uint32_t> lists_;  // [num_places, stride]: how many links, then the links
};

}  // namespace maxsimd
