#include "maxsimd/collection/index_replacement.h"

#include "maxsimd/collection/index_place.h"

namespace maxsimd {

namespace fs = std::filesystem;

IndexReplacement::IndexReplacement(const fs::path& folder, const IndexSettings& settings,
                                   const IndexWriterOptions& options) {
  check_index_can_be_replaced(without_last_slash(folder));
  folder_ = full_index_path(folder);
  check_index_can_be_replaced(folder_);  // another one than the name says, through "a/.."
  if (!is_index(folder_)) {
    new_.emplace(folder_, settings, options);
    return;
  }
  old_lock_.emplace(folder_, options.lock_timeout_ms);
  sweep_place_beside(folder_, options.lock_timeout_ms);
  check_exchange_works(place_beside(folder_));
  writer_.emplace(IndexWriter::create(place_beside(folder_), settings, options));
}

IndexReplacement::~IndexReplacement() {
  if (!old_lock_ || is_kept_) return;
  writer_.reset();
  remove_index_if_possible(place_beside(folder_));
}

void IndexReplacement::commit() {
  writer().commit();
  if (!old_lock_) return;
  // Whichever lies beside the other is not this object's to delete from here on. The writer holds
  // the new one's lock until the old one is gone: the place is then the next replacement's.
  is_kept_ = true;
  exchange_indexes(place_beside(folder_), folder_, *old_lock_);
  remove_replaced_index(place_beside(folder_));
  writer_.reset();
}

}  // namespace maxsimd
