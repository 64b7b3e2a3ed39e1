#include "maxsimd/index/catalog.h"

#include <stdexcept>

#include "maxsimd/base/errors.h"
#include "maxsimd/index/catalog_impl.h"

namespace maxsimd {
namespace {

using detail::Database;
using detail::Statement;
using detail::Transaction;

constexpr uint64_t kApplicationId = 0x4D58534D;  // "MXSM"

// Enough for the pages of a large commit, so that SQLite need not lock readers out early to spill.
constexpr const char* kWriterSettings =
    "PRAGMA synchronous = EXTRA; PRAGMA cache_size = -65536; PRAGMA cell_size_check = ON";
constexpr const char* kReaderSettings = "PRAGMA cell_size_check = ON";

void check_is_ours(const Database& database) {
  Statement row = database.prepare("PRAGMA application_id");
  if (!row.step() || row.column_bits(0) != kApplicationId) {
    std::error_code error;
    const bool is_empty = std::filesystem::file_size(database.path(), error) == 0 && !error;
    throw FormatError(database.path() +
                      (is_empty ? ": is empty; restore the folder as a whole"
                                : ": not a maxsimd catalog (its application id is another)"));
  }
  std::vector<std::string> problems = schema_problems(database);
  if (!database.has_rollback_format()) {
    problems.emplace_back("the format versions in its header are not ours");
  }
  if (problems.empty()) return;
  throw FormatError(database.path() + ": " + problems.front() +
                    "; the catalog is damaged or of another version: restore the folder as a "
                    "whole, or rebuild the index");
}

}  // namespace

void Catalog::create(const std::filesystem::path& path) {
  create_tables(Database(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE));
}

Catalog::Catalog(const std::filesystem::path& path, Access access)
    : impl_(new Impl{Database(path, SQLITE_OPEN_READWRITE)}) {
  impl_->database.execute(access == Access::write ? kWriterSettings : kReaderSettings);
  check_is_ours(impl_->database);
}

Catalog::Catalog(Catalog&&) noexcept = default;
Catalog& Catalog::operator=(Catalog&&) noexcept = default;
Catalog::~Catalog() = default;

void Catalog::apply(const CatalogChange& change) {
  Transaction transaction(impl_->database, Transaction::Kind::write);
  CatalogHead head = impl_->read_head();
  if (head.commit != change.old_commit) {
    throw IoError(
        impl_->database.path() +
        ": another writer has committed meanwhile, in spite of the lock; is the folder on "
        "a file system without locks?");
  }
  ++head.commit;
  head.next_sequence = change.next_sequence;
  head.next_segment = change.next_segment;
  head.id_type = change.id_type;
  if (!are_possible(head)) {
    throw std::invalid_argument(
        impl_->database.path() +
        ": the numbers of documents, segments or commits, 2^62 of each, are used up; make the "
        "index anew");
  }
  impl_->mark_removed(change, head.commit);
  impl_->insert_documents(change);
  impl_->set_segments(change, head.commit);
  impl_->set_codebook(change.codebook);
  if (change.purge) head.purged_commit = impl_->purge(head);
  impl_->write_head(head);
  transaction.commit();
}

void Catalog::Impl::mark_removed(const CatalogChange& change, uint64_t commit) const {
  Statement update = database.prepare(
      "UPDATE documents SET removed_at = ?1 WHERE sequence = ?2 AND removed_at IS NULL");
  for (const DocId sequence : change.removed) {
    update.bind(1, commit).bind(2, sequence).run();
    if (database.num_changed() != 1) {
      throw FormatError(database.path() + ": document number " + std::to_string(sequence) +
                        " is live in a segment and not here; run maxsimd verify");
    }
  }
}

void Catalog::Impl::insert_documents(const CatalogChange& change) const {
  Statement insert = database.prepare(
      "INSERT INTO documents (sequence, id, metadata, text, checksum) VALUES (?1, ?2, ?3, ?4, ?5)");
  for (const DocumentRecord& document : change.added) {
    insert.bind(1, document.sequence).bind(2, std::string_view(document.id));
    // NULL where there is nothing: takes no space, and conditions on it are unknown.
    const std::string* values[] = {&document.metadata, &document.text};
    for (int v = 0; v < 2; ++v) {
      if (values[v]->empty()) {
        insert.bind_null(v + 3);
      } else {
        insert.bind(v + 3, std::string_view(*values[v]));
      }
    }
    insert
        .bind(5,
              document_checksum(document.sequence, document.id, document.metadata, document.text))
        .run();
  }
}

void Catalog::Impl::set_segments(const CatalogChange& change, uint64_t commit) const {
  Statement set = database.prepare(
      "INSERT OR REPLACE INTO segments (number, num_documents, num_vectors, header_checksum, live, "
      "checksum) VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
  for (const SegmentRecord& record : change.segments) {
    set.bind(1, record.number)
        .bind(2, uint64_t{record.live.size()})
        .bind(3, record.num_vectors)
        .bind(4, record.header_checksum)
        .bind(5, std::as_bytes(record.live.words()))
        .bind(6, segment_checksum(record))
        .run();
  }
  // Of earlier commits, unlinked now (and what damage made of such rows).
  database.prepare("DELETE FROM dropped").run();
  Statement drop = database.prepare("DELETE FROM segments WHERE number = ?1");
  Statement note = database.prepare("INSERT INTO dropped (number, commit_number) VALUES (?1, ?2)");
  for (const uint64_t number : change.dropped) {
    drop.bind(1, number).run();
    note.bind(1, number).bind(2, commit).run();
  }
}

void Catalog::Impl::set_codebook(const std::optional<CodebookRecord>& codebook) const {
  if (codebook == read_codebook()) return;
  database.prepare("DELETE FROM codebooks").run();
  if (!codebook) return;
  Statement set = database.prepare(
      "INSERT INTO codebooks (number, header_checksum, num_added, added_error, checksum) "
      "VALUES (?1, ?2, ?3, ?4, ?5)");
  set.bind(1, codebook->number)
      .bind(2, codebook->header_checksum)
      .bind(3, codebook->num_added)
      .bind(4, codebook->added_error)
      .bind(5, codebook_checksum(*codebook))
      .run();
}

void Catalog::Impl::write_head(const CatalogHead& head) const {
  Statement set = database.prepare(
      "UPDATE state SET commit_number = ?1, next_sequence = ?2, next_segment = ?3, id_type = ?4, "
      "purged_commit = ?5, checksum = ?6");
  set.bind(1, head.commit).bind(2, head.next_sequence).bind(3, head.next_segment);
  if (head.id_type) {
    set.bind(4, id_type_name(*head.id_type));
  } else {
    set.bind_null(4);
  }
  set.bind(5, head.purged_commit).bind(6, head_checksum(head)).run();
}

// The last commit whose removed rows are gone. A snapshot taken just before the last commit may
// still be asked for its rows.
uint64_t Catalog::Impl::purge(const CatalogHead& head) const {
  if (head.commit < 2) return head.purged_commit;
  Statement last =
      database.prepare("SELECT coalesce(max(removed_at), 0) FROM documents WHERE removed_at <= ?1");
  last.bind(1, head.commit - 2);
  const uint64_t purged = last.step() ? last.column_number(0) : 0;
  last.reset();
  database.prepare("DELETE FROM documents WHERE removed_at <= ?1").bind(1, head.commit - 2).run();
  return std::max(head.purged_commit, purged);
}

void Catalog::vacuum() {
  Statement row = impl_->database.prepare("PRAGMA freelist_count");
  const bool has_free_pages = row.step() && row.column_number(0) > 0;
  row.reset();
  if (has_free_pages) impl_->database.execute("VACUUM");
}

}  // namespace maxsimd
