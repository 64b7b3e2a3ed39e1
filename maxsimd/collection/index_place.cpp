#include "maxsimd/collection/index_place.h"

#include <optional>
#include <stdexcept>
#include <string>

#include "maxsimd/index/index_settings.h"
#include "maxsimd/index/index_writer.h"
#include "maxsimd/index/writer_lock.h"

namespace maxsimd {

namespace fs = std::filesystem;

fs::path without_last_slash(const fs::path& path) {
  return path.has_filename() || !path.has_relative_path() ? path : path.parent_path();
}

fs::path full_index_path(const fs::path& folder) {
  fs::path path = without_last_slash(fs::weakly_canonical(fs::absolute(folder)));
  if (path.has_filename()) return path;
  throw std::invalid_argument("'" + folder.string() + "': not an index; give a folder's name");
}

fs::path place_beside(const fs::path& folder) {
  std::string name = ".";
  name.append(folder.filename().string()).append(".replacement");
  return folder.parent_path() / name;
}

void sweep_place_beside(const fs::path& folder, unsigned lock_timeout_ms) {
  const fs::path place = place_beside(folder);
  if (!fs::exists(fs::symlink_status(place))) return;
  std::optional<WriterLock> lock;
  if (is_index(place)) lock.emplace(place, lock_timeout_ms);
  remove_index(place);
}

}  // namespace maxsimd
