// Segments written anew with graphs over their vectors.
#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "maxsimd/base/disk_space.h"
#include "maxsimd/index/index_writer_impl.h"

namespace maxsimd {
namespace {

// Of a graph a vector, for m links on average.
constexpr uint64_t graph_file_bytes(size_t m) {
  return 4 * uint64_t{m} + sizeof(uint64_t);
}

}  // namespace

// A segment that has as many is ended: it is larger by less than one document. Never fewer than get
// a graph, or optimize() would write the same segments again and again.
uint64_t IndexWriter::Impl::most_graph_vectors() const {
  return std::max(options.graph_memory / graph_bytes_per_vector(settings.m), fewest_listed());
}

// `done` of the `total` vectors of this merge have been put into graphs before.
void IndexWriter::Impl::add_graph(SegmentWriter& segment, uint64_t done, uint64_t total) {
  const uint64_t count = segment.num_vectors();
  // One document alone can be larger than any graph.
  if (count < fewest_listed() || count >= std::numeric_limits<uint32_t>::max()) return;
  GraphOptions graph{.m = settings.m,
                     .ef_construction = settings.ef_construction,
                     .seed = options.seed,
                     .isa = options.isa,
                     .progress = {}};
  if (options.graph_progress) {
    options.graph_progress(done, total);
    graph.progress = [&](size_t inserted) { options.graph_progress(done + inserted, total); };
  }
  segment.add_graph(graph, pool());
}

void IndexWriter::Impl::build_missing_graphs() {
  if (settings.kind != IndexKind::hnsw) return;
  std::vector<uint64_t> numbers;
  uint64_t num_vectors = 0;
  for (const auto& [number, part] : parts) {
    if (part.has_graph()) continue;
    numbers.push_back(number);
    num_vectors += part.num_live_vectors;
  }
  if (num_vectors < fewest_listed()) return;
  check_space_for_graphs(numbers);
  std::vector<SegmentRecord> merged = write_merged(numbers, Graphs::build);
  replace(std::move(numbers), std::move(merged));
  apply(new_change());  // gives the space of the old files back
}

void IndexWriter::Impl::check_space_for_graphs(const std::vector<uint64_t>& numbers) const {
  uint64_t needed = kSpareBytes;
  for (const uint64_t number : numbers) {
    const Part& part = parts.at(number);
    needed += part.segment->size_bytes() + part.num_live_vectors * graph_file_bytes(settings.m);
  }
  check_disk_space(folder, needed,
                   folder.string() +
                       ": graphs over the vectors (all is committed, and searched without; "
                       "'maxsimd compact' does this, too)");
}

}  // namespace maxsimd
