#include "maxsimd/index/index_snapshot.h"

#include <sys/stat.h>

#include <stdexcept>
#include <utility>

#include "maxsimd/base/errors.h"
#include "maxsimd/index/index_folder.h"

namespace maxsimd {

namespace fs = std::filesystem;

FileIdentity::FileIdentity(const fs::path& path) {
  struct stat status {};
  // stat, not open: closing a descriptor of the catalog would release SQLite's locks.
  if (::stat(path.c_str(), &status) != 0) return;
  device = status.st_dev;
  inode = status.st_ino;
}

Catalog& SharedCatalog::checked() {
  if (is_in_place()) return catalog;
  throw SnapshotError(path.string() +
                      ": the index was moved or replaced since it was opened; open it again");
}

std::shared_ptr<const Segment> Index::Snapshot::open_segment(const SegmentRecord& record,
                                                             const SegmentForm& form,
                                                             const Snapshot* before) const {
  if (before != nullptr) {
    for (const Holding& holding : before->holdings) {
      if (holding.number == record.number &&
          holding.segment->header_checksum() == record.header_checksum) {
        return holding.segment;
      }
    }
  }
  const fs::path path = segment_path(folder, record.number);
  auto segment = Segment::open_if_exists(path, form);
  if (!segment) return nullptr;
  if (segment->size() != record.live.size() || segment->num_vectors() != record.num_vectors ||
      segment->header_checksum() != record.header_checksum) {
    throw FormatError(path.string() +
                      ": is not the segment that the catalog knows under this number (" +
                      std::to_string(record.live.size()) + " documents there, " +
                      std::to_string(segment->size()) + " here); restore the folder as a whole");
  }
  return std::make_shared<const Segment>(std::move(*segment));
}

// False when a file is missing: a writer may have dropped it since the state was read.
bool Index::Snapshot::map(const CatalogState& state, const Snapshot* before) {
  commit = state.commit;
  id_type = state.id_type;
  const auto form = segment_form(folder, settings, state.codebook, options.isa,
                                 before != nullptr ? before->codebook : nullptr);
  if (!form) return false;
  codebook = form->codebook;
  codebook_record = state.codebook.value_or(CodebookRecord());
  for (const SegmentRecord& record : state.segments) {
    auto segment = open_segment(record, *form, before);
    if (!segment) return false;
    add(std::move(segment), record);
  }
  num_live = live.count();
  return true;
}

void Index::Snapshot::add(std::shared_ptr<const Segment> segment, const SegmentRecord& record) {
  const size_t first_slot = live.size();
  live.resize(first_slot + segment->size());
  const auto offsets = segment->row_offsets();
  for (size_t slot = 0; slot < segment->size(); ++slot) {
    if (!record.live.contains(slot)) continue;
    live.add(first_slot + slot);
    num_live_tokens += offsets[slot + 1] - offsets[slot];
  }
  if (segment->size() > 0) {
    const DocumentBlock whole = {segment->rows(), offsets, segment->sequences(), first_slot};
    append_blocks(whole, blocks);
    const CodedRows residuals = segment->codebook() ? segment->residuals() : CodedRows();
    parts.push_back({whole, segment->codebook(), residuals, segment->lists(), segment->graph()});
  }
  holdings.push_back({std::move(segment), record.number, first_slot});
}

std::shared_ptr<const Index::Snapshot> Index::Snapshot::load(const fs::path& folder,
                                                             const IndexOptions& options,
                                                             const Snapshot* before) {
  for (;;) {
    const FileIdentity place(folder / kCatalogName);
    try {
      auto snapshot = try_load(folder, options, before);
      if (snapshot && place == FileIdentity(folder / kCatalogName)) return snapshot;
    } catch (const std::runtime_error&) {
      // The files of two indexes, one of which has just taken the other's place, fit together as
      // badly as those of a damaged one. Only then is there another try.
      if (place == FileIdentity(folder / kCatalogName)) throw;
    }
  }
}

std::shared_ptr<const Index::Snapshot> Index::Snapshot::try_load(const fs::path& folder,
                                                                 const IndexOptions& options,
                                                                 const Snapshot* before) {
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->folder = folder;
  snapshot->options = options;
  snapshot->settings = read_index_settings(folder);
  const bool same = before != nullptr && before->catalog->is_in_place();
  snapshot->catalog =
      same ? before->catalog : std::make_shared<SharedCatalog>(folder / kCatalogName);
  const std::lock_guard lock(snapshot->catalog->mutex);
  const CatalogState state = snapshot->catalog->catalog.read_state();
  const bool mapped = snapshot->map(state, same ? before : nullptr);
  if (mapped) return snapshot;
  if (snapshot->catalog->catalog.read_commit() != state.commit) return nullptr;
  throw FormatError(folder.string() +
                    ": a segment or codebook that the catalog names is missing; restore the "
                    "folder as a whole, or rebuild the index");
}

std::optional<Index::Snapshot::Place> Index::Snapshot::find(DocId document) const {
  for (const Holding& holding : holdings) {
    const auto slot = holding.segment->find(document);
    if (slot && live.contains(holding.first_slot + *slot)) return Place{&holding, *slot};
  }
  return std::nullopt;
}

Index::Snapshot::Place Index::Snapshot::place(DocId document) const {
  if (const auto found = find(document)) return *found;
  throw std::invalid_argument(folder.string() + ": no live document has the number " +
                              std::to_string(document) + " in this snapshot");
}

}  // namespace maxsimd
