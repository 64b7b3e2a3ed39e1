// What lies behind an Index: the mapped segments of one commit, and the catalog that all snapshots
// of a folder share. Not for other rooms.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "maxsimd/index/catalog.h"
#include "maxsimd/index/filter_cache.h"
#include "maxsimd/index/index.h"
#include "maxsimd/index/stored_codebook.h"

namespace maxsimd {

/// Which file a path names now; the file of an index that was replaced is another.
struct FileIdentity {
  dev_t device = 0;
  ino_t inode = 0;

  explicit FileIdentity(const std::filesystem::path& path);
  bool operator==(const FileIdentity&) const = default;
};

/// The catalog of a folder for all snapshots of it, one thread at a time.
struct SharedCatalog {
  explicit SharedCatalog(const std::filesystem::path& catalog_path)
      : path(catalog_path), identity(catalog_path), catalog(catalog_path, Catalog::Access::read) {}

  bool is_in_place() const { return identity == FileIdentity(path); }

  /// The catalog, to be read long after it was opened. Throws SnapshotError when the index has left
  /// its place: metadata and texts of one that may be deleted any moment are not asked for.
  /// REQUIRES: the mutex is held.
  Catalog& checked();

  std::filesystem::path path;
  FileIdentity identity;
  std::mutex mutex;
  Catalog catalog;  // guarded by mutex
};

struct Index::Snapshot {
  struct Holding {
    std::shared_ptr<const Segment> segment;
    uint64_t number = 0;
    size_t first_slot = 0;
  };

  std::filesystem::path folder;
  IndexSettings settings;
  IndexOptions options;
  std::shared_ptr<SharedCatalog> catalog;
  uint64_t commit = 0;
  std::optional<IdType> id_type;
  std::shared_ptr<const StoredCodebook> codebook;  // null: none yet, or no residual codes
  CodebookRecord codebook_record;
  std::vector<Holding> holdings;  // by number
  std::vector<IndexPart> parts;   // those with documents
  Bitmap live;
  size_t num_live = 0;
  uint64_t num_live_tokens = 0;
  std::vector<DocumentBlock> blocks;
  mutable FilterCache filters;  // of conditions

  static std::shared_ptr<const Snapshot> load(const std::filesystem::path& folder,
                                              const IndexOptions& options, const Snapshot* before);
  /// Nothing when a writer has committed meanwhile and removed files.
  static std::shared_ptr<const Snapshot> try_load(const std::filesystem::path& folder,
                                                  const IndexOptions& options,
                                                  const Snapshot* before);
  std::shared_ptr<const Segment> open_segment(const SegmentRecord& record, const SegmentForm& form,
                                              const Snapshot* before) const;
  bool map(const CatalogState& state, const Snapshot* before);
  void add(std::shared_ptr<const Segment> segment, const SegmentRecord& record);

  struct Place {
    const Holding* holding = nullptr;
    size_t slot = 0;
  };
  std::optional<Place> find(DocId document) const;
  Place place(DocId document) const;
};

}  // namespace maxsimd
