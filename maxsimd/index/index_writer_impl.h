// What lies behind an IndexWriter: index_writer.cpp has what adds and commits, index_rewrite.cpp
// what writes segments anew, index_retrain.cpp what does so by a new codebook, index_graphs.cpp
// with graphs. Not for other rooms.
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <type_traits>
#include <vector>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/thread_pool.h"
#include "maxsimd/index/catalog.h"
#include "maxsimd/index/index_folder.h"
#include "maxsimd/index/index_writer.h"
#include "maxsimd/index/pending_changes.h"
#include "maxsimd/index/segment.h"
#include "maxsimd/index/segment_merge.h"
#include "maxsimd/index/waiting_segments.h"
#include "maxsimd/index/writer_lock.h"

namespace maxsimd {

/// Left free on the disk by what writes segments anew.
inline constexpr uint64_t kSpareBytes = uint64_t{64} << 20;

struct IndexWriter::Impl {
  struct Part {
    std::shared_ptr<const Segment> segment;
    SegmentRecord record;
    uint64_t num_live_vectors = 0;

    bool has_graph() const { return segment->graph() != nullptr; }
  };
  /// Whether segments that are written get graphs, those large enough.
  enum class Graphs { none, build };

  Impl(const std::filesystem::path& path, const IndexWriterOptions& writer_options, WriterLock held)
      : folder(path),
        options(writer_options),
        lock(std::move(held)),
        settings(read_index_settings(path)),
        catalog(path / kCatalogName, Catalog::Access::write),
        pending(std::make_unique<PendingChanges>(finder())) {
    CatalogState state = catalog.read_state();
    commit_number = state.commit;
    next_sequence = state.next_sequence;
    next_segment = state.next_segment;
    id_type = state.id_type;
    codebook_record = state.codebook;
    form = open_form();
    for (const SegmentRecord& record : state.segments) set_part(record);
    dropped_before = std::move(state.dropped);
    catalog.check_removals();
    sweep();
  }

  PendingChanges::FindLive finder() {
    return [this](std::string_view id) { return catalog.find_live(id); };
  }

  std::filesystem::path segments_folder() const { return folder / kSegmentsName; }
  std::filesystem::path segment_folder(uint64_t number) const {
    return segment_path(folder, number);
  }
  const kernels::KernelTable& kernels() const { return kernels::kernel_table(options.isa); }
  uint64_t fewest_listed() const { return std::max<uint64_t>(options.fewest_listed_vectors, 1); }
  ThreadPool& pool() { return options.pool != nullptr ? *options.pool : own_pool; }

  /// Runs a change; when it throws, nobody knows how much of it was done: no further use.
  template <class Change>
  auto guarded(Change change) {
    check_usable();
    is_broken = true;
    if constexpr (std::is_void_v<decltype(change())>) {
      change();
      is_broken = false;
    } else {
      auto result = change();
      is_broken = false;
      return result;
    }
  }

  void check_usable() const {
    if (!is_broken) return;
    throw IoError(folder.string() +
                  ": this writer failed before; open another, which starts from the last commit");
  }

  SegmentForm open_form() const;
  std::shared_ptr<const Segment> open_segment(uint64_t number) const;
  void set_part(const SegmentRecord& record);
  void sweep();
  void sweep(const std::filesystem::directory_entry& entry, std::optional<uint64_t> number,
             bool is_own);
  void add(const DocumentBatch& batch);
  void add_residuals(const DocumentBatch& batch);
  DocumentRecord new_document(const DocumentBatch& batch, size_t item);
  std::unique_ptr<SegmentWriter> new_segment();
  CatalogChange new_change() const;
  void mark_removed(CatalogChange& change);
  void apply(CatalogChange change);
  void commit();
  // index_rewrite.cpp
  /// Ends a segment and adds its record.
  static void finish(SegmentWriter& segment, std::vector<SegmentRecord>& records);
  std::vector<MergeInput> inputs_of(const std::vector<uint64_t>& numbers) const;
  void merge();
  bool merge_some(Graphs graphs);
  bool rewrite(const std::vector<uint64_t>& numbers);
  /// Makes new segments visible in the place of old ones (and of an old codebook).
  void replace(std::vector<uint64_t> old, std::vector<SegmentRecord> fresh, bool purge = false);
  std::vector<SegmentRecord> write_merged(const std::vector<uint64_t>& numbers, Graphs graphs);
  bool lacks_codebook() const;
  void optimize();
  void fill_holes();
  uint64_t num_live_documents() const;
  uint64_t num_live_vectors() const;
  uint64_t files_bytes() const;
  CompactReport compact(const CompactOptions& compact_options);
  // index_retrain.cpp
  /// A codebook of all that is there, or of its texts where `encode` encodes them, and all of it
  /// coded anew: one commit.
  void train(const TextEncoder& encode);
  using Groups = std::vector<std::vector<MergeInput>>;  // segments to be made one of
  void train_on(const Groups& groups);
  Codebook trained_codebook(const Groups& groups, const RecodeProgress& progress);
  void use_codebook(const Codebook& codebook);
  Groups stored_groups() const;
  void encode_texts(const TextEncoder& encode, WaitingSegments& out);
  uint64_t num_without_text();
  void check_all_have_texts();
  uint64_t bytes_of_tables() const;
  uint64_t bytes_to_recode(uint64_t num_vectors, size_t num_centroids) const;
  void check_space_to_encode() const;
  // index_graphs.cpp
  uint64_t most_graph_vectors() const;
  void add_graph(SegmentWriter& segment, uint64_t done, uint64_t total);
  void build_missing_graphs();
  void check_space_for_graphs(const std::vector<uint64_t>& numbers) const;

  std::filesystem::path folder;
  IndexWriterOptions options;
  WriterLock lock;
  IndexSettings settings;  // read when nobody can put another index in this one's place
  Catalog catalog;
  ThreadPool own_pool{1};
  std::optional<CodebookRecord> codebook_record;
  SegmentForm form;  // of all segments of the last commit, and of new ones
  std::unique_ptr<PendingChanges> pending;
  std::map<uint64_t, Part> parts;
  uint64_t commit_number = 0;
  DocId next_sequence = 0;
  uint64_t next_segment = 1;
  std::optional<IdType> id_type;
  std::optional<uint64_t> without_text;  // documents of the last commit, once they are counted
  uint64_t pending_added = 0;            // vectors coded since the last commit
  double pending_error = 0.0;            // the sum of their squared errors
  std::vector<uint64_t> dropped_before;  // by the last commit: unlinked at the next
  bool is_broken = false;
};

}  // namespace maxsimd
