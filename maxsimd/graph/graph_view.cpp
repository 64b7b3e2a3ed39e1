#include "maxsimd/graph/graph_view.h"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <string>

#include "maxsimd/base/errors.h"
#include "maxsimd/graph/graph_options.h"
#include "maxsimd/graph/levels.h"

namespace maxsimd {
namespace {

[[noreturn]] void fail(const std::string& problem) {
  throw FormatError("graph: " + problem);
}

void expect(bool condition, const char* what, uint64_t found) {
  if (!condition) fail(std::string("expected ").append(what) + ", got " + std::to_string(found));
}

/// Hands out arrays one after another.
class ArrayReader {
 public:
  explicit ArrayReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  template <class T>
  std::span<const T> array(uint64_t count) {
    if (count > bytes_.size() / sizeof(T)) {
      fail("expected an array of " + std::to_string(count) + " values, found " +
           std::to_string(bytes_.size()) + " bytes");
    }
    const auto size = static_cast<size_t>(count);
    const std::span<const T> values(reinterpret_cast<const T*>(bytes_.data()), size);
    const size_t padded = (size * sizeof(T) + 7) / 8 * 8;
    bytes_ = bytes_.subspan(std::min(padded, bytes_.size()));
    return values;
  }
  uint64_t number() { return array<uint64_t>(1)[0]; }
  uint64_t number(const char* what, uint64_t lowest, uint64_t highest) {
    const uint64_t value = number();
    expect(value >= lowest && value <= highest, what, value);
    return value;
  }
  size_t bytes_left() const { return bytes_.size(); }

 private:
  std::span<const std::byte> bytes_;
};

void check_lists(const GraphLevel& level) {
  const std::span<const uint64_t> offsets = level.offsets;
  expect(offsets.front() == 0, "lists that begin at 0", offsets.front());
  expect(offsets.back() == level.all_links.size(), "lists that end with the links", offsets.back());
  for (size_t p = 0; p < level.num_places(); ++p) {
    expect(offsets[p] <= offsets[p + 1], "ascending offsets of lists", offsets[p + 1]);
  }
  uint32_t highest = 0;
  for (const uint32_t link : level.all_links) highest = std::max(highest, link);
  expect(level.all_links.empty() || highest < level.num_places(), "links to places on their level",
         highest);
}

// Both ascending: so the subset shows in one pass.
void check_rows(const GraphLevel& level, const GraphLevel& below) {
  uint32_t at = 0;
  for (const uint32_t row : level.level_rows) {
    while (at < below.num_places() && below.row(at) < row) ++at;
    expect(at < below.num_places() && below.row(at) == row,
           "ascending rows that are on the level below", row);
    ++at;
  }
}

}  // namespace

GraphView GraphView::parse(std::span<const std::byte> bytes, size_t num_rows) {
  if (reinterpret_cast<uintptr_t>(bytes.data()) % alignof(uint64_t) != 0) {
    throw std::invalid_argument("GraphView::parse: expected bytes aligned to 8");
  }
  ArrayReader reader(bytes);
  GraphView graph;
  reader.number("the format number of a graph", kGraphFormat, kGraphFormat);
  graph.num_rows_ =
      static_cast<size_t>(reader.number("as many rows as vectors", num_rows, num_rows));
  expect(num_rows < std::numeric_limits<uint32_t>::max(), "fewer than 2^32 - 1 rows", num_rows);
  graph.m_ = static_cast<size_t>(reader.number("m of 2 to 1024", 2, kMaxGraphM));
  graph.ef_construction_ =
      static_cast<size_t>(reader.number("ef_construction of 1 to 65536", 1, kMaxEfConstruction));
  const bool is_empty = num_rows == 0;
  const auto num_levels = static_cast<size_t>(reader.number(
      "1 to 65 levels, none without rows", is_empty ? 0 : 1, is_empty ? 0 : kMaxGraphLevels));
  const uint64_t entry = reader.number();
  const std::span<const uint64_t> sizes = reader.array<uint64_t>(2 * num_levels);
  for (size_t l = 0; l < num_levels; ++l) {
    const uint64_t num_places = sizes[2 * l];
    expect(l == 0 ? num_places == num_rows : num_places >= 1 && num_places <= num_rows,
           "as many places as rows on level 0 and no more above", num_places);
    GraphLevel level;
    if (l > 0) level.level_rows = reader.array<uint32_t>(num_places);
    level.offsets = reader.array<uint64_t>(num_places + 1);
    level.all_links = reader.array<uint32_t>(sizes[2 * l + 1]);
    check_lists(level);
    if (l > 0) check_rows(level, graph.levels_.back());
    graph.levels_.push_back(level);
  }
  expect(reader.bytes_left() == 0, "no bytes after the last level", reader.bytes_left());
  expect(is_empty ? entry == 0 : entry < graph.levels_.back().num_places(),
         "an entry on the highest level", entry);
  graph.entry_ = static_cast<uint32_t>(entry);
  return graph;
}

}  // namespace maxsimd
