// What catalog.cpp (opening and writing), catalog_read.cpp and catalog_schema.cpp share.
#pragma once

#include <chrono>

#include "maxsimd/index/catalog.h"
#include "maxsimd/index/sqlite.h"

namespace maxsimd {

/// The one row of `state`.
struct CatalogHead {
  uint64_t commit = 0;
  DocId next_sequence = 0;
  uint64_t next_segment = 1;
  std::optional<IdType> id_type;
  uint64_t purged_commit = 0;
};

struct Catalog::Impl {
  detail::Database database;

  /// Throws FormatError when the row's checksum does not fit.
  CatalogHead read_head() const;
  void write_head(const CatalogHead& head) const;

  /// Throws FormatError when the checksum of a row does not fit.
  std::vector<SegmentRecord> read_segments() const;
  std::vector<uint64_t> read_dropped() const;
  std::optional<CodebookRecord> read_codebook() const;

  /// What for_each_document() selects.
  struct DocumentScan {
    std::string columns;             // behind the sequence number
    std::optional<uint64_t> commit;  // must not be purged
    int num_parameters = 0;          // ?1, ?2, ... of `columns`
    std::function<void(detail::Statement&)> bind = [](detail::Statement&) {};
  };
  /// Calls for each row of `documents` in the order of sequence numbers, in transactions of about
  /// kLongestRead: a writer's commit waits for readers, and gives up after a minute. The head is
  /// that of the row's transaction. False when rows that lived at the commit are purged.
  using RowCall = std::function<void(const detail::Statement&, const CatalogHead&)>;
  bool for_each_document(const DocumentScan& scan, const RowCall& call) const;

  void insert_documents(const CatalogChange& change) const;
  void mark_removed(const CatalogChange& change, uint64_t commit) const;
  void set_segments(const CatalogChange& change, uint64_t commit) const;
  void set_codebook(const std::optional<CodebookRecord>& codebook) const;
  uint64_t purge(const CatalogHead& head) const;
};

inline constexpr std::chrono::milliseconds kLongestRead{500};

/// Makes the tables of a new catalog and its first state.
void create_tables(const detail::Database& database);

/// What is another than create_tables() made it, a line each: a table or index that is missing,
/// changed, or not ours.
std::vector<std::string> schema_problems(const detail::Database& database);

/// Whether a commit can have these numbers: an index ends with 2^62 documents, segments or commits.
bool are_possible(const CatalogHead& head);

std::string_view id_type_name(IdType type);

// Of what the rows say; SQLite itself keeps no checksums.
uint64_t head_checksum(const CatalogHead& head);
uint64_t segment_checksum(const SegmentRecord& record);
uint64_t codebook_checksum(const CodebookRecord& record);
uint64_t document_checksum(DocId sequence, std::string_view id, std::string_view metadata,
                           std::string_view text);

}  // namespace maxsimd
