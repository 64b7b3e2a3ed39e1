// Segments written anew: merges, compaction, and all of them by a new codebook.
#include <algorithm>
#include <mutex>
#include <string>
#include <utility>

#include "maxsimd/base/disk_space.h"
#include "maxsimd/index/index_writer_impl.h"
#include "maxsimd/index/merge_policy.h"
#include "maxsimd/index/stored_codebook.h"

namespace maxsimd {
namespace {

namespace fs = std::filesystem;

// Rows of removed documents stay for snapshots of their time; when they are more than half of the
// live ones and this many, a merge drops the old ones.
constexpr uint64_t kKeptRemovedRows = 1000;

// Of a segment that is coded anew: its tables in memory are some 10 bytes a vector.
constexpr uint64_t kMostRecodedVectors = uint64_t{32} << 20;

// Ends a segment and adds its record; one without documents is none.
void finish(SegmentWriter& segment, std::vector<SegmentRecord>& records) {
  if (segment.size() == 0) return;
  records.push_back({.number = segment.number(),
                     .num_vectors = segment.num_vectors(),
                     .live = Bitmap(segment.size(), true)});
  segment.commit();
}

}  // namespace

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
  if (lacks_codebook()) train();
  build_missing_graphs();
}

// A codebook of all that is there, and all of it coded anew: one commit. The next one, which
// changes nothing, gives the space of the old files back.
void IndexWriter::Impl::train() {
  std::vector<uint64_t> numbers;
  for (const auto& [number, part] : parts) numbers.push_back(number);
  const uint64_t total = num_live_vectors();
  uint64_t done = 0;
  const auto progress = [&](uint64_t num_vectors) {
    done += num_vectors;
    if (options.recode_progress) options.recode_progress(done, total);
  };
  progress(0);
  std::mutex telling;
  const auto check = [&] {
    const std::lock_guard lock(telling);
    progress(0);
  };
  const Codebook trained = train_codebook(inputs_of(numbers),
                                          {.nbits = settings.nbits,
                                           .num_centroids = options.num_centroids,
                                           .seed = options.seed,
                                           .isa = options.isa,
                                           .check = check},
                                          kernels(), pool());
  check_space_to_recode(trained);
  if (codebook_record) numbers.push_back(codebook_record->number);
  const uint64_t number = next_segment++;
  write_codebook(folder, number, trained);
  // What is used is what was written.
  const auto stored = open_codebook_if_exists(folder, number, settings, options.isa);
  if (!stored) throw IoError(codebook_path(folder, number).string() + ": is gone again");
  codebook_record = {.number = number, .header_checksum = stored->header_checksum};
  form = {settings.codec, settings.dim, stored};
  std::vector<SegmentRecord> recoded;
  for (const auto& group : groups_to_recode()) {
    const auto segment = new_segment();
    if (segment->has_residuals_beside()) {
      merge_segments(inputs_of(group), [&]() -> SegmentWriter& { return *segment; });
      segment->code_residuals(pool(), progress);
    } else {
      recode_segments(inputs_of(group), pool(), *segment, progress);
    }
    finish(*segment, recoded);
  }
  replace(std::move(numbers), std::move(recoded));
  apply(new_change());
}

// Segments to be made one, in the order of their numbers: tables of bounded size in memory.
std::vector<std::vector<uint64_t>> IndexWriter::Impl::groups_to_recode() const {
  std::vector<std::vector<uint64_t>> groups;
  uint64_t num_vectors = 0;  // of the last group
  for (const auto& [number, part] : parts) {
    num_vectors += part.num_live_vectors;
    if (groups.empty() || num_vectors > kMostRecodedVectors) {
      groups.emplace_back();
      num_vectors = part.num_live_vectors;
    }
    groups.back().push_back(number);
  }
  return groups;
}

void IndexWriter::Impl::check_space_to_recode(const Codebook& codebook) const {
  const uint64_t stride = form.stride();
  uint64_t needed = kSpareBytes + codebook.parts().centroids.size() * sizeof(float) +
                    (codebook.num_centroids() + 1) * sizeof(uint64_t) * parts.size();
  for (const auto& [number, part] : parts) {
    needed += part.segment->size_bytes() - part.segment->num_vectors() * stride;
  }
  needed += num_live_vectors() * (bytes_per_vector(settings) + sizeof(uint32_t));
  check_disk_space(folder, needed,
                   folder.string() +
                       ": coding the vectors by centroids and residuals (all is "
                       "committed; 'maxsimd compact' does this, too)");
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
    train();  // leaves no holes
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
