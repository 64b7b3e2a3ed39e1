// One file of a repository into the cache: resumed, checked, whole or not there.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "maxsimd/hub/cache_folder.h"
#include "maxsimd/hub/hub_connection.h"
#include "maxsimd/hub/repository.h"

namespace maxsimd {

/// Downloads a blob, or returns at once when it is there. Bytes go to DIGEST.incomplete, where the
/// next attempt goes on; they get their name when size and digest are right. `received` is told of
/// the bytes that are there, from 0 to file.size. Throws IoError.
void download_file(HubConnection& connection, const CacheFolder& cache,
                   const HubRepository& repository, const HubFile& file,
                   const std::function<void(uint64_t)>& received);

}  // namespace maxsimd
