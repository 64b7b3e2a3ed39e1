// Putting a complete index in the place of another (index_writer.h).
#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include "maxsimd/base/atomic_folder.h"
#include "maxsimd/base/errors.h"
#include "maxsimd/base/pinned_folder.h"
#include "maxsimd/base/sync_folder.h"
#include "maxsimd/index/index_folder.h"
#include "maxsimd/index/index_settings.h"
#include "maxsimd/index/index_writer.h"
#include "maxsimd/index/stored_codebook.h"
#include "maxsimd/index/writer_lock.h"

namespace maxsimd {
namespace {

namespace fs = std::filesystem;

// All that an index folder holds, in the order in which it is deleted: until the last of it goes,
// the folder is one of ours, and a deletion that was cut short can be finished.
// Codebooks go before these, and what a killed `tune` left of its file.
constexpr std::array<std::string_view, 6> kOwnFiles = {kTunedSearchName, kSegmentsName,
                                                       kCatalogName,     "catalog.sqlite-journal",
                                                       kLockName,        kSettingsName};

bool is_half_written_tuning(const fs::directory_entry& entry) {
  return entry.path().filename().string().starts_with(std::string(kTunedSearchName) + ".tmp-") &&
         entry.symlink_status().type() == fs::file_type::regular;
}

[[noreturn]] void refuse(const fs::path& folder, const std::string& why) {
  throw std::invalid_argument(folder.string() + ": " + why +
                              "; nothing was changed; give another folder, or remove it yourself");
}

void check_segments(const fs::path& folder) {
  const fs::path segments = folder / kSegmentsName;
  if (fs::is_symlink(fs::symlink_status(segments))) {
    refuse(folder, "is not an index as we write it: segments/ is a symbolic link");
  }
  if (!fs::is_directory(segments)) return;
  for (const fs::directory_entry& entry : fs::directory_iterator(segments)) {
    if (is_own_segment(entry)) continue;
    refuse(folder,
           "holds 'segments/" + entry.path().filename().string() + "', which is not of the index");
  }
}

void check_holds_only_own_files(const fs::path& folder) {
  if (fs::is_symlink(fs::symlink_status(folder))) {
    refuse(folder, "is a symbolic link, not an index");
  }
  if (!fs::is_directory(folder)) refuse(folder, "not an index: it is a file");
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (is_own_codebook(entry) || is_half_written_tuning(entry)) continue;
    const bool is_own = std::find(kOwnFiles.begin(), kOwnFiles.end(), name) != kOwnFiles.end();
    if (!is_own || (name != kSegmentsName && !fs::is_regular_file(entry.symlink_status()))) {
      refuse(folder, "holds '" + name + "', which is not of the index");
    }
  }
  check_segments(folder);
}

// A folder that holds nothing but this file, or the beginnings of it.
bool holds_only(const fs::directory_entry& entry, std::string_view file) {
  if (entry.symlink_status().type() != fs::file_type::directory) return false;
  const fs::directory_iterator files(entry.path());
  return std::all_of(begin(files), end(files), [&](const fs::directory_entry& found) {
    const std::string name = found.path().filename().string();
    const bool is_own = name == file || name.starts_with(std::string(file).append(".tmp-"));
    return is_own && found.symlink_status().type() == fs::file_type::regular;
  });
}

bool is_half_written(std::string_view name) {
  return name.front() == '.' && name.find(".tmp-") != std::string_view::npos;
}

// The system's errors in this house's form.
template <class Work>
void told_as_io_error(Work work) {
  try {
    work();
  } catch (const fs::filesystem_error& error) {
    throw IoError(error.path1().string() + ": cannot make or remove: " + error.code().message());
  }
}

}  // namespace

bool is_own_segment(const fs::directory_entry& entry) {
  const std::string name = entry.path().filename().string();
  return (segment_number(name) || is_half_written(name)) && holds_only(entry, kSegmentFileName);
}

std::optional<uint64_t> codebook_number(std::string_view name) {
  if (!name.starts_with(kCodebookFolderPrefix)) return std::nullopt;
  const auto number = decimal_number(name.substr(kCodebookFolderPrefix.size()));
  if (number && name != codebook_path({}, *number).string())
    return std::nullopt;  // another spelling
  return number;
}

bool is_own_codebook(const fs::directory_entry& entry) {
  const std::string name = entry.path().filename().string();
  const bool begins =
      is_half_written(name) && std::string_view(name).substr(1).starts_with(kCodebookFolderPrefix);
  return (codebook_number(name) || begins) && holds_only(entry, kCodebookFileName);
}

void check_index_can_be_replaced(const fs::path& folder) {
  if (!fs::exists(fs::symlink_status(folder))) return;
  if (fs::is_directory(fs::symlink_status(folder)) && !fs::is_empty(folder) && !is_index(folder)) {
    refuse(folder, "not an index: there is no maxsimd.json of ours in it");
  }
  check_holds_only_own_files(folder);
}

void remove_index(const fs::path& folder) {
  check_holds_only_own_files(folder);
  told_as_io_error([&] {
    {
      // Whoever takes the name once maxsimd.json is gone must not lose its files.
      const PinnedFolder pinned(folder);
      std::vector<fs::path> others;
      for (const fs::directory_entry& entry : fs::directory_iterator(pinned.path())) {
        if (is_own_codebook(entry) || is_half_written_tuning(entry)) others.push_back(entry.path());
      }
      for (const fs::path& other : others) fs::remove_all(other);
      for (const std::string_view name : kOwnFiles) fs::remove_all(pinned.path() / name);
    }
    fs::remove(folder);
  });
}

void remove_index_if_possible(const fs::path& folder) noexcept {
  try {
    remove_index(folder);
  } catch (const std::exception&) {
    // Whoever needs the place next sweeps it.
  }
}

void remove_unfinished_indexes(const fs::path& folder) {
  for (const fs::path& path : temporary_folders_of(folder)) {
    try {
      const WriterLock lock(path, 0);
      remove_index(path);
    } catch (const std::exception&) {
      // Another process is at work there, or it is not ours.
    }
  }
}

void replace_index(const fs::path& fresh, const fs::path& folder) {
  check_index_can_be_replaced(folder);
  if (is_index(folder)) {
    const WriterLock lock(folder, 0);
    exchange_indexes(fresh, folder, lock);
    return remove_replaced_index(fresh);
  }
  if (::rename(fresh.c_str(), folder.c_str()) != 0) {
    throw IoError(folder.string() + ": cannot put the new index in place: " + std::strerror(errno));
  }
  sync_folder(folder.parent_path());
}

void check_exchange_works(const fs::path& place) {
  // Named like segments half written: what a killed process leaves of them is swept.
  const fs::path segments = place / kSegmentsName;
  const fs::path one = segments / ".probe.tmp-1", other = segments / ".probe.tmp-2";
  told_as_io_error([&] {
    for (const fs::path& folder : {place, segments, one, other}) fs::create_directory(folder);
  });
  const int result = ::renameat2(AT_FDCWD, one.c_str(), AT_FDCWD, other.c_str(), RENAME_EXCHANGE);
  const int error = errno;
  remove_index(place);
  if (result == 0) return;
  throw IoError(place.parent_path().string() + ": this file system cannot exchange two folders (" +
                std::strerror(error) +
                "), which is how a new index takes an old one's place; remove the old index first, "
                "or put the index on another file system");
}

void exchange_indexes(const fs::path& fresh, const fs::path& folder, const WriterLock&) {
  check_index_can_be_replaced(folder);
  if (!is_index(fresh)) throw IoError(fresh.string() + ": the new index is gone");
  // Both names are there at every instant: readers find the one index or the other.
  if (::renameat2(AT_FDCWD, fresh.c_str(), AT_FDCWD, folder.c_str(), RENAME_EXCHANGE) != 0) {
    const int error = errno;
    const bool is_mount = error == EBUSY || error == EXDEV;
    throw IoError(folder.string() + ": cannot put the new index in place: " + std::strerror(error) +
                  (is_mount ? " (is it a mount point?)" : "") + "; it is complete, and kept as " +
                  fresh.string());
  }
}

void remove_replaced_index(const fs::path& old) {
  try {
    sync_folder(old.parent_path());  // the old one goes only when the new one surely has its place
  } catch (const IoError& error) {
    throw IoError(std::string(error.what())
                      .append("; the new index is in its place, and the old one is kept as ")
                      .append(old.string())
                      .append(": remove it when the disk is in order"));
  }
  remove_index_if_possible(old);
}

}  // namespace maxsimd
