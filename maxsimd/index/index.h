// A snapshot of an index folder: the documents of one commit, mapped and ready to be searched
// (search/exact_search.h), whatever writers do meanwhile.
//
// Thread rule: immutable; every const method may be called from any thread. A process that forks
// opens its own in the child.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "maxsimd/base/errors.h"
#include "maxsimd/codebook/codebook.h"
#include "maxsimd/index/bitmap.h"
#include "maxsimd/index/catalog.h"
#include "maxsimd/index/document_block.h"
#include "maxsimd/index/filter.h"
#include "maxsimd/index/index_part.h"
#include "maxsimd/index/index_settings.h"
#include "maxsimd/index/segment.h"
#include "maxsimd/index/where.h"
#include "maxsimd/kernels/kernels.h"

namespace maxsimd {

/// A snapshot whose metadata and texts can no longer be read: its index was moved or replaced, or a
/// compaction has dropped rows of its time. Its rows are still there; open the index again.
class SnapshotError : public IoError {
 public:
  using IoError::IoError;
};

struct IndexOptions {
  kernels::Isa isa = kernels::best_isa();  // of the kernels that will score; lower it to compare
};

/// An index's codebook, and how well it fits what was added since it was trained.
struct CodebookUse {
  const Codebook* codebook = nullptr;  // never null; as long-lived as the snapshot
  uint64_t num_added = 0;              // vectors coded since it was trained
  double added_error = 0.0;  // their mean squared distance from what their codes stand for

  /// That distance as a multiple of the one in training; 1 when nothing was added since, infinite
  /// where training lost nothing (earlier versions, of equal vectors) and the new vectors do. Well
  /// above 1 the new vectors are of another kind: IndexWriter::compact() with `retrain` helps.
  double drift() const {
    return num_added == 0 || added_error == 0.0 ? 1.0 : added_error / codebook->parts().error;
  }
};

class Index {
 public:
  /// Opens the last commit. Works on read-only folders. Throws IoError (not an index, ...),
  /// FormatError naming the damaged file.
  static Index open(const std::filesystem::path& folder, const IndexOptions& options = {});

  /// The last commit as of now; segments that both have are shared, so this is cheap. Throws as
  /// open().
  Index refresh() const;

  const std::filesystem::path& folder() const;
  const IndexSettings& settings() const;
  const kernels::KernelTable& kernels() const;
  uint64_t commit() const;
  std::optional<IdType> id_type() const;

  size_t size() const;          // live documents
  size_t num_deleted() const;   // removed or replaced ones that still take space in segments
  uint64_t num_tokens() const;  // live token vectors
  size_t num_segments() const;
  uint64_t size_bytes() const;     // of all files now
  double bytes_per_token() const;  // all files but stored text and metadata, over live vectors

  /// Slots number the documents of all segments, dead ones too: [0, num_slots()).
  size_t num_slots() const;
  const Bitmap& live() const;  // [num_slots]
  /// What a scan works through; covers every slot once.
  std::span<const DocumentBlock> blocks() const;
  /// What a candidate generator works through: the segments that have documents, live or not; they
  /// cover every slot once.
  std::span<const IndexPart> parts() const;
  /// Nothing where vectors are not residual, and as long as they wait as float16 for the first one
  /// (IndexWriter::optimize()).
  std::optional<CodebookUse> codebook() const;

  /// The document a search named. Throws std::invalid_argument for one that is not live here.
  std::string_view id(DocId document) const;
  CodedRows rows(DocId document) const;
  /// Its residual codes: the rows themselves, or what lies beside them. REQUIRES: a codebook().
  CodedRows residuals(DocId document) const;
  std::optional<DocId> find(std::string_view id) const;  // live document of this id
  /// All live documents, in the order of adding.
  std::vector<DocId> documents() const;

  /// The live documents with these ids; unknown ones are passed over (PyLate's subset).
  Filter filter_ids(std::span<const std::string> ids) const;
  /// The live documents whose metadata satisfy the condition. Throws IoError, also when the
  /// snapshot is so old that a compaction has dropped its rows, or the index was moved or replaced
  /// by another (refresh(), or open it again, then). Reads the metadata of all documents the first
  /// time; the filters of the last 16 conditions are kept.
  Filter filter_where(const Where& where) const;

  /// Metadata and texts of documents, in the order given, from the catalog; quicker together than
  /// one by one. Throws as id() and filter_where(), and FormatError for a damaged row.
  std::vector<DocumentRecord> records(std::span<const DocId> documents) const;
  DocumentRecord record(DocId document) const;

 private:
  struct Snapshot;
  explicit Index(std::shared_ptr<const Snapshot> snapshot);
  std::shared_ptr<const Snapshot> snapshot_;
};

}  // namespace maxsimd
