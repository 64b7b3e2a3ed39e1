// The links of one level while the graph is built: a list of bounded length for each place.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "maxsimd/base/errors.h"

namespace maxsimd {

/// Lists of different places may be written at the same time; what is written must not be read.
class LinkLists {
 public:
  /// `rows`: those of the level, ascending; none for level 0, where a row is its own place. A list
  /// holds `capacity` links, and one more that attach() alone may use.
  LinkLists(std::span<const uint32_t> rows, size_t num_places, size_t capacity)
      : rows_(rows), capacity_(capacity), degrees_(num_places), links_(num_places * slots()) {}

  size_t num_places() const { return degrees_.size(); }
  size_t capacity() const { return capacity_; }
  std::span<const uint32_t> rows() const { return rows_; }
  uint32_t row(uint32_t place) const { return rows_.empty() ? place : rows_[place]; }

  std::span<const uint32_t> links(uint32_t place) const {
    return {links_.data() + place * slots(), degrees_[place]};
  }
  /// REQUIRES: at most capacity().
  void assign(uint32_t place, std::span<const uint32_t> links) {
    MAXSIMD_ASSERT(links.size() <= capacity_);
    std::copy(links.begin(), links.end(), links_.begin() + begin_of(place));
    degrees_[place] = static_cast<uint16_t>(links.size());
  }
  /// REQUIRES: room for them within capacity().
  void append(uint32_t place, std::span<const uint32_t> links) {
    MAXSIMD_ASSERT(degrees_[place] + links.size() <= capacity_);
    std::copy(links.begin(), links.end(), links_.begin() + begin_of(place) + degrees_[place]);
    degrees_[place] = static_cast<uint16_t>(degrees_[place] + links.size());
  }

  bool is_full(uint32_t place) const { return degrees_[place] >= slots(); }
  /// One link more, beyond capacity() if need be. REQUIRES: !is_full(place).
  void attach(uint32_t place, uint32_t link) {
    MAXSIMD_ASSERT(!is_full(place));
    links_[place * slots() + degrees_[place]++] = link;
  }

 private:
  size_t slots() const { return capacity_ + 1; }
  ptrdiff_t begin_of(uint32_t place) const { return static_cast<ptrdiff_t>(place * slots()); }

  std::span<const uint32_t> rows_;
  size_t capacity_;
  std::vector<uint16_t> degrees_;
  std::vector<uint32_t> links_;  // [num_places, slots]
};

}  // namespace maxsimd
