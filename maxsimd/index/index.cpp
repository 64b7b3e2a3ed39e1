#include "maxsimd/index/index.h"

#include <sys/stat.h>

#include <algorithm>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "maxsimd/base/errors.h"

namespace maxsimd {
namespace {

namespace fs = std::filesystem;

constexpr const char* kCatalogName = "catalog.sqlite";

/// Which file a path names now; the file of an index that was replaced is another.
struct FileIdentity {
  dev_t device = 0;
  ino_t inode = 0;

  explicit FileIdentity(const fs::path& path) {
    struct stat status {};
    // stat, not open: closing a descriptor of the catalog would release SQLite's locks.
    if (::stat(path.c_str(), &status) != 0) return;
    device = status.st_dev;
    inode = status.st_ino;
  }
  bool operator==(const FileIdentity&) const = default;
};

/// The catalog of a folder for all snapshots of it, one thread at a time.
struct SharedCatalog {
  explicit SharedCatalog(const fs::path& catalog_path)
      : path(catalog_path), identity(catalog_path), catalog(catalog_path, Catalog::Access::read) {}

  bool is_in_place() const { return identity == FileIdentity(path); }

  /// The catalog, to be read long after it was opened. SQLite finds a journal by its name: on a
  /// file that is no longer in its place it would play and delete the journal of the one that is.
  /// Throws IoError then. REQUIRES: the mutex is held.
  Catalog& checked() {
    if (is_in_place()) return catalog;
    throw IoError(path.string() +
                  ": the index was moved or replaced since it was opened; open it again");
  }

  fs::path path;
  FileIdentity identity;
  std::mutex mutex;
  Catalog catalog;  // guarded by mutex
};

[[noreturn]] void refuse_old_snapshot(const fs::path& folder, uint64_t commit) {
  throw IoError(folder.string() + ": the snapshot of commit " + std::to_string(commit) +
                " is too old: a compaction has dropped metadata and texts of its time; refresh it");
}

}  // namespace

struct Index::Snapshot {
  struct Part {
    std::shared_ptr<const Segment> segment;
    uint64_t number = 0;
    size_t first_slot = 0;
  };

  fs::path folder;
  IndexSettings settings;
  IndexOptions options;
  std::shared_ptr<SharedCatalog> catalog;
  uint64_t commit = 0;
  std::optional<IdType> id_type;
  std::vector<Part> parts;  // by number
  Bitmap live;
  size_t num_live = 0;
  uint64_t num_live_tokens = 0;
  std::vector<DocumentBlock> blocks;

  static std::shared_ptr<const Snapshot> load(const fs::path& folder, const IndexOptions& options,
                                              const Snapshot* before);
  /// Nothing when a writer has committed meanwhile and removed files.
  static std::shared_ptr<const Snapshot> try_load(const fs::path& folder,
                                                  const IndexOptions& options,
                                                  const Snapshot* before);
  std::shared_ptr<const Segment> open_segment(const SegmentRecord& record,
                                              const Snapshot* before) const;
  bool map(const CatalogState& state, const Snapshot* before);
  void add_part(std::shared_ptr<const Segment> segment, const SegmentRecord& record);

  struct Place {
    const Part* part = nullptr;
    size_t slot = 0;
  };
  std::optional<Place> find(DocId document) const;
  Place place(DocId document) const;
};

std::shared_ptr<const Segment> Index::Snapshot::open_segment(const SegmentRecord& record,
                                                             const Snapshot* before) const {
  if (before != nullptr) {
    for (const Part& part : before->parts) {
      if (part.number == record.number &&
          part.segment->header_checksum() == record.header_checksum) {
        return part.segment;
      }
    }
  }
  auto segment = Segment::open_if_exists(folder / "segments" / segment_name(record.number),
                                         settings.codec, settings.dim);
  if (!segment) return nullptr;
  if (segment->size() != record.live.size() || segment->num_vectors() != record.num_vectors ||
      segment->header_checksum() != record.header_checksum) {
    throw FormatError((folder / "segments" / segment_name(record.number)).string() +
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
  for (const SegmentRecord& record : state.segments) {
    auto segment = open_segment(record, before);
    if (!segment) return false;
    add_part(std::move(segment), record);
  }
  num_live = live.count();
  return true;
}

void Index::Snapshot::add_part(std::shared_ptr<const Segment> segment,
                               const SegmentRecord& record) {
  const size_t first_slot = live.size();
  live.resize(first_slot + segment->size());
  const auto offsets = segment->row_offsets();
  for (size_t slot = 0; slot < segment->size(); ++slot) {
    if (!record.live.contains(slot)) continue;
    live.add(first_slot + slot);
    num_live_tokens += offsets[slot + 1] - offsets[slot];
  }
  if (segment->size() > 0) {
    append_blocks({segment->rows(), offsets, segment->sequences(), first_slot}, blocks);
  }
  parts.push_back({std::move(segment), record.number, first_slot});
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
                    ": a segment that the catalog names is missing from segments/; restore "
                    "the folder as a whole, or rebuild the index");
}

std::optional<Index::Snapshot::Place> Index::Snapshot::find(DocId document) const {
  for (const Part& part : parts) {
    const auto slot = part.segment->find(document);
    if (slot && live.contains(part.first_slot + *slot)) return Place{&part, *slot};
  }
  return std::nullopt;
}

Index::Snapshot::Place Index::Snapshot::place(DocId document) const {
  if (const auto found = find(document)) return *found;
  throw std::invalid_argument(folder.string() + ": no live document has the number " +
                              std::to_string(document) + " in this snapshot");
}

Index::Index(std::shared_ptr<const Snapshot> snapshot) : snapshot_(std::move(snapshot)) {}

Index Index::open(const fs::path& folder, const IndexOptions& options) {
  return Index(Snapshot::load(folder, options, nullptr));
}

Index Index::refresh() const {
  {
    const std::lock_guard lock(snapshot_->catalog->mutex);
    if (snapshot_->catalog->is_in_place() &&
        snapshot_->catalog->catalog.read_commit() == snapshot_->commit) {
      return *this;
    }
  }
  return Index(Snapshot::load(snapshot_->folder, snapshot_->options, snapshot_.get()));
}

const fs::path& Index::folder() const {
  return snapshot_->folder;
}
const IndexSettings& Index::settings() const {
  return snapshot_->settings;
}
const kernels::KernelTable& Index::kernels() const {
  return kernels::kernel_table(snapshot_->options.isa);
}
uint64_t Index::commit() const {
  return snapshot_->commit;
}
std::optional<IdType> Index::id_type() const {
  return snapshot_->id_type;
}
size_t Index::size() const {
  return snapshot_->num_live;
}
size_t Index::num_deleted() const {
  return snapshot_->live.size() - snapshot_->num_live;
}
uint64_t Index::num_tokens() const {
  return snapshot_->num_live_tokens;
}
size_t Index::num_segments() const {
  return snapshot_->parts.size();
}
size_t Index::num_slots() const {
  return snapshot_->live.size();
}
const Bitmap& Index::live() const {
  return snapshot_->live;
}
std::span<const DocumentBlock> Index::blocks() const {
  return snapshot_->blocks;
}

uint64_t Index::size_bytes() const {
  uint64_t total = 0;
  for (const Snapshot::Part& part : snapshot_->parts) total += part.segment->size_bytes();
  for (const char* name : {"maxsimd.json", kCatalogName}) {
    std::error_code error;
    const uint64_t size = fs::file_size(snapshot_->folder / name, error);
    if (!error) total += size;
  }
  return total;
}

double Index::bytes_per_token() const {
  uint64_t payload = 0;
  {
    const std::lock_guard lock(snapshot_->catalog->mutex);
    payload = snapshot_->catalog->checked().payload_bytes();
  }
  const uint64_t total = size_bytes();
  return static_cast<double>(total - std::min(payload, total)) /
         static_cast<double>(std::max<uint64_t>(num_tokens(), 1));
}

std::string_view Index::id(DocId document) const {
  const Snapshot::Place place = snapshot_->place(document);
  return place.part->segment->id(place.slot);
}

CodedRows Index::rows(DocId document) const {
  const Snapshot::Place place = snapshot_->place(document);
  return place.part->segment->rows(place.slot);
}

std::optional<DocId> Index::find(std::string_view id) const {
  for (const Snapshot::Part& part : snapshot_->parts) {
    for (const size_t slot : part.segment->find_id(id)) {
      if (snapshot_->live.contains(part.first_slot + slot)) {
        return part.segment->sequences()[slot];
      }
    }
  }
  return std::nullopt;
}

std::vector<DocId> Index::documents() const {
  std::vector<DocId> documents;
  documents.reserve(size());
  for (const Snapshot::Part& part : snapshot_->parts) {
    const auto sequences = part.segment->sequences();
    for (size_t slot = 0; slot < sequences.size(); ++slot) {
      if (snapshot_->live.contains(part.first_slot + slot)) documents.push_back(sequences[slot]);
    }
  }
  std::sort(documents.begin(), documents.end());
  return documents;
}

Filter Index::filter_ids(std::span<const std::string> ids) const {
  Bitmap allowed(num_slots());
  for (const std::string& id : ids) {
    for (const Snapshot::Part& part : snapshot_->parts) {
      for (const size_t slot : part.segment->find_id(id)) allowed.add(part.first_slot + slot);
    }
  }
  allowed.intersect(snapshot_->live);
  return Filter(std::move(allowed));
}

Filter Index::filter_where(const Where& where) const {
  std::optional<std::vector<DocId>> found;
  {
    const std::lock_guard lock(snapshot_->catalog->mutex);
    found = snapshot_->catalog->checked().select(where, snapshot_->commit);
  }
  if (!found) refuse_old_snapshot(snapshot_->folder, snapshot_->commit);
  Bitmap allowed(num_slots());
  for (const Snapshot::Part& part : snapshot_->parts) {
    // Both lists ascend: what they share is found in one walk.
    const auto sequences = part.segment->sequences();
    size_t slot = 0;
    for (auto f = found->begin(); f != found->end() && slot < sequences.size();) {
      if (*f < sequences[slot]) {
        f = std::lower_bound(f, found->end(), sequences[slot]);
      } else if (sequences[slot] < *f) {
        slot =
            static_cast<size_t>(std::lower_bound(sequences.begin() + static_cast<ptrdiff_t>(slot),
                                                 sequences.end(), *f) -
                                sequences.begin());
      } else {
        allowed.add(part.first_slot + slot);
        ++f;
        ++slot;
      }
    }
  }
  allowed.intersect(snapshot_->live);
  return Filter(std::move(allowed));
}

DocumentRecord Index::document(DocId document) const {
  (void)snapshot_->place(document);  // refuses a document that is not of this snapshot
  const std::lock_guard lock(snapshot_->catalog->mutex);
  auto record = snapshot_->catalog->checked().read_document(document);
  if (!record) refuse_old_snapshot(snapshot_->folder, snapshot_->commit);
  return std::move(*record);
}

}  // namespace maxsimd
