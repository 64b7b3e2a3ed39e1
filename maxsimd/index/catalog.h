// INDEX/catalog.sqlite, the commit point: which segments there are, which of their documents live,
// and the documents' ids, metadata and texts. The only files that know SQLite are this room's
// sqlite.*, catalog_impl.h and catalog*.cpp.
//
// A removed document's row stays, marked with the commit that removed it, until a compaction two
// commits later: a snapshot finds the metadata and texts of its own time. Where a document lies is
// not here: its sequence number is found in the segments.
//
// Thread rule: one object serves one thread at a time; each process and thread may have its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "maxsimd/index/bitmap.h"
#include "maxsimd/index/document_block.h"
#include "maxsimd/index/where.h"

namespace maxsimd {

/// Whether ids are names or numbers; set by the first add.
enum class IdType { string, integer };

struct SegmentRecord {
  uint64_t number = 0;
  uint64_t num_vectors = 0;
  uint64_t header_checksum = 0;  // of its file: another file under this name is noticed
  Bitmap live;                   // size = documents in the segment

  bool operator==(const SegmentRecord&) const = default;
};

/// The codebook of an index's residual codes: centroids-NUMBER (stored_codebook.h). Codebooks and
/// segments are numbered together.
struct CodebookRecord {
  uint64_t number = 0;
  uint64_t header_checksum = 0;  // of its file
  // Vectors coded since it was trained, and the sum of their squared distances from what their
  // codes stand for.
  uint64_t num_added = 0;
  double added_error = 0.0;

  bool operator==(const CodebookRecord&) const = default;
};

/// What one commit says.
struct CatalogState {
  uint64_t commit = 0;
  DocId next_sequence = 0;    // every document's number is below it
  uint64_t next_segment = 1;  // every segment's number is below it
  std::optional<IdType> id_type;
  uint64_t purged_commit = 0;              // rows removed at or before this commit are gone
  std::optional<CodebookRecord> codebook;  // of all segments
  std::vector<SegmentRecord> segments;     // by number
  // Segments, and a codebook, that the last commit replaced, perhaps not yet unlinked; ascending.
  std::vector<uint64_t> dropped;
};

struct DocumentRecord {
  DocId sequence = 0;
  std::string id;
  std::string metadata;  // a JSON object, or empty
  std::string text;      // empty when texts are not stored
};

/// All changes of one commit, applied in one transaction.
struct CatalogChange {
  uint64_t old_commit = 0;  // the commit it builds on; the new one is the next number
  DocId next_sequence = 0;
  uint64_t next_segment = 1;
  std::optional<IdType> id_type;
  std::vector<DocumentRecord> added;
  std::vector<DocId> removed;              // documents that are live now
  std::vector<SegmentRecord> segments;     // new ones, and those with another bitmap
  std::optional<CodebookRecord> codebook;  // as it is from now on
  // Segments, and a codebook, that are no more; unlinked one commit later.
  std::vector<uint64_t> dropped;
  bool purge = false;  // delete the rows removed two commits ago or earlier
};

class Catalog {
 public:
  /// Makes the file. Throws IoError.
  static void create(const std::filesystem::path& path);
  /// Opens to write (one process, guarded by the writer's lock) or to read. A reader opens with
  /// write access where it has it, to finish what a killed writer left (SQLite's rollback), and
  /// without on read-only media. Throws IoError; FormatError when it is not our catalog.
  enum class Access { read, write };
  Catalog(const std::filesystem::path& path, Access access);
  Catalog(Catalog&&) noexcept;
  Catalog& operator=(Catalog&&) noexcept;
  ~Catalog();

  /// The last commit, in one read transaction. Throws IoError, FormatError.
  CatalogState read_state() const;
  uint64_t read_commit() const;

  /// Live documents by id, as of the last commit. Throws IoError, FormatError.
  std::optional<DocId> find_live(std::string_view id) const;
  /// Sequence numbers of all rows, removed ones included, that satisfy the condition, ascending; a
  /// snapshot keeps those it knows as live. Nothing when rows that lived at `commit` are purged.
  std::optional<std::vector<DocId>> select(const WhereSql& where, uint64_t commit) const;
  /// Rows, removed or not, in the order given. Nothing when one of them is purged. Throws
  /// FormatError when one is damaged.
  std::optional<std::vector<DocumentRecord>> read_records(std::span<const DocId> documents) const;
  /// A row as verify sees it; the view holds for the call only.
  struct CheckedRow {
    DocId document = 0;
    std::string_view id;
    bool live = false;      // at the commit that was asked for
    bool intact = false;    // its checksum fits
    bool possible = false;  // added and removed no later than the last commit
  };
  /// Calls for every row, those of removed documents included (conditions read them, too), in the
  /// order of sequence numbers; false when rows that lived at `commit` are purged. For verify.
  bool for_each_row(uint64_t commit, const std::function<void(const CheckedRow&)>& call) const;
  /// Throws FormatError when a document is removed by a commit that is still to come: an add would
  /// not find it, and double its id.
  void check_removals() const;
  /// Rows of removed documents.
  uint64_t num_removed() const;
  /// Live documents without a text: it was not stored, or is empty. Reads no texts.
  uint64_t num_without_text() const;
  /// SQLite's own check of the file; empty when all is well, else what it found.
  std::vector<std::string> integrity_problems() const;
  /// Bytes of metadata and texts.
  uint64_t payload_bytes() const;

  /// One transaction: all of it or nothing, durable on return. Throws IoError;
  /// std::invalid_argument where the numbers of an index are used up.
  void apply(const CatalogChange& change);
  /// Gives free pages back to the file system. Throws IoError.
  void vacuum();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace maxsimd
