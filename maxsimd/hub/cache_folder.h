// The cache that Hugging Face's own tools share (huggingface_hub, "Understand caching"):
//
//   CACHE/models--ORG--NAME/refs/REVISION          the commit that a branch or tag was last seen at
//   CACHE/models--ORG--NAME/snapshots/COMMIT/FILE  links into blobs/
//   CACHE/models--ORG--NAME/blobs/DIGEST           contents; DIGEST.incomplete while they come
//   CACHE/.locks/models--ORG--NAME/DIGEST.lock     held (flock) by whoever downloads
//
// and one file of our own that says a snapshot has all that a model is loaded from, since other
// tools download files one by one: CACHE/models--ORG--NAME/maxsimd/COMMIT.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "maxsimd/hub/repository.h"

namespace maxsimd {

class CacheFolder {
 public:
  /// REQUIRES: is_hub_id(id).
  CacheFolder(const std::filesystem::path& cache, const std::string& id);

  std::filesystem::path snapshot(const std::string& commit) const;
  std::filesystem::path blob(const HubFile& file) const;
  /// Whether it is there, by its size: blobs get their names when they are whole.
  bool has(const HubFile& file) const;

  /// The commit of a revision: itself when it is one, else what refs/ says. Throws IoError.
  std::optional<std::string> commit_of(const std::string& revision) const;
  /// Whether we have put all of a commit's files there. Other files of it may be there or not.
  bool is_whole(const std::string& commit) const;

  /// Makes the snapshot's links, then says that it is whole, then what `revision` is. Others may do
  /// the same at the same time. REQUIRES: all blobs are there. Throws IoError.
  void publish(const HubRepository& repository, const std::string& revision) const;

 private:
  friend class CacheLock;

  void link(const std::filesystem::path& target, const HubFile& file) const;

  std::filesystem::path repository_, locks_;
};

/// Held while a blob (by its digest) is downloaded or a commit published; another process or thread
/// waits here. Throws IoError.
class CacheLock {
 public:
  CacheLock(const CacheFolder& cache, const std::string& name);
  CacheLock(const CacheLock&) = delete;
  CacheLock& operator=(const CacheLock&) = delete;
  ~CacheLock();

 private:
  int fd_ = -1;
};

}  // namespace maxsimd
