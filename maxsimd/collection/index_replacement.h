// Builds an index beside an old one and puts it in its place when it is complete: until then, and
// when the building fails, the old one stays as it is and searches go on.
//
// The new index lies in PARENT/.NAME.replacement meanwhile; its writer's lock keeps two
// replacements of one index apart. What a killed process left there is swept by the next one. Not
// thread-safe.
#pragma once

#include <filesystem>
#include <optional>

#include "maxsimd/index/index_settings.h"
#include "maxsimd/index/index_writer.h"

namespace maxsimd {

class IndexReplacement {
 public:
  /// Throws std::invalid_argument when `folder` is neither an index of ours nor empty nor absent,
  /// or is a symbolic link; nothing is changed then. Throws IoError.
  IndexReplacement(const std::filesystem::path& folder, const IndexSettings& settings,
                   const IndexWriterOptions& options);
  IndexReplacement(const IndexReplacement&) = delete;
  IndexReplacement& operator=(const IndexReplacement&) = delete;
  ~IndexReplacement();  // removes the new index unless it was put in place

  /// Of the new index. Gone after commit().
  IndexWriter& writer() { return *writer_; }

  /// Commits the new index and puts it in the place of the old one. At most once. Throws IoError.
  void commit();

 private:
  std::filesystem::path folder_;
  std::filesystem::path fresh_;  // equal to folder_ when there is nothing to replace
  std::optional<IndexWriter> writer_;
};

}  // namespace maxsimd
