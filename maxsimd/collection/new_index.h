// Makes an index where there is none. Until its first commit it is nothing to anybody: a build that
// fails before leaves nothing behind, and one that a killed process left is made anew, with
// whatever settings are asked then. Not thread-safe.
#pragma once

#include <filesystem>
#include <optional>

#include "maxsimd/index/index_settings.h"
#include "maxsimd/index/index_writer.h"

namespace maxsimd {

class NewIndex {
 public:
  /// Throws as IndexWriter::create() does.
  NewIndex(const std::filesystem::path& folder, const IndexSettings& settings,
           const IndexWriterOptions& options);
  NewIndex(const NewIndex&) = delete;
  NewIndex& operator=(const NewIndex&) = delete;
  ~NewIndex();  // removes the index when it has no commit, if it can

  IndexWriter& writer() { return *writer_; }

 private:
  std::filesystem::path folder_;
  bool was_there_ = false;  // the folder, empty
  std::optional<IndexWriter> writer_;
};

/// Removes an index that never had a commit; true: there is none now. False, and nothing done, when
/// it has one: that is decided under the writer's lock, waited for as long as said, so the commit
/// of another process is never lost. Throws IoError (locked; the system), std::invalid_argument
/// when something in the folder is not of the index, FormatError.
bool remove_uncommitted_index(const std::filesystem::path& folder, unsigned lock_timeout_ms);

}  // namespace maxsimd
