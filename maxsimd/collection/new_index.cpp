#include "maxsimd/collection/new_index.h"

#include <exception>
#include <string>
#include <system_error>

#include "maxsimd/base/errors.h"
#include "maxsimd/collection/index_place.h"
#include "maxsimd/index/index.h"
#include "maxsimd/index/writer_lock.h"

namespace maxsimd {

namespace fs = std::filesystem;

NewIndex::NewIndex(const fs::path& folder, const IndexSettings& settings,
                   const IndexWriterOptions& options)
    : folder_(full_index_path(folder)), was_there_(fs::exists(folder_)) {
  writer_.emplace(IndexWriter::create(folder_, settings, options));
}

NewIndex::~NewIndex() {
  try {
    if (writer_->snapshot().commit() != 0) return;
    writer_.reset();
    if (remove_uncommitted_index(folder_, 0) && was_there_) fs::create_directory(folder_);
  } catch (const std::exception&) {
    // Whoever makes an index here finds that this one has no commit.
  }
}

bool remove_uncommitted_index(const fs::path& folder, unsigned lock_timeout_ms) {
  const fs::path path = full_index_path(folder);
  if (!is_index(path)) return true;
  try {
    const WriterLock lock(path, lock_timeout_ms);
    if (Index::open(path).commit() != 0) return false;
    check_index_can_be_replaced(path);
    sweep_place_beside(path, 0);
    // Moved away whole first: who waits for the lock must not find half an index.
    std::error_code error;
    fs::rename(path, place_beside(path), error);
    if (error) {
      throw IoError(path.string() +
                    ": cannot move away an index without a commit: " + error.message());
    }
    remove_index_if_possible(place_beside(path));
    return true;
  } catch (const IoError&) {
    // Another process may have been quicker.
    if (fs::exists(path)) throw;
    return true;
  }
}

}  // namespace maxsimd
