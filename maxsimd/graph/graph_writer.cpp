#include "maxsimd/graph/graph_writer.h"

#include <cstring>

#include "maxsimd/graph/graph_view.h"

namespace maxsimd {
namespace {

constexpr size_t kAlignment = 8;

size_t padded(size_t size) {
  return (size + kAlignment - 1) / kAlignment * kAlignment;
}

size_t num_links_of(const LinkLists& level) {
  size_t total = 0;
  for (uint32_t p = 0; p < level.num_places(); ++p) total += level.links(p).size();
  return total;
}

class ArrayWriter {
 public:
  explicit ArrayWriter(std::span<std::byte> bytes) : bytes_(bytes) {}

  // Part of an array; align() ends it.
  template <class T>
  void put(std::span<const T> values) {
    if (!values.empty()) std::memcpy(bytes_.data() + used_, values.data(), values.size_bytes());
    used_ += values.size_bytes();
  }
  void put(uint64_t value) { put(std::span<const uint64_t>(&value, 1)); }
  void align() { used_ = padded(used_); }

 private:
  std::span<std::byte> bytes_;
  size_t used_ = 0;
};

void put_level(const LinkLists& level, ArrayWriter& out) {
  out.put(level.rows());
  out.align();
  uint64_t offset = 0;
  out.put(offset);
  for (uint32_t p = 0; p < level.num_places(); ++p) out.put(offset += level.links(p).size());
  for (uint32_t p = 0; p < level.num_places(); ++p) out.put(level.links(p));
  out.align();
}

}  // namespace

std::vector<std::byte> write_graph(std::span<const LinkLists> levels, const GraphOptions& options,
                                   uint32_t entry) {
  const uint64_t num_rows = levels.empty() ? 0 : levels.front().num_places();
  std::vector<uint64_t> header = {kGraphFormat,  num_rows, options.m, options.ef_construction,
                                  levels.size(), entry};
  size_t size = 0;
  for (const LinkLists& level : levels) {
    const size_t num_links = num_links_of(level);
    header.push_back(level.num_places());
    header.push_back(num_links);
    size += padded(level.rows().size_bytes()) + (level.num_places() + 1) * sizeof(uint64_t) +
            padded(num_links * sizeof(uint32_t));
  }
  std::vector<std::byte> bytes(size + header.size() * sizeof(uint64_t));
  ArrayWriter out(bytes);
  out.put(std::span<const uint64_t>(header));
  for (const LinkLists& level : levels) put_level(level, out);
  return bytes;
}

}  // namespace maxsimd
