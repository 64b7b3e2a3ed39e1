#include "maxsimd/hub/hub_model.h"

#include <algorithm>
#include <stdexcept>
#include <system_error>

#include "maxsimd/base/disk_space.h"
#include "maxsimd/base/errors.h"
#include "maxsimd/hub/cache_folder.h"
#include "maxsimd/hub/file_download.h"
#include "maxsimd/hub/hub_names.h"
#include "maxsimd/hub/repository.h"

namespace maxsimd {
namespace {

namespace fs = std::filesystem;

void check_names(const std::string& id, const HubOptions& options) {
  if (!is_hub_id(id)) {
    throw std::invalid_argument("'" + id +
                                "' is no name of a model on the hub; expected ORG/NAME of letters, "
                                "digits, '-', '_' and '.'");
  }
  if (!is_revision(options.revision)) {
    throw std::invalid_argument("revision '" + options.revision +
                                "': expected a branch, a tag or a commit");
  }
  if (options.cache.empty()) {
    throw std::invalid_argument("the hub's cache has no folder: set HF_HOME (or HOME)");
  }
}

struct Sizes {
  uint64_t total = 0, missing = 0;
};

// What an attempt that was cut short left counts as missing.
Sizes sizes_of(const HubRepository& repository, const CacheFolder& cache) {
  Sizes sizes;
  for (const HubFile& file : repository.files) {
    sizes.total += file.size;
    if (!cache.has(file)) sizes.missing += file.size;
  }
  return sizes;
}

}  // namespace

std::optional<fs::path> cached_model(const std::string& id, const HubOptions& options) {
  check_names(id, options);
  const CacheFolder cache(options.cache, id);
  const std::optional<std::string> commit = cache.commit_of(options.revision);
  if (!commit) return std::nullopt;
  std::error_code ignored;
  if (cache.is_whole(*commit) ||
      (options.offline && fs::is_regular_file(cache.snapshot(*commit) / "config.json", ignored))) {
    return cache.snapshot(*commit);
  }
  return std::nullopt;
}

fs::path pull_model(const std::string& id, const HubOptions& options) {
  check_names(id, options);
  if (options.offline) {
    if (auto cached = cached_model(id, options)) return *cached;
    throw IoError("model " + id + ", revision " + options.revision + ": not in the cache " +
                  options.cache.string() +
                  ", and requests to the hub are off (HF_HUB_OFFLINE, local_files_only)");
  }
  HubConnection connection(options);
  const HubRepository repository = ask_repository(connection, id, options.revision);
  const CacheFolder cache(options.cache, id);
  const Sizes sizes = sizes_of(repository, cache);
  if (sizes.missing > 0) {
    std::error_code ignored;
    fs::create_directories(options.cache, ignored);
    check_disk_space(options.cache, sizes.missing, "model " + id);
  }
  uint64_t before = 0;
  for (const HubFile& file : repository.files) {
    download_file(connection, cache, repository, file, [&](uint64_t bytes) {
      if (options.progress) options.progress(before + bytes, sizes.total);
    });
    before += file.size;
  }
  cache.publish(repository, options.revision);
  return cache.snapshot(repository.commit);
}

}  // namespace maxsimd
