// An index folder as Python holds it: opened, made by the first documents, changed and searched.
//
// Searches go through the snapshot of the last change made here, or of the last refresh(). Vectors
// that wait to be coded or linked (IndexWriter::optimize()) are before the first search that finds
// many of them, so documents may be added in any number of calls.
//
// Thread rule: calls with the GIL, from any thread; long ones release it. Changes wait for each
// other, searches for none but the one that makes the index ready.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "maxsimd/colbert/colbert.h"
#include "maxsimd/index/index_writer.h"
#include "maxsimd/index/tuned_search.h"
#include "maxsimd/search/retriever.h"
#include "python/src/interrupts.h"
#include "python/src/per_process.h"

namespace maxsimd::python {

/// How long to wait for another process that writes.
inline constexpr unsigned kLockTimeoutMs = 60'000;

struct IndexHandleOptions {
  IndexSettings settings;  // of an index that is made; dim 0: that of the first documents
  size_t num_threads = 0;
  uint64_t seed = 42;
  unsigned lock_timeout_ms = kLockTimeoutMs;
};

/// Deletes the index of a folder, if there is one. Throws std::invalid_argument when the folder
/// holds something else, IoError. To be called without the GIL.
void remove_index_folder(const std::filesystem::path& folder, unsigned lock_timeout_ms);

class IndexHandle {
 public:
  /// Opens the index if there is one. Throws std::invalid_argument when it is of another kind.
  IndexHandle(std::filesystem::path folder, IndexHandleOptions options);

  const std::filesystem::path& folder() const { return folder_; }

  /// The snapshot that is searched; nothing as long as there are no documents.
  std::optional<Index> index();
  /// It, ready to be searched; null as long as there are no documents.
  std::shared_ptr<const Retriever> retriever();
  /// What `maxsimd tune` has found for it; apply_tuned_search() knows whether it still suits.
  std::optional<TunedSearch> tuned();
  std::shared_ptr<ThreadPool> pool() const;

  /// Adds documents and commits. Throws as IndexWriter::add() and commit(), and
  /// std::invalid_argument for embeddings of another dim.
  void add(const std::vector<std::string>& ids, const Embeddings& embeddings, IdType id_type);
  /// Returns the ids that were not there, as are those of another type than the index's. With
  /// `all_or_none` these keep all from being removed.
  std::vector<std::string> remove(const std::vector<std::string>& ids, IdType id_type,
                                  bool all_or_none);
  /// IndexWriter::optimize(), shown by `progress`.
  void optimize(nanobind::handle progress);
  /// IndexWriter::compact(); with a model new centroids are trained on the stored texts, encoded
  /// anew by it. Throws std::invalid_argument where it has nothing to encode, or is another model
  /// than the index's (check_model()).
  CompactReport compact(bool retrain, std::shared_ptr<const ColBERT> model);
  /// The last commit, whoever made it.
  void refresh();

 private:
  /// What a forked process must not share.
  struct State {
    std::timed_mutex changes;                    // one at a time; taken without the GIL
    std::mutex mutex;                            // of the rest; held shortly
    std::optional<Index> index;                  // nothing: there are no documents
    std::shared_ptr<const Retriever> retriever;  // of it, once it is needed
    std::optional<TunedSearch> tuned;
    bool may_wait = true;  // vectors may wait to be coded or linked
  };

  std::shared_ptr<State> open() const;
  void load(State& state) const;
  IndexWriterOptions writer_options(ThreadPool& pool, Watch* watch) const;
  void check(const IndexSettings& stored) const;
  void commit_batch(const DocumentBatch& batch, const IndexWriterOptions& options,
                    const Watch& watch) const;
  void rewrite(State& state, unsigned lock_timeout_ms,
               const std::function<void(IndexWriter&, Watch&)>& work, nanobind::handle progress);

  std::filesystem::path folder_;
  IndexHandleOptions options_;
  PerProcess<State> state_;
};

}  // namespace maxsimd::python
