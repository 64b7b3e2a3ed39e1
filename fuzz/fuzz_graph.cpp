// Any bytes as a graph: a FormatError, or a graph whose searches stay inside its arrays, find as
// many rows as they should, each once, and are the same twice. Build with clang,
// -DMAXSIMD_BUILD_FUZZ=ON -DMAXSIMD_SANITIZE=address,undefined.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <set>
#include <vector>

#include "maxsimd/base/aligned_buffer.h"
#include "maxsimd/base/errors.h"
#include "maxsimd/graph/graph_search.h"
#include "maxsimd/graph/graph_view.h"

namespace {

using namespace maxsimd;

constexpr size_t kStride = 4;
constexpr size_t kMaxRows = 4096;  // more than a small input can hold lists of

void require(bool condition) {
  if (!condition) std::abort();
}

// Vectors that depend on their row only.
struct Vectors {
  std::vector<int8_t> codes;
  std::vector<float> scales;

  explicit Vectors(size_t count) : codes(count * kStride), scales(count, 0.01F) {
    uint32_t state = 1;
    for (int8_t& code : codes) {
      state = state * 1664525 + 1013904223;
      code = static_cast<int8_t>(state >> 24);
    }
  }
  VectorsI8 view() const { return {codes, kStride, scales}; }
};

void check_search(const GraphSearch& search, const GraphSearchOptions& options, size_t expected) {
  const std::vector<int8_t> query = {3, -5, 90, 1};
  GraphScratch scratch;
  const auto found = search.search(query, options, scratch);
  const std::vector<Neighbour> first(found.begin(), found.end());
  require(first.size() == expected);
  std::set<uint32_t> rows;
  for (const Neighbour& neighbour : first) {
    require(options.allowed == nullptr || options.allowed->contains(neighbour.row));
    require(rows.insert(neighbour.row).second);
  }
  const auto again = search.search(query, options, scratch);
  require(std::vector<Neighbour>(again.begin(), again.end()) == first);
}

void check_graph(const GraphView& graph) {
  const Vectors vectors(graph.size());
  const GraphSearch search(graph, vectors.view());
  std::vector<uint64_t> words((graph.size() + 63) / 64, 0x5555'5555'5555'5555);
  if (graph.size() % 64 != 0) words.back() &= (uint64_t{1} << (graph.size() % 64)) - 1;
  const RowSet even = {words, (graph.size() + 1) / 2};
  for (const size_t k : {1U, 7U}) {
    check_search(search, {.k = k, .ef = 1}, std::min(k, graph.size()));
    check_search(search, {.k = k, .ef = 3, .allowed = &even}, std::min(k, even.count));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  AlignedBuffer<std::byte> bytes(size);
  if (size != 0) std::memcpy(bytes.data(), data, size);
  uint64_t num_rows = 0;  // what the bytes themselves say, or they would nearly all be refused
  if (size >= 16) std::memcpy(&num_rows, data + 8, sizeof(num_rows));
  if (num_rows > kMaxRows) num_rows = kMaxRows;
  try {
    check_graph(GraphView::parse(bytes.span(), static_cast<size_t>(num_rows)));
  } catch (const FormatError&) {
    return 0;
  }
  return 0;
}
