#include "maxsimd/collection/index_replacement.h"

#include <stdexcept>
#include <string>
#include <system_error>

#include "maxsimd/base/errors.h"
#include "maxsimd/index/writer_lock.h"

namespace maxsimd {
namespace {

namespace fs = std::filesystem;

// "index/" is the folder "index": a symbolic link must not hide behind the slash.
fs::path without_last_slash(const fs::path& path) {
  return path.has_filename() || !path.has_relative_path() ? path : path.parent_path();
}

// The folder under its full name, which has a parent and a last component; "" when it has none.
fs::path full_path(const fs::path& folder) {
  const fs::path path = without_last_slash(fs::weakly_canonical(fs::absolute(folder)));
  return path.has_filename() ? path : fs::path();
}

fs::path place_beside(const fs::path& folder) {
  std::string name = ".";
  name.append(folder.filename().string()).append(".replacement");
  return folder.parent_path() / name;
}

// Removes what a killed replacement left. Throws IoError while another is at work there.
void sweep(const fs::path& fresh, unsigned lock_timeout_ms) {
  if (!fs::exists(fs::symlink_status(fresh))) return;
  if (fs::is_symlink(fresh) ||
      !(is_index(fresh) || (fs::is_directory(fresh) && fs::is_empty(fresh)))) {
    throw std::invalid_argument(fresh.string() +
                                ": in the way of the new index, and not left by an earlier one; "
                                "move it elsewhere");
  }
  const WriterLock lock(fresh, lock_timeout_ms);
  fs::remove_all(fresh);
}

}  // namespace

IndexReplacement::IndexReplacement(const fs::path& folder, const IndexSettings& settings,
                                   const IndexWriterOptions& options) {
  check_index_can_be_replaced(without_last_slash(folder));
  folder_ = full_path(folder);
  if (folder_.empty()) {
    throw std::invalid_argument("'" + folder.string() + "': not an index; give a folder's name");
  }
  check_index_can_be_replaced(folder_);  // another one than the name says, through "a/.."
  fresh_ = is_index(folder_) ? place_beside(folder_) : folder_;
  if (fresh_ != folder_) sweep(fresh_, options.lock_timeout_ms);
  writer_.emplace(IndexWriter::create(fresh_, settings, options));
}

IndexReplacement::~IndexReplacement() {
  if (!writer_ || fresh_ == folder_) return;
  writer_.reset();
  std::error_code ignored;  // leftovers are swept by the next replacement
  fs::remove_all(fresh_, ignored);
}

void IndexReplacement::commit() {
  writer_->commit();
  writer_.reset();
  if (fresh_ != folder_) replace_index(fresh_, folder_);
}

}  // namespace maxsimd
