#include "maxsimd/index/index_writer.h"

#include <algorithm>
#include <map>
#include <stdexcept>
#include <utility>

#include "maxsimd/base/atomic_folder.h"
#include "maxsimd/base/disk_space.h"
#include "maxsimd/base/errors.h"
#include "maxsimd/index/batch_check.h"
#include "maxsimd/index/index_folder.h"
#include "maxsimd/index/merge_policy.h"
#include "maxsimd/index/pending_changes.h"
#include "maxsimd/index/segment_merge.h"
#include "maxsimd/index/writer_lock.h"

namespace maxsimd {
namespace {

namespace fs = std::filesystem;

// Rows of removed documents stay for snapshots of their time; when they are more than half of the
// live ones and this many, a merge drops the old ones.
constexpr uint64_t kKeptRemovedRows = 1000;

// The catalog's share of a document, for the check of disk space: rows, indexes and the journal.
constexpr uint64_t kCatalogBytesPerDocument = 256;

}  // namespace

struct IndexWriter::Impl {
  struct Part {
    std::shared_ptr<const Segment> segment;
    SegmentRecord record;
    uint64_t num_live_vectors = 0;
  };

  Impl(const fs::path& path, const IndexWriterOptions& writer_options, WriterLock held)
      : folder(path),
        options(writer_options),
        lock(std::move(held)),
        settings(read_index_settings(path)),
        catalog(path / kCatalogName, Catalog::Access::write),
        pending(std::make_unique<PendingChanges>(finder())) {
    CatalogState state = catalog.read_state();
    commit_number = state.commit;
    next_sequence = state.next_sequence;
    next_segment = state.next_segment;
    id_type = state.id_type;
    for (const SegmentRecord& record : state.segments) set_part(record);
    dropped_before = std::move(state.dropped);
    catalog.check_removals();
    sweep();
  }

  PendingChanges::FindLive finder() {
    return [this](std::string_view id) { return catalog.find_live(id); };
  }

  fs::path segments_folder() const { return folder / kSegmentsName; }
  fs::path segment_folder(uint64_t number) const { return segment_path(folder, number); }

  /// Runs a change; when it throws, nobody knows how much of it was done: no further use.
  template <class Change>
  auto guarded(Change change) {
    check_usable();
    is_broken = true;
    if constexpr (std::is_void_v<decltype(change())>) {
      change();
      is_broken = false;
    } else {
      auto result = change();
      is_broken = false;
      return result;
    }
  }

  void check_usable() const {
    if (!is_broken) return;
    throw IoError(folder.string() +
                  ": this writer failed before; open another, which starts from the last commit");
  }

  std::shared_ptr<const Segment> open_segment(uint64_t number) const;
  void set_part(const SegmentRecord& record);
  void sweep();
  void add(const DocumentBatch& batch);
  std::unique_ptr<SegmentWriter> new_segment();
  CatalogChange new_change() const;
  void mark_removed(CatalogChange& change);
  void apply(CatalogChange change);
  void commit();
  void merge();
  bool rewrite(const std::vector<uint64_t>& numbers);
  std::vector<uint64_t> segments_with_holes() const;
  uint64_t num_live_documents() const;
  uint64_t files_bytes() const;
  CompactReport compact();

  fs::path folder;
  IndexWriterOptions options;
  WriterLock lock;
  IndexSettings settings;  // read when nobody can put another index in this one's place
  Catalog catalog;
  std::unique_ptr<PendingChanges> pending;
  std::map<uint64_t, Part> parts;
  uint64_t commit_number = 0;
  DocId next_sequence = 0;
  uint64_t next_segment = 1;
  std::optional<IdType> id_type;
  std::vector<uint64_t> dropped_before;  // by the last commit: unlinked at the next
  bool is_broken = false;
};

std::shared_ptr<const Segment> IndexWriter::Impl::open_segment(uint64_t number) const {
  auto segment = Segment::open_if_exists(segment_folder(number), settings.codec, settings.dim);
  if (!segment) {
    throw FormatError(segment_folder(number).string() +
                      ": is missing, but the catalog names it; restore the folder as a whole");
  }
  return std::make_shared<const Segment>(std::move(*segment));
}

void IndexWriter::Impl::set_part(const SegmentRecord& record) {
  Part& part = parts[record.number];
  if (!part.segment) part.segment = open_segment(record.number);
  if (part.segment->size() != record.live.size() ||
      part.segment->header_checksum() != record.header_checksum) {
    throw FormatError(segment_folder(record.number).string() +
                      ": is not the segment that the catalog knows under this number; restore the "
                      "folder as a whole");
  }
  part.record = record;
  part.num_live_vectors = 0;
  const auto offsets = part.segment->row_offsets();
  for (size_t slot = 0; slot < record.live.size(); ++slot) {
    if (record.live.contains(slot)) part.num_live_vectors += offsets[slot + 1] - offsets[slot];
  }
}

// Removes what killed writers left: segments that no commit knows, and half-written ones.
void IndexWriter::Impl::sweep() {
  if (fs::is_symlink(fs::symlink_status(segments_folder()))) {
    throw IoError(segments_folder().string() +
                  ": is a symbolic link; an index keeps its segments in its own folder");
  }
  if (!fs::exists(segments_folder())) {  // empty, it is lost where empty folders are not kept
    std::error_code error;
    fs::create_directory(segments_folder(), error);
    if (error) {
      throw IoError(segments_folder().string() + ": cannot create folder: " + error.message());
    }
  }
  for (const fs::directory_entry& entry : fs::directory_iterator(segments_folder())) {
    const std::string name = entry.path().filename().string();
    const auto number = segment_number(name);
    const bool is_known = number && (parts.contains(*number) ||
                                     std::find(dropped_before.begin(), dropped_before.end(),
                                               *number) != dropped_before.end());
    if (is_known) continue;
    // What is not ours stays. What cannot be removed hurts nobody, its number being left out; the
    // next writer tries again.
    std::error_code ignored;
    if (is_own_segment(entry)) fs::remove_all(entry.path(), ignored);
    if (number && fs::exists(entry.path(), ignored)) {
      next_segment = std::max(next_segment, *number + 1);
    }
  }
}

std::unique_ptr<SegmentWriter> IndexWriter::Impl::new_segment() {
  return std::make_unique<SegmentWriter>(segments_folder(), next_segment++, settings.codec,
                                         settings.dim, kernels::kernel_table(options.isa));
}

void IndexWriter::Impl::add(const DocumentBatch& batch) {
  const uint64_t needed =
      batch.embeddings->num_tokens() * bytes_per_vector(settings.codec, settings.dim) +
      batch.ids.size() * kCatalogBytesPerDocument + pending->size_bytes() / 8;
  check_disk_space(folder, needed, folder.string());
  if (!pending->has_segment()) pending->start_segment(new_segment());
  id_type = batch.id_type;
  for (size_t i = 0; i < batch.ids.size(); ++i) {
    DocumentRecord document{.sequence = next_sequence++, .id = batch.ids[i]};
    if (!batch.metadata.empty()) document.metadata = stored_metadata(batch.metadata[i]);
    if (settings.store_text && !batch.texts.empty()) document.text = batch.texts[i];
    pending->add(std::move(document), batch.embeddings->matrix(i));
  }
}

CatalogChange IndexWriter::Impl::new_change() const {
  return {.old_commit = commit_number,
          .next_sequence = next_sequence,
          .next_segment = next_segment,
          .id_type = id_type};
}

// Takes the change's removed documents out of their segments' bitmaps.
void IndexWriter::Impl::mark_removed(CatalogChange& change) {
  std::map<uint64_t, SegmentRecord> changed;
  for (const DocId document : change.removed) {
    const auto holder = std::find_if(parts.begin(), parts.end(), [&](const auto& entry) {
      const auto slot = entry.second.segment->find(document);
      return slot && entry.second.record.live.contains(*slot);
    });
    if (holder == parts.end()) {
      throw FormatError(folder.string() + ": document number " + std::to_string(document) +
                        " is live in the catalog and in no segment; run maxsimd verify");
    }
    const Part& part = holder->second;
    const auto record = changed.try_emplace(holder->first, part.record).first;
    record->second.live.remove(*part.segment->find(document));
  }
  for (auto& [number, record] : changed) {
    if (record.live.count() == 0) {
      change.dropped.push_back(number);
    } else {
      change.segments.push_back(std::move(record));
    }
  }
}

void IndexWriter::Impl::apply(CatalogChange change) {
  for (SegmentRecord& record : change.segments) {
    if (parts.contains(record.number)) continue;
    Part& part = parts[record.number];
    part.segment = open_segment(record.number);
    record.header_checksum = part.segment->header_checksum();
  }
  catalog.apply(change);
  ++commit_number;
  for (const SegmentRecord& record : change.segments) set_part(record);
  for (const uint64_t number : change.dropped) parts.erase(number);
  for (const uint64_t number : dropped_before) {
    // These rows have no checksum: a damaged one must not cost a segment that lives.
    if (parts.contains(number)) continue;
    std::error_code ignored;  // swept by the next writer
    fs::remove_all(segment_folder(number), ignored);
  }
  dropped_before = std::move(change.dropped);
}

void IndexWriter::Impl::commit() {
  if (pending->empty()) return;
  CatalogChange change = new_change();
  const bool has_segment = pending->finish(change);
  if (has_segment || !change.removed.empty()) {
    mark_removed(change);
    apply(std::move(change));
  }
  pending = std::make_unique<PendingChanges>(finder());
  merge();
}

void IndexWriter::Impl::merge() {
  for (;;) {
    std::vector<SegmentSize> sizes;
    for (const auto& [number, part] : parts) {
      sizes.push_back({number, part.num_live_vectors, part.record.num_vectors});
    }
    const std::vector<uint64_t> chosen = segments_to_merge(sizes);
    if (chosen.empty() || !rewrite(chosen)) return;
  }
}

// Puts the live documents of these segments into a new one. False, and nothing done, when the disk
// has no room: the index is as good without.
bool IndexWriter::Impl::rewrite(const std::vector<uint64_t>& numbers) {
  if (numbers.empty()) return false;
  uint64_t needed = 64 << 20;
  std::vector<MergeInput> inputs;
  for (const uint64_t number : numbers) {
    const Part& part = parts.at(number);
    inputs.push_back({part.segment.get(), &part.record.live});
    needed += part.segment->size_bytes();
  }
  if (free_disk_bytes(folder) < needed) return false;
  const auto merged = new_segment();
  merge_segments(inputs, *merged);
  CatalogChange change = new_change();
  change.dropped = numbers;
  change.purge = catalog.num_removed() > kKeptRemovedRows + num_live_documents() / 2;
  if (merged->size() > 0) {
    change.segments.push_back({.number = merged->number(),
                               .num_vectors = merged->num_vectors(),
                               .live = Bitmap(merged->size(), true)});
    merged->commit();
  }
  apply(std::move(change));
  return true;
}

std::vector<uint64_t> IndexWriter::Impl::segments_with_holes() const {
  std::vector<uint64_t> numbers;
  for (const auto& [number, part] : parts) {
    if (part.record.live.count() < part.record.live.size()) numbers.push_back(number);
  }
  return numbers;
}

uint64_t IndexWriter::Impl::num_live_documents() const {
  uint64_t total = 0;
  for (const auto& [number, part] : parts) total += part.record.live.count();
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

CompactReport IndexWriter::Impl::compact() {
  commit();
  CompactReport report{.segments_before = parts.size(), .bytes_before = files_bytes()};
  const std::vector<uint64_t> holes = segments_with_holes();
  if (!holes.empty() && !rewrite(holes)) {
    throw IoError(folder.string() +
                  ": too little free disk space to compact: the segments with removed documents "
                  "are written anew before the old ones go");
  }
  merge();
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

IndexWriter::IndexWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
IndexWriter::IndexWriter(IndexWriter&&) noexcept = default;
IndexWriter& IndexWriter::operator=(IndexWriter&&) noexcept = default;
IndexWriter::~IndexWriter() = default;

IndexWriter IndexWriter::create(const fs::path& folder, const IndexSettings& settings,
                                const IndexWriterOptions& options) {
  remove_unfinished_indexes(folder);
  AtomicFolderWriter fresh(folder);
  write_index_settings(fresh.path(), settings);
  Catalog::create(fresh.path() / kCatalogName);
  fresh.make_folder(kSegmentsName);
  // Taken before it has its name (the lock goes with the file): nobody can write to it earlier.
  WriterLock lock(fresh.path(), 0);
  fresh.commit();
  return IndexWriter(std::make_unique<Impl>(folder, options, std::move(lock)));
}

IndexWriter IndexWriter::open(const fs::path& folder, const IndexWriterOptions& options) {
  (void)read_index_settings(folder);  // what is no index is told as such
  return IndexWriter(
      std::make_unique<Impl>(folder, options, WriterLock(folder, options.lock_timeout_ms)));
}

const IndexSettings& IndexWriter::settings() const {
  return impl_->settings;
}

void IndexWriter::add(const DocumentBatch& batch) {
  impl_->check_usable();
  check_batch(batch, impl_->settings);
  if (batch.ids.empty()) return;
  if (impl_->id_type && *impl_->id_type != batch.id_type) {
    const bool is_integer = *impl_->id_type == IdType::integer;
    throw std::invalid_argument(impl_->folder.string() + ": its ids are " +
                                (is_integer ? "integers" : "strings") + ", got " +
                                (is_integer ? "strings" : "integers") + " (document \"" +
                                batch.ids[0] + "\"); an index has one type of id");
  }
  impl_->guarded([&] { impl_->add(batch); });
}

std::vector<std::string> IndexWriter::remove(std::span<const std::string> ids) {
  return impl_->guarded([&] {
    std::vector<std::string> unknown;
    for (const std::string& id : ids) {
      if (!impl_->pending->remove(id)) unknown.push_back(id);
    }
    return unknown;
  });
}

bool IndexWriter::contains(std::string_view id) const {
  impl_->check_usable();
  return impl_->pending->contains(id);
}

uint64_t IndexWriter::pending_bytes() const {
  return impl_->pending->size_bytes();
}

void IndexWriter::commit() {
  impl_->guarded([&] { impl_->commit(); });
}

CompactReport IndexWriter::compact() {
  return impl_->guarded([&] { return impl_->compact(); });
}

Index IndexWriter::snapshot() const {
  return Index::open(impl_->folder, {.isa = impl_->options.isa});
}

}  // namespace maxsimd
