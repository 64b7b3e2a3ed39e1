#include "maxsimd/hub/cache_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "maxsimd/base/atomic_file.h"
#include "maxsimd/base/errors.h"
#include "maxsimd/hub/hub_names.h"

namespace maxsimd {
namespace {

namespace fs = std::filesystem;

std::string folder_name(const std::string& id) {
  const size_t slash = id.find('/');
  return "models--" + id.substr(0, slash) + "--" + id.substr(slash + 1);
}

void make_folders(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) {
    throw IoError(folder.string() + ": cannot be made: " + error.message() +
                  "; HF_HOME names another place for the cache");
  }
}

}  // namespace

CacheFolder::CacheFolder(const fs::path& cache, const std::string& id)
    : repository_(cache / folder_name(id)), locks_(cache / ".locks" / folder_name(id)) {}

fs::path CacheFolder::snapshot(const std::string& commit) const {
  return repository_ / "snapshots" / commit;
}

fs::path CacheFolder::blob(const HubFile& file) const {
  return repository_ / "blobs" / file.digest;
}

bool CacheFolder::has(const HubFile& file) const {
  std::error_code error;
  return fs::file_size(blob(file), error) == file.size && !error;
}

std::optional<std::string> CacheFolder::commit_of(const std::string& revision) const {
  if (is_commit(revision)) return revision;
  const fs::path reference = repository_ / "refs" / revision;
  std::error_code ignored;
  if (!fs::is_regular_file(reference, ignored)) return std::nullopt;
  std::string commit = read_file(reference);
  while (!commit.empty() && commit.back() == '\n') commit.pop_back();
  if (!is_commit(commit)) return std::nullopt;
  return commit;
}

// The contents of the links must be there too: caches are tidied by blobs.
bool CacheFolder::is_whole(const std::string& commit) const {
  std::error_code ignored;
  const fs::path list = repository_ / "maxsimd" / commit;
  if (!fs::is_regular_file(list, ignored)) return false;
  const std::string names = read_file(list);
  for (size_t begin = 0; begin < names.size();) {
    const size_t end = names.find('\n', begin);
    if (end == std::string::npos) return false;
    const std::string name = names.substr(begin, end - begin);
    if (!is_inner_path(name) || !fs::is_regular_file(snapshot(commit) / name, ignored)) {
      return false;
    }
    begin = end + 1;
  }
  return !names.empty();
}

void CacheFolder::link(const fs::path& target, const HubFile& file) const {
  make_folders(target.parent_path());
  const fs::path content = blob(file).lexically_relative(target.parent_path());
  std::error_code error;
  if (fs::read_symlink(target, error) == content && !error) return;
  const fs::path temporary = target.string() + ".part";
  fs::remove(temporary, error);
  fs::create_symlink(content, temporary, error);
  if (error) fs::copy_file(blob(file), temporary, fs::copy_options::overwrite_existing, error);
  if (!error) fs::rename(temporary, target, error);
  if (error) throw IoError(target.string() + ": cannot be written: " + error.message());
}

void CacheFolder::publish(const HubRepository& repository, const std::string& revision) const {
  const CacheLock lock(*this, repository.commit);
  std::string names;
  for (const HubFile& file : repository.files) {
    link(snapshot(repository.commit) / file.name, file);
    names += file.name + "\n";
  }
  make_folders(repository_ / "maxsimd");
  write_file_atomic(repository_ / "maxsimd" / repository.commit, names);
  if (is_commit(revision)) return;
  const fs::path reference = repository_ / "refs" / revision;
  make_folders(reference.parent_path());
  write_file_atomic(reference, repository.commit);
}

CacheLock::CacheLock(const CacheFolder& cache, const std::string& name) {
  make_folders(cache.locks_);
  make_folders(cache.repository_ / "blobs");
  const fs::path path = cache.locks_ / (name + ".lock");
  fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd_ < 0) throw IoError(path.string() + ": cannot be opened: " + std::strerror(errno));
  while (::flock(fd_, LOCK_EX) != 0) {
    if (errno == EINTR) continue;
    const std::string reason = std::strerror(errno);
    ::close(fd_);
    throw IoError(path.string() + ": cannot be locked: " + reason);
  }
}

CacheLock::~CacheLock() {
  ::close(fd_);
}

}  // namespace maxsimd
