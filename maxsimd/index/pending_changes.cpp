#include "maxsimd/index/pending_changes.h"

#include <utility>

namespace maxsimd {
namespace {

constexpr uint64_t kRowOverheadBytes = 200;  // of a pending document's record and its id's entry

}  // namespace

void PendingChanges::note(DocumentRecord document) {
  remove(document.id);
  slot_of_[document.id] = added_.size();
  payload_bytes_ +=
      document.id.size() + document.metadata.size() + document.text.size() + kRowOverheadBytes;
  added_.push_back(std::move(document));
  dead_.push_back(false);
}

bool PendingChanges::remove(std::string_view id) {
  const auto pending = slot_of_.find(std::string(id));
  if (pending != slot_of_.end()) {
    dead_[pending->second] = true;
    slot_of_.erase(pending);
    return true;
  }
  const std::optional<DocId> committed = find_live_(id);
  return committed && removed_.insert(*committed).second;
}

bool PendingChanges::contains(std::string_view id) const {
  if (slot_of_.contains(std::string(id))) return true;
  const std::optional<DocId> committed = find_live_(id);
  return committed && !removed_.contains(*committed);
}

uint64_t PendingChanges::size_bytes() const {
  return (segment_ ? segment_->size_bytes() : 0) + payload_bytes_ + removed_.size() * 64;
}

bool PendingChanges::finish(CatalogChange& change) {
  change.removed.assign(removed_.begin(), removed_.end());
  if (slot_of_.empty()) return false;
  SegmentRecord record{.number = segment_->number(),
                       .num_vectors = segment_->num_vectors(),
                       .live = Bitmap(added_.size())};
  change.added.reserve(slot_of_.size());
  for (size_t slot = 0; slot < added_.size(); ++slot) {
    if (dead_[slot]) continue;
    record.live.add(slot);
    change.added.push_back(std::move(added_[slot]));
  }
  segment_->commit();
  change.segments.push_back(std::move(record));
  return true;
}

}  // namespace maxsimd
