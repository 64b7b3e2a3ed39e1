// Segments written anew: merges and compaction.
#include <algorithm>
#include <string>
#include <utility>

#include "maxsimd/base/disk_space.h"
#include "maxsimd/index/index_writer_impl.h"
#include "maxsimd/index/merge_policy.h"

namespace maxsimd {
namespace {

namespace fs = std::filesystem;

// Rows of removed documents stay for snapshots of their time; when they are more than half of the
// live ones and this many, a merge drops the old ones.
constexpr uint64_t kKeptRemovedRows = 1000;

}  // namespace

// One without documents is none.
void IndexWriter::Impl::finish(SegmentWriter& segment, std::vector<SegmentRecord>& records) {
  if (segment.size() == 0) return;
  records.push_back({.number = segment.number(),
                     .num_vectors = segment.num_vectors(),
                     .live = Bitmap(segment.size(), true)});
  segment.commit();
}

std::vector<MergeInput> IndexWriter::Impl::inputs_of(const std::vector<uint64_t>& numbers) const {
  std::vector<MergeInput> inputs;
  for (const uint64_t number : numbers) {
    const Part& part = parts.at(number);
    inputs.push_back({part.segment.get(), &part.record.live});
  }
  return inputs;
}

void IndexWriter::Impl::merge() {
  while (merge_some(Graphs::none)) {
  }
  while (merge_some(Graphs::build)) {
  }
}

// Segments with and without graphs are not mixed: a vector that has just come is put into a graph
// by optimize(), with all that came with it. False when there is nothing to merge.
bool IndexWriter::Impl::merge_some(Graphs graphs) {
  std::vector<SegmentSize> sizes;
  for (const auto& [number, part] : parts) {
    if (part.has_graph() != (graphs == Graphs::build)) continue;
    if (part.has_graph() && part.num_live_vectors >= most_graph_vectors() / 2) continue;
    sizes.push_back({number, part.num_live_vectors, part.record.num_vectors});
  }
  return rewrite(segments_to_merge(sizes));
}

// Puts the live documents of these segments into a new one, or, where the vectors are too many for
// one graph, into several. False, and nothing done, when the disk has no room: the index is as good
// without.
bool IndexWriter::Impl::rewrite(const std::vector<uint64_t>& numbers) {
  if (numbers.empty()) return false;
  uint64_t needed = kSpareBytes;
  for (const uint64_t number : numbers) needed += parts.at(number).segment->size_bytes();
  if (free_disk_bytes(folder) < needed) return false;
  const bool has_graphs =
      std::ranges::any_of(numbers, [this](uint64_t n) { return parts.at(n).has_graph(); });
  std::vector<SegmentRecord> merged =
      write_merged(numbers, has_graphs ? Graphs::build : Graphs::none);
  replace(numbers, std::move(merged),
          catalog.num_removed() > kKeptRemovedRows + num_live_documents() / 2);
  return true;
}

void IndexWriter::Impl::replace(std::vector<uint64_t> old, std::vector<SegmentRecord> fresh,
                                bool purge) {
  CatalogChange change = new_change();  // only now: it knows the next segment's number
  change.segments = std::move(fresh);
  change.dropped = std::move(old);
  change.purge = purge;
  apply(std::move(change));
}

std::vector<SegmentRecord> IndexWriter::Impl::write_merged(const std::vector<uint64_t>& numbers,
                                                           Graphs graphs) {
  const std::vector<MergeInput> inputs = inputs_of(numbers);
  const uint64_t total = count_live_vectors(inputs);
  const bool has_graphs = graphs == Graphs::build;
  uint64_t done = 0;
  std::vector<SegmentRecord> records;
  std::unique_ptr<SegmentWriter> segment;
  const auto end_segment = [&] {
    if (has_graphs) add_graph(*segment, done, total);
    if (segment->has_residuals_beside()) merge_residuals(inputs, *segment);
    done += segment->num_vectors();
    finish(*segment, records);
    segment.reset();
  };
  merge_segments(inputs, [&]() -> SegmentWriter& {
    if (segment && has_graphs && segment->num_vectors() >= most_graph_vectors()) end_segment();
    if (!segment) segment = new_segment();
    return *segment;
  });
  if (segment) end_segment();
  return records;
}

// Whether vectors wait for a codebook, and are enough for one.
bool IndexWriter::Impl::lacks_codebook() const {
  return settings.nbits != 0 && !codebook_record && num_live_vectors() >= fewest_listed();
}

void IndexWriter::Impl::optimize() {
  commit();
  if (lacks_codebook()) train({});
  build_missing_graphs();
}

void IndexWriter::Impl::fill_holes() {
  std::vector<uint64_t> holes;
  for (const auto& [number, part] : parts) {
    if (part.record.live.count() < part.record.live.size()) holes.push_back(number);
  }
  if (holes.empty() || rewrite(holes)) return;
  throw IoError(folder.string() +
                ": too little free disk space to compact: the segments with removed documents are "
                "written anew before the old ones go");
}

uint64_t IndexWriter::Impl::num_live_documents() const {
  uint64_t total = 0;
  for (const auto& [number, part] : parts) total += part.record.live.count();
  return total;
}

uint64_t IndexWriter::Impl::num_live_vectors() const {
  uint64_t total = 0;
  for (const auto& [number, part] : parts) total += part.num_live_vectors;
  return total;
}

uint64_t IndexWriter::Impl::files_bytes() const {
  uint64_t total = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    std::error_code error;
    const uint64_t size = fs::file_size(entry.path(), error);
    if (!error) total += size;
  }
  return total;
}

CompactReport IndexWriter::Impl::compact(const CompactOptions& compact_options) {
  commit();
  CompactReport report{.segments_before = parts.size(), .bytes_before = files_bytes()};
  const bool retrains = compact_options.retrain && codebook_record && num_live_vectors() > 0;
  if (retrains || lacks_codebook()) {
    train(retrains ? compact_options.encode : TextEncoder());  // leaves no holes
  } else {
    build_missing_graphs();
    fill_holes();
    merge();
    build_missing_graphs();  // what became too small for one joins the others
  }
  if (!dropped_before.empty() || catalog.num_removed() > 0) {
    // Two more commits: dropped segments are unlinked one commit later, removed rows two.
    apply(new_change());
    CatalogChange purge = new_change();
    purge.purge = true;
    apply(std::move(purge));
  }
  catalog.vacuum();
  report.segments_after = parts.size();
  report.bytes_after = files_bytes();
  return report;
}

}  // namespace maxsimd
