// A script of commits whose every state is known beforehand, and the check that what an index shows
// is exactly one of these states.
//
// Step n changes a fixed set of documents as a function of (seed, n); the content of a document
// (vectors, metadata, text) is a function of its id and of the step that wrote it. So a mixture of
// two commits is no state of the script, and a torn document no document of it. Residual codes are
// known, too: they are what the index's codebook makes of the document's vectors.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "maxsimd/base/thread_pool.h"
#include "maxsimd/index/index.h"
#include "maxsimd/index/index_writer.h"

namespace maxsimd::store_testing {

inline constexpr size_t kScriptDim = 8;

struct ScriptDocument {
  std::string id;
  size_t step = 0;  // that wrote it

  bool operator==(const ScriptDocument&) const = default;
};

/// Integers that every codec stores exactly: each row holds one 127 (int8's scale is then 1).
Embeddings script_vectors(const std::vector<ScriptDocument>& documents);
std::string script_metadata(const ScriptDocument& document);
std::string script_text(const ScriptDocument& document);

/// What one step does: additions first, then removals, then a commit or a compaction.
struct ScriptStep {
  std::vector<std::string> added;
  std::vector<std::string> removed;
  bool compact = false;
  bool optimize = false;  // commits so, which is a difference for residual vectors
};

/// The kinds of index that the tests go through: those there are, and plaid with the vectors beside
/// their codes.
enum class StoreKind { exact, plaid, plaid_beside, hnsw };
inline constexpr std::array<StoreKind, 4> kStoreKinds = {StoreKind::exact, StoreKind::plaid,
                                                         StoreKind::plaid_beside, StoreKind::hnsw};
std::string_view store_kind_name(StoreKind kind);
std::optional<StoreKind> store_kind_from_name(std::string_view name);
IndexKind index_kind(StoreKind kind);

struct ScriptShape {
  uint64_t seed = 1;
  size_t num_ids = 60;         // documents alive at a time are among these ids
  size_t largest_batch = 8;    // documents a step, and in one of ten steps:
  size_t largest_burst = 120;  // as many
  StoreKind kind = StoreKind::exact;
};

/// Few centroids, lists or a graph in nearly all segments, and several graphs, so that small
/// indexes show what large ones do.
IndexWriterOptions script_writer_options();

/// Immutable after the constructor.
class Script {
 public:
  /// Works out the states after steps 0 (an empty index) to `num_steps`.
  Script(const ScriptShape& shape, size_t num_steps);

  size_t num_steps() const { return steps_.size() - 1; }
  const ScriptStep& step(size_t number) const { return steps_[number]; }
  /// Live documents in the order of adding.
  const std::vector<ScriptDocument>& state(size_t number) const { return states_[number]; }
  IndexSettings settings() const;

  /// Plays one step on a writer: a commit.
  void play(size_t number, IndexWriter& writer) const;

  /// The steps from `earliest` to `latest` whose states have these ids, in the order of adding.
  std::span<const size_t> find_steps(const std::vector<std::string>& ids, size_t earliest,
                                     size_t latest) const;

 private:
  ScriptStep make_step(size_t number) const;

  ScriptShape shape_;
  std::vector<ScriptStep> steps_;
  std::vector<std::vector<ScriptDocument>> states_;
  std::unordered_map<std::string, std::vector<size_t>> steps_by_ids_;
};

/// A script of each kind, by its place among kStoreKinds; the kind in `shape` does not count.
std::vector<Script> scripts_of_all_kinds(ScriptShape shape, size_t num_steps);

/// What a snapshot shows: which step's state, or what is wrong with it.
struct Observation {
  size_t step = 0;
  std::string problem;      // of documents, ids, vectors, scores; empty when all is well
  std::string row_problem;  // of metadata, texts, where filters
  bool outdated = false;    // a compaction has purged the snapshot's rows: seen without them
};

/// Looks at everything a snapshot can show: number, ids, vectors, order, scores of a search, a
/// filter by ids, a where filter, metadata and texts; and that they are one state between
/// `earliest` and `latest`. Rows of a snapshot may be purged by a compaction two commits later, not
/// earlier. Throws what the index throws otherwise.
Observation observe(const Index& index, const Script& script, size_t earliest, size_t latest,
                    ThreadPool& pool);

}  // namespace maxsimd::store_testing
