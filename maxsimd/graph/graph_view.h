// A graph over token vectors in its file form, mapped or in memory (docs/index_format.md). It holds
// links only; the vectors are somebody else's.
//
// Little-endian, all parts aligned to 8 bytes:
//
//   0    u64 format, num_rows, m, ef_construction, num_levels, entry place on the highest level
//   48   {u64 num_places, num_links} of each level, level 0 first
//   ...  for each level: u32 rows [num_places], ascending (not for level 0: a row is its own
//        place); u64 offsets [num_places + 1]; u32 links [num_links], places on the level
//
// Lists are exact: those of level l take offsets[p] .. offsets[p + 1]. The rows of a level are all
// on the level below.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace maxsimd {

inline constexpr uint64_t kGraphFormat = 0x3148'5247'4453'584d;  // "MXSDGRH1"

/// One level; what a search reads. Plain data, safe to read from any thread.
struct GraphLevel {
  std::span<const uint32_t> level_rows;  // [num_places]; none on level 0
  std::span<const uint64_t> offsets;     // [num_places + 1]
  std::span<const uint32_t> all_links;   // [num_links]

  size_t num_places() const { return offsets.size() - 1; }
  std::span<const uint32_t> rows() const { return level_rows; }
  uint32_t row(uint32_t place) const { return level_rows.empty() ? place : level_rows[place]; }
  void fetch(uint32_t place) const {
    const uint32_t* list = all_links.data() + offsets[place];
    __builtin_prefetch(list);
    __builtin_prefetch(list + 16);
  }
  std::span<const uint32_t> links(uint32_t place) const {
    return {all_links.data() + offsets[place], all_links.data() + offsets[place + 1]};
  }
};

/// Immutable; const methods are safe from any thread. The bytes must outlive it.
class GraphView {
 public:
  /// Checks everything once, so that a search stays inside whatever the bytes say; O(bytes). Throws
  /// FormatError: what was expected and found; std::invalid_argument for bytes that are not
  /// aligned to 8.
  static GraphView parse(std::span<const std::byte> bytes, size_t num_rows);

  size_t size() const { return num_rows_; }
  size_t m() const { return m_; }
  size_t ef_construction() const { return ef_construction_; }
  /// 0 for a graph without rows.
  size_t num_levels() const { return levels_.size(); }
  const GraphLevel& level(size_t l) const { return levels_[l]; }
  /// Where a search begins: a place on the highest level. REQUIRES: size() > 0.
  uint32_t entry() const { return entry_; }

 private:
  GraphView() = default;

  size_t num_rows_ = 0;
  size_t m_ = 0;
  size_t ef_construction_ = 0;
  uint32_t entry_ = 0;
  std::vector<GraphLevel> levels_;
};

}  // namespace maxsimd
