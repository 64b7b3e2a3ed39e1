// What a writer has gathered since the last commit: a segment on its way to disk, the rows of its
// documents, and the documents of earlier commits that are to go. Not thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "maxsimd/base/types.h"
#include "maxsimd/index/bitmap.h"
#include "maxsimd/index/catalog.h"
#include "maxsimd/index/segment_writer.h"

namespace maxsimd {

class PendingChanges {
 public:
  using FindLive = std::function<std::optional<DocId>(std::string_view id)>;

  /// `find_live` looks into the last commit.
  explicit PendingChanges(FindLive find_live) : find_live_(std::move(find_live)) {}

  bool empty() const { return !segment_ && removed_.empty(); }
  SegmentWriter* segment() { return segment_.get(); }  // null without documents
  void start_segment(std::unique_ptr<SegmentWriter> segment) { segment_ = std::move(segment); }

  /// Appends a document to the segment; one of its id, pending or committed, goes. Rows are what
  /// SegmentWriter::add() takes. Throws IoError.
  template <class Rows>
  void add(DocumentRecord document, const Rows& rows) {
    segment_->add(document.sequence, document.id, rows);
    note(std::move(document));
  }
  /// False when no document has this id.
  bool remove(std::string_view id);
  bool contains(std::string_view id) const;

  /// Bytes of the segment and of what waits in memory.
  uint64_t size_bytes() const;

  /// Finishes the segment, unless all its documents are gone again, and fills the change's added,
  /// removed and the new segment's record but for its checksum. Returns whether there is a segment.
  bool finish(CatalogChange& change);

 private:
  void note(DocumentRecord document);

  FindLive find_live_;
  std::unique_ptr<SegmentWriter> segment_;
  std::vector<DocumentRecord> added_;                // one a slot of the segment
  std::vector<bool> dead_;                           // one a slot: replaced or removed again
  std::unordered_map<std::string, size_t> slot_of_;  // of the pending document with this id
  std::set<DocId> removed_;                          // of earlier commits
  uint64_t payload_bytes_ = 0;
};

}  // namespace maxsimd
