// Builds an index beside an old one and puts it in its place when it is complete: until then, and
// when the building fails, the old one stays as it is and searches go on.
//
// The new index lies in PARENT/.NAME.replacement meanwhile. The old one's writer's lock is held
// from before the building to the exchange, so no commit to the old one is lost by it, and two
// replacements of one index keep apart. What a killed process left beside it is swept by the next
// one. Not thread-safe.
#pragma once

#include <filesystem>
#include <optional>

#include "maxsimd/collection/new_index.h"
#include "maxsimd/index/index_settings.h"
#include "maxsimd/index/index_writer.h"
#include "maxsimd/index/writer_lock.h"

namespace maxsimd {

class IndexReplacement {
 public:
  /// Throws std::invalid_argument when `folder` is neither an index of ours nor empty nor absent,
  /// or is a symbolic link; nothing is changed then. Throws IoError, also when another process
  /// writes to the old index for longer than options.lock_timeout_ms.
  IndexReplacement(const std::filesystem::path& folder, const IndexSettings& settings,
                   const IndexWriterOptions& options);
  IndexReplacement(const IndexReplacement&) = delete;
  IndexReplacement& operator=(const IndexReplacement&) = delete;
  ~IndexReplacement();  // removes the new index unless it is complete

  /// Of the new index; not to be used after commit().
  IndexWriter& writer() { return new_ ? new_->writer() : *writer_; }

  /// Commits the new index and puts it in the place of the old one. At most once. Throws IoError:
  /// the old one is in its place then, the new one, when it is complete, beside it; or the other
  /// way round, when only the sync of the folder above failed.
  void commit();

 private:
  std::filesystem::path folder_;
  std::optional<NewIndex> new_;         // there is nothing to replace
  std::optional<WriterLock> old_lock_;  // there is
  std::optional<IndexWriter> writer_;   // of the one built beside it
  bool is_kept_ = false;
};

}  // namespace maxsimd
