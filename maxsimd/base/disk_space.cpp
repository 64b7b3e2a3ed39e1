#include "maxsimd/base/disk_space.h"

#include <sys/statvfs.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "maxsimd/base/errors.h"

namespace maxsimd {
namespace {

// For what else is written at the same time: catalogs, journals, a terminal's scrollback.
constexpr uint64_t kMarginBytes = uint64_t{16} << 20;

// "3.2 GB", in the powers of ten that disks and df -H count in.
std::string human_bytes(uint64_t bytes) {
  constexpr std::array<const char*, 7> kUnits = {"bytes", "kB", "MB", "GB", "TB", "PB", "EB"};
  if (bytes < 1000) return std::to_string(bytes) + " bytes";
  auto value = static_cast<double>(bytes);
  size_t unit = 0;
  while (value >= 999.95 && unit + 1 < kUnits.size()) {
    value /= 1000.0;
    ++unit;
  }
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f %s", value, kUnits[unit]);
  return text.data();
}

}  // namespace

uint64_t free_disk_bytes(const std::filesystem::path& folder) {
  struct statvfs status {};
  int result = 0;
  do {
    result = ::statvfs(folder.c_str(), &status);
  } while (result != 0 && errno == EINTR);
  if (result != 0) {
    throw IoError(folder.string() + ": cannot ask for free disk space: " + std::strerror(errno));
  }
  return uint64_t{status.f_bavail} * uint64_t{status.f_frsize};
}

void check_disk_space(const std::filesystem::path& folder, uint64_t needed,
                      const std::string& what) {
  check_disk_space(folder, needed, what, free_disk_bytes(folder));
}

void check_disk_space(const std::filesystem::path& folder, uint64_t needed, const std::string& what,
                      uint64_t free) {
  if (free >= kMarginBytes && needed <= free - kMarginBytes) return;
  throw IoError("writing " + what + ": needs about " + human_bytes(needed) + " in " +
                folder.string() + " and " + human_bytes(kMarginBytes) + " to spare, " +
                human_bytes(free) + " are free; make room or choose a folder on another disk");
}

}  // namespace maxsimd
