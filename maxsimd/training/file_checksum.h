// What a file says, as a number.
#pragma once

#include <filesystem>
#include <span>

#include "maxsimd/base/checksum.h"
#include "maxsimd/base/mapped_file.h"

namespace maxsimd::training {

/// checksum() of all its bytes. Throws IoError. Any thread.
inline uint64_t file_checksum(const std::filesystem::path& file) {
  return checksum(std::as_bytes(std::span(MappedFile::open(file).text())));
}

}  // namespace maxsimd::training
