#include "maxsimd/index/index.h"

#include <algorithm>
#include <utility>

#include "maxsimd/base/errors.h"
#include "maxsimd/index/index_folder.h"
#include "maxsimd/index/index_snapshot.h"

namespace maxsimd {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse_old_snapshot(const fs::path& folder, uint64_t commit) {
  throw SnapshotError(folder.string() + ": the snapshot of commit " + std::to_string(commit) +
                      " is too old: a compaction has dropped metadata and texts of its time; "
                      "refresh it");
}

/// Adds the slots of a segment whose documents are among `found`.
void add_slots(std::span<const DocId> sequences, size_t first_slot, std::span<const DocId> found,
               Bitmap& allowed) {
  // Both lists ascend: what they share is found in one walk.
  size_t slot = 0;
  for (auto f = found.begin(); f != found.end() && slot < sequences.size();) {
    if (*f < sequences[slot]) {
      f = std::lower_bound(f, found.end(), sequences[slot]);
    } else if (sequences[slot] < *f) {
      const auto next = sequences.begin() + static_cast<ptrdiff_t>(slot);
      slot = static_cast<size_t>(std::lower_bound(next, sequences.end(), *f) - sequences.begin());
    } else {
      allowed.add(first_slot + slot);
      ++f;
      ++slot;
    }
  }
}

}  // namespace

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
  return snapshot_->holdings.size();
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
std::span<const IndexPart> Index::parts() const {
  return snapshot_->parts;
}

std::optional<CodebookUse> Index::codebook() const {
  if (!snapshot_->codebook) return std::nullopt;
  const CodebookRecord& record = snapshot_->codebook_record;
  CodebookUse use{.codebook = &snapshot_->codebook->codebook, .num_added = record.num_added};
  if (use.num_added != 0) {
    use.added_error = record.added_error / static_cast<double>(record.num_added);
  }
  return use;
}

uint64_t Index::size_bytes() const {
  uint64_t total = snapshot_->codebook ? snapshot_->codebook->size_bytes : 0;
  for (const Snapshot::Holding& holding : snapshot_->holdings)
    total += holding.segment->size_bytes();
  for (const char* name : {kSettingsName, kCatalogName}) {
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
  return place.holding->segment->id(place.slot);
}

CodedRows Index::rows(DocId document) const {
  const Snapshot::Place place = snapshot_->place(document);
  return place.holding->segment->rows(place.slot);
}

CodedRows Index::residuals(DocId document) const {
  const Snapshot::Place place = snapshot_->place(document);
  return place.holding->segment->residuals(place.slot);
}

std::optional<DocId> Index::find(std::string_view id) const {
  for (const Snapshot::Holding& holding : snapshot_->holdings) {
    for (const size_t slot : holding.segment->find_id(id)) {
      if (snapshot_->live.contains(holding.first_slot + slot)) {
        return holding.segment->sequences()[slot];
      }
    }
  }
  return std::nullopt;
}

std::vector<DocId> Index::documents() const {
  std::vector<DocId> documents;
  documents.reserve(size());
  for (const Snapshot::Holding& holding : snapshot_->holdings) {
    const auto sequences = holding.segment->sequences();
    for (size_t slot = 0; slot < sequences.size(); ++slot) {
      if (snapshot_->live.contains(holding.first_slot + slot)) documents.push_back(sequences[slot]);
    }
  }
  std::sort(documents.begin(), documents.end());
  return documents;
}

Filter Index::filter_ids(std::span<const std::string> ids) const {
  Bitmap allowed(num_slots());
  for (const std::string& id : ids) {
    for (const Snapshot::Holding& holding : snapshot_->holdings) {
      for (const size_t slot : holding.segment->find_id(id)) allowed.add(holding.first_slot + slot);
    }
  }
  allowed.intersect(snapshot_->live);
  return Filter(std::move(allowed));
}

Filter Index::filter_where(const Where& where) const {
  const WhereSql sql = where_sql(where);
  std::string key = where_key(sql);
  if (const auto known = snapshot_->filters.find(key)) return *known;
  std::optional<std::vector<DocId>> found;
  {
    const std::lock_guard lock(snapshot_->catalog->mutex);
    found = snapshot_->catalog->checked().select(sql, snapshot_->commit);
  }
  if (!found) refuse_old_snapshot(snapshot_->folder, snapshot_->commit);
  Bitmap allowed(num_slots());
  for (const Snapshot::Holding& holding : snapshot_->holdings) {
    add_slots(holding.segment->sequences(), holding.first_slot, *found, allowed);
  }
  allowed.intersect(snapshot_->live);
  const auto filter = std::make_shared<const Filter>(std::move(allowed));
  snapshot_->filters.add(std::move(key), filter);
  return *filter;
}

std::vector<DocumentRecord> Index::records(std::span<const DocId> documents) const {
  // Refuses documents that are not of this snapshot.
  for (const DocId document : documents) (void)snapshot_->place(document);
  const std::lock_guard lock(snapshot_->catalog->mutex);
  auto records = snapshot_->catalog->checked().read_records(documents);
  if (!records) refuse_old_snapshot(snapshot_->folder, snapshot_->commit);
  return std::move(*records);
}

DocumentRecord Index::record(DocId document) const {
  return std::move(records({&document, 1}).front());
}

}  // namespace maxsimd
