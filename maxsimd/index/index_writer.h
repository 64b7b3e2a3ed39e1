// Changes an index. One writer an index at a time, in any process: the folder's lock sees to it,
// and the system releases it when the process ends, however it ends.
//
// add() and remove() gather changes; commit() makes all of them visible at once, durably. A crash
// or an error at any instant leaves the last commit. When a call throws IoError the changes since
// the last commit are lost and the writer is of no further use; open another.
//
// Thread rule: one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "maxsimd/base/thread_pool.h"
#include "maxsimd/base/types.h"
#include "maxsimd/index/index.h"
#include "maxsimd/index/index_settings.h"

namespace maxsimd {

inline constexpr uint64_t kFewestListedVectors = 2000;

struct IndexWriterOptions {
  /// How long to wait for another writer to finish; 0 says at once that there is one.
  unsigned lock_timeout_ms = 0;
  /// Bytes of vectors in memory at a time do not depend on it; more waiting changes (ids, metadata,
  /// texts) do: callers that stream commit when pending_bytes() passes their bound.
  kernels::Isa isa = kernels::best_isa();
  /// Codes residual vectors, trains codebooks and builds graphs; must outlive the writer. Null: the
  /// caller's thread alone.
  ThreadPool* pool = nullptr;
  /// Of a codebook that is trained. 0: default_num_centroids() of the vectors there are.
  size_t num_centroids = 0;
  /// Of the sample a codebook is trained on, and of its beginnings; of graphs.
  uint64_t seed = 42;
  /// Vectors coded by a codebook that was trained, and in all; of 0 before and all through the
  /// training, by any of the pool's threads, one at a time. What it throws ends the work. For
  /// optimize() and compact().
  std::function<void(uint64_t done, uint64_t total)> recode_progress;
  /// Vectors put into graphs, and in all; the first call, of 0, comes before the first. For
  /// whatever builds graphs: optimize(), compact(), and commit() when it merges.
  std::function<void(uint64_t done, uint64_t total)> graph_progress;
  /// Segments with fewer vectors get no inverted lists (kind plaid) and no graph (hnsw), and an
  /// index with fewer is not trained: so few are scanned as quickly.
  uint64_t fewest_listed_vectors = kFewestListedVectors;
  /// Bytes that the building of a graph may take, beside the vectors' pages of the file: the size
  /// of the largest segments (1.2 million vectors at m 64, but fewest_listed_vectors at least). A
  /// search takes the longer the more of them there are.
  uint64_t graph_memory = uint64_t{1} << 30;
};

/// Documents to add. Views must live for the call only.
struct DocumentBatch {
  std::span<const std::string> ids;            // 1 to 512 bytes of UTF-8 without U+0000
  const Embeddings* embeddings = nullptr;      // one item an id
  std::span<const std::string> metadata = {};  // empty, or one an id: a JSON object, or ""
  std::span<const std::string> texts = {};     // empty, or one an id; kept when store_text
  IdType id_type = IdType::string;             // integer: ids are decimal numbers of 64 bits
};

/// Token vectors of texts: one item a text, of the index's dim.
using TextEncoder = std::function<Embeddings(std::span<const std::string> texts)>;

struct CompactOptions {
  /// Residual codes only: a new codebook, trained on a sample of what all live codes stand for, by
  /// which they are coded anew. For vectors that drifted away from the codebook
  /// (CodebookUse::drift()). Of codec residual each such time rounds once more; what was rounded
  /// away before does not come back, unless `encode` gives it. Vectors beside their codes stay as
  /// they are.
  bool retrain = false;
  /// With `retrain`, of codec residual: the stored texts of all live documents are encoded anew by
  /// this, and the codebook is trained on these vectors, which are coded by it: as an index is that
  /// is built of the texts. Called by compact()'s thread for some hundred texts at a time, in the
  /// order of adding; what it throws comes out, and leaves the last commit. Beside the new codes
  /// the disk must hold the vectors as float16 meanwhile. Not called where there is no codebook to
  /// replace.
  TextEncoder encode = {};
};

struct CompactReport {
  size_t segments_before = 0, segments_after = 0;
  uint64_t bytes_before = 0, bytes_after = 0;
};

class IndexWriter {
 public:
  /// Makes a new index in a folder that is not there or empty. Throws std::invalid_argument (the
  /// folder has something in it, settings that make no sense), IoError.
  static IndexWriter create(const std::filesystem::path& folder, const IndexSettings& settings,
                            const IndexWriterOptions& options = {});
  /// Opens an index to change it; sweeps what a killed writer left. Throws IoError (not an index;
  /// another writer is at work, its process named), FormatError.
  static IndexWriter open(const std::filesystem::path& folder,
                          const IndexWriterOptions& options = {});

  IndexWriter(IndexWriter&&) noexcept;
  IndexWriter& operator=(IndexWriter&&) noexcept;
  ~IndexWriter();  // changes that were not committed are dropped

  const IndexSettings& settings() const;
  /// Of the documents of the last commit; nothing as long as there was none.
  std::optional<IdType> id_type() const;

  /// Adds documents; one whose id is there already replaces it (the last one wins, within a batch
  /// too) and counts as added last. Throws std::invalid_argument naming the document (another dim,
  /// values that are not finite, a bad id, metadata that is no JSON object, ids of another type);
  /// then nothing of the batch is taken. Throws IoError (disk full, checked first).
  void add(const DocumentBatch& batch);

  /// Removes documents. Returns the ids that were not there; they change nothing.
  std::vector<std::string> remove(std::span<const std::string> ids);

  /// Whether a document of this id is there, changes since the last commit included.
  bool contains(std::string_view id) const;

  /// Documents of the last commit without a stored text, or with an empty one.
  uint64_t num_without_text() const;

  /// Bytes of changes since the last commit, vectors (on disk already) included.
  uint64_t pending_bytes() const;

  /// Makes the changes visible; nothing changed: does nothing. Then merges segments where there are
  /// too many of a size, so that there are about 30 at most, ever.
  void commit();

  /// Commits. To be called once an index is filled, by whatever number of commits:
  /// - When vectors are to be stored as residuals and have waited as float16 for a codebook, trains
  ///   one on a seeded sample of all of them, in whatever order they came, codes them, and makes
  ///   that one commit; commit() never does it, since the first of many documents are no sample of
  ///   all. Memory: the sample, and about 10 bytes a vector of a segment.
  /// - Of kind hnsw, puts the documents of the segments without a graph, when they have
  ///   fewest_listed_vectors together, into segments with one: one commit. commit() only makes new
  ///   graphs for those it merges: no vector of a build is put into several. Memory: graph_memory.
  /// Another call does nothing more than commit(). Throws IoError also when the disk has no room
  /// for the new segments beside the old ones; what was committed stays.
  void optimize();

  /// Commits, then rewrites the segments that have removed documents, merges, trains or builds
  /// graphs as optimize() does, or, when asked, trains anew, and returns space to the file system.
  /// Throws std::invalid_argument: retrain where there are no residual codes; encode without
  /// retrain, with vectors beside the codes, or where a document has no text (num_without_text());
  /// these leave the writer usable. The same, as for IoError, when what `encode` gives is not one
  /// item a text, of another dim, or not finite.
  CompactReport compact(const CompactOptions& options = {});

  /// The last commit, as a reader sees it.
  Index snapshot() const;

 private:
  struct Impl;
  explicit IndexWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Prepares `folder` for IndexWriter::create: makes sure that it is absent or empty, or, an index
/// of ours, may be replaced. Throws std::invalid_argument ("not an index: ...") otherwise, and for
/// a symbolic link. Removes nothing: replace_index() does, when the new one is complete.
void check_index_can_be_replaced(const std::filesystem::path& folder);

/// Deletes an index, or what a killed process left of one: its own files, maxsimd.json last. Throws
/// std::invalid_argument, before anything is deleted, when the folder holds anything else, and
/// IoError.
void remove_index(const std::filesystem::path& folder);
/// The same for leftovers that the next who needs their place removes, when it cannot be done now.
void remove_index_if_possible(const std::filesystem::path& folder) noexcept;

/// Puts the complete index `fresh` in the place of `folder` (both on one file system), exchanging
/// them, and deletes the old one. Throws IoError.
void replace_index(const std::filesystem::path& fresh, const std::filesystem::path& folder);

class WriterLock;

/// The steps of replace_index() for a caller that holds the writer's locks of `folder`, an index,
/// and of `fresh`. Throws IoError; then nothing was changed.
void exchange_indexes(const std::filesystem::path& fresh, const std::filesystem::path& folder,
                      const WriterLock& held);
/// Deletes the old index, exchanged already, once it is sure that the new one has its place. Throws
/// IoError when that is not sure: the old one is kept then.
void remove_replaced_index(const std::filesystem::path& old);

/// Throws IoError when the file system cannot exchange folders, found out at `place`, which must
/// not be there: known before a new index is built, not after.
void check_exchange_works(const std::filesystem::path& place);

}  // namespace maxsimd
