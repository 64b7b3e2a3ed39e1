#include "maxsimd/index/catalog.h"

#include <bit>
#include <cstring>

#include "maxsimd/base/checksum.h"
#include "maxsimd/base/errors.h"
#include "maxsimd/index/sqlite.h"

namespace maxsimd {
namespace {

using detail::Database;
using detail::Statement;
using detail::Transaction;

static_assert(std::endian::native == std::endian::little, "bitmaps are stored little-endian");

constexpr int64_t kApplicationId = 0x4D58534D;  // "MXSM"

// `metadata` comes before `text`, so that a scan for a condition need not read long texts.
constexpr const char* kSchema = R"(
PRAGMA page_size = 4096;
PRAGMA journal_mode = DELETE;
PRAGMA synchronous = EXTRA;
PRAGMA application_id = 1297634125;
PRAGMA user_version = 0;
BEGIN;
CREATE TABLE state (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  commit_number INTEGER NOT NULL,
  next_sequence INTEGER NOT NULL,
  next_segment INTEGER NOT NULL,
  id_type TEXT,
  purged_commit INTEGER NOT NULL
);
INSERT INTO state VALUES (1, 0, 0, 1, NULL, 0);
CREATE TABLE segments (
  number INTEGER PRIMARY KEY,
  num_documents INTEGER NOT NULL,
  num_vectors INTEGER NOT NULL,
  header_checksum INTEGER NOT NULL,
  live BLOB NOT NULL
);
CREATE TABLE dropped (
  number INTEGER PRIMARY KEY,
  commit_number INTEGER NOT NULL
);
CREATE TABLE documents (
  sequence INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  removed_at INTEGER,
  checksum INTEGER NOT NULL,
  metadata TEXT,
  text TEXT
);
CREATE UNIQUE INDEX live_ids ON documents (id) WHERE removed_at IS NULL;
CREATE INDEX removed_documents ON documents (removed_at) WHERE removed_at IS NOT NULL;
COMMIT;
)";

// Enough for the pages of a large commit, so that SQLite need not lock readers out early to spill.
constexpr const char* kWriterSettings =
    "PRAGMA synchronous = EXTRA; PRAGMA cache_size = -65536; PRAGMA cell_size_check = ON";
constexpr const char* kReaderSettings = "PRAGMA cell_size_check = ON";

std::string_view id_type_name(IdType type) {
  return type == IdType::integer ? "integer" : "string";
}

Bitmap read_bitmap(const Statement& row, int column, uint64_t size, const std::string& path) {
  const auto bytes = row.column_blob(column);
  const uint64_t num_words = size / 64 + (size % 64 != 0 ? 1 : 0);
  if (bytes.size() % sizeof(uint64_t) != 0 || bytes.size() / sizeof(uint64_t) != num_words) {
    throw FormatError(path + ": live bitmap of a segment: expected " + std::to_string(num_words) +
                      " words for " + std::to_string(size) + " documents, got " +
                      std::to_string(bytes.size()) + " bytes; the catalog is damaged");
  }
  std::vector<uint64_t> words(static_cast<size_t>(num_words));
  if (!bytes.empty()) std::memcpy(words.data(), bytes.data(), bytes.size());
  return {static_cast<size_t>(size), std::move(words)};
}

void read_head(const Database& database, CatalogState& state) {
  Statement row = database.prepare(
      "SELECT commit_number, next_sequence, next_segment, id_type, purged_commit FROM state");
  if (!row.step()) throw FormatError(database.path() + ": holds no state; the catalog is damaged");
  state.commit = row.column_number(0);
  state.next_sequence = row.column_number(1);
  state.next_segment = row.column_number(2);
  state.purged_commit = row.column_number(4);
  if (state.purged_commit > state.commit) {
    throw FormatError(database.path() + ": purged_commit: expected at most the commit " +
                      std::to_string(state.commit) + ", got " +
                      std::to_string(state.purged_commit) + "; the catalog is damaged");
  }
  if (row.is_null(3)) return;
  const std::string_view name = row.column_text(3);
  state.id_type = name == "integer" ? IdType::integer : IdType::string;
  if (name != id_type_name(*state.id_type)) {
    throw FormatError(database.path() + ": id_type: expected string or integer, got '" +
                      std::string(name) + "'");
  }
}

uint64_t pragma_number(const Database& database, std::string_view sql) {
  Statement row = database.prepare(sql);
  return row.step() ? row.column_number(0) : 0;
}

// SQLite reads a last page that is cut as if it ended in zeros. REQUIRES: a read transaction, so
// that no writer is changing the file.
void check_size(const Database& database) {
  const uint64_t expected =
      pragma_number(database, "PRAGMA page_count") * pragma_number(database, "PRAGMA page_size");
  std::error_code error;
  const uint64_t size = std::filesystem::file_size(database.path(), error);
  if (error || size >= expected) return;
  throw FormatError(database.path() + ": cut short: expected " + std::to_string(expected) +
                    " bytes, found " + std::to_string(size) + "; restore the folder as a whole");
}

void bind_literal(Statement& statement, int parameter, const WhereLiteral& value) {
  std::visit(
      [&](const auto& v) {
        using Value = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<Value, bool>) {
          statement.bind(parameter, int64_t{v});
        } else if constexpr (std::is_same_v<Value, std::string>) {
          statement.bind(parameter, std::string_view(v));
        } else {
          statement.bind(parameter, v);
        }
      },
      value);
}

// Of what a row says about its document; SQLite itself keeps no checksums.
uint64_t row_checksum(DocId sequence, std::string_view id, std::string_view metadata,
                      std::string_view text) {
  Checksum sum;
  const uint64_t sizes[] = {sequence, id.size(), metadata.size(), text.size()};
  sum.update(std::as_bytes(std::span(sizes)));
  for (const std::string_view part : {id, metadata, text})
    sum.update(std::as_bytes(std::span(part)));
  return sum.value();
}

// A row of the columns sequence, id, metadata, text, checksum.
bool is_intact(const Statement& row) {
  return row.column_bits(4) == row_checksum(row.column_number(0), row.column_text(1),
                                            row.column_text(2), row.column_text(3));
}

}  // namespace

struct Catalog::Impl {
  Database database;

  uint64_t purged_commit() const {
    Statement row = database.prepare("SELECT purged_commit FROM state");
    return row.step() ? row.column_number(0) : 0;
  }
  void insert_documents(const CatalogChange& change) const;
  void mark_removed(const CatalogChange& change, uint64_t commit) const;
  void set_segments(const CatalogChange& change, uint64_t commit) const;
  void set_state(const CatalogChange& change, uint64_t commit) const;
  void purge(uint64_t commit) const;
};

void Catalog::create(const std::filesystem::path& path) {
  Database(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE).execute(kSchema);
}

Catalog::Catalog(const std::filesystem::path& path, Access access)
    : impl_(new Impl{Database(path, SQLITE_OPEN_READWRITE)}) {
  impl_->database.execute(access == Access::write ? kWriterSettings : kReaderSettings);
  Statement row = impl_->database.prepare("PRAGMA application_id");
  if (!row.step() || row.column_number(0) != static_cast<uint64_t>(kApplicationId)) {
    throw FormatError(path.string() + ": not a maxsimd catalog (its application id is another)");
  }
}

Catalog::Catalog(Catalog&&) noexcept = default;
Catalog& Catalog::operator=(Catalog&&) noexcept = default;
Catalog::~Catalog() = default;

CatalogState Catalog::read_state() const {
  const Database& database = impl_->database;
  Transaction transaction(database, Transaction::Kind::read);
  CatalogState state;
  read_head(database, state);
  check_size(database);
  Statement row = database.prepare(
      "SELECT number, num_documents, num_vectors, header_checksum, live FROM segments "
      "ORDER BY number");
  while (row.step()) {
    SegmentRecord record;
    record.number = row.column_number(0);
    record.num_vectors = row.column_number(2);
    record.header_checksum = row.column_bits(3);
    record.live = read_bitmap(row, 4, row.column_number(1), database.path());
    state.segments.push_back(std::move(record));
  }
  row.reset();
  transaction.commit();
  return state;
}

uint64_t Catalog::read_commit() const {
  CatalogState state;
  read_head(impl_->database, state);
  return state.commit;
}

std::optional<DocId> Catalog::find_live(std::string_view id) const {
  Statement row = impl_->database.prepare(
      "SELECT sequence FROM documents WHERE id = ?1 AND removed_at IS NULL");
  row.bind(1, id);
  if (!row.step()) return std::nullopt;
  return row.column_number(0);
}

std::optional<std::vector<DocId>> Catalog::select(const WhereSql& where, uint64_t commit) const {
  const Database& database = impl_->database;
  Transaction transaction(database, Transaction::Kind::read);
  if (impl_->purged_commit() > commit) return std::nullopt;
  Statement row = database.prepare("SELECT sequence FROM documents WHERE " + where.condition +
                                   " ORDER BY sequence");
  for (size_t p = 0; p < where.parameters.size(); ++p) {
    bind_literal(row, static_cast<int>(p) + 1, where.parameters[p]);
  }
  std::vector<DocId> documents;
  while (row.step()) documents.push_back(row.column_number(0));
  row.reset();
  transaction.commit();
  return documents;
}

std::optional<std::vector<DocumentRecord>> Catalog::read_records(
    std::span<const DocId> documents) const {
  const Database& database = impl_->database;
  Transaction transaction(database, Transaction::Kind::read);
  Statement row = database.prepare(
      "SELECT sequence, id, metadata, text, checksum FROM documents WHERE sequence = ?1");
  std::vector<DocumentRecord> records;
  records.reserve(documents.size());
  for (const DocId document : documents) {
    row.bind(1, document);
    if (!row.step()) return std::nullopt;
    if (!is_intact(row)) {
      throw FormatError(database.path() + ": the row of document number " +
                        std::to_string(document) + " is damaged; run maxsimd verify");
    }
    records.push_back({document, std::string(row.column_text(1)), std::string(row.column_text(2)),
                       std::string(row.column_text(3))});
    row.reset();
  }
  transaction.commit();
  return records;
}

bool Catalog::for_each_row(uint64_t commit,
                           const std::function<void(const CheckedRow&)>& call) const {
  const Database& database = impl_->database;
  Transaction transaction(database, Transaction::Kind::read);
  if (impl_->purged_commit() > commit) return false;
  Statement row = database.prepare(
      "SELECT sequence, id, metadata, text, checksum, removed_at IS NULL OR removed_at > ?1 "
      "FROM documents ORDER BY sequence");
  row.bind(1, commit);
  while (row.step()) {
    call({row.column_number(0), row.column_text(1), row.column_number(5) != 0, is_intact(row)});
  }
  row.reset();
  transaction.commit();
  return true;
}

uint64_t Catalog::num_removed() const {
  Statement row =
      impl_->database.prepare("SELECT count(*) FROM documents WHERE removed_at IS NOT NULL");
  return row.step() ? row.column_number(0) : 0;
}

std::vector<uint64_t> Catalog::dropped_segments() const {
  Statement row = impl_->database.prepare("SELECT number FROM dropped ORDER BY number");
  std::vector<uint64_t> numbers;
  while (row.step()) numbers.push_back(row.column_number(0));
  return numbers;
}

std::vector<std::string> Catalog::integrity_problems() const {
  Statement row = impl_->database.prepare("PRAGMA integrity_check(20)");
  std::vector<std::string> problems;
  while (row.step()) {
    if (row.column_text(0) != "ok") problems.emplace_back(row.column_text(0));
  }
  return problems;
}

uint64_t Catalog::payload_bytes() const {
  Statement row = impl_->database.prepare(
      "SELECT coalesce(sum(coalesce(length(CAST(metadata AS BLOB)), 0) + "
      "coalesce(length(CAST(text AS BLOB)), 0)), 0) FROM documents");
  return row.step() ? row.column_number(0) : 0;
}

void Catalog::apply(const CatalogChange& change) {
  const uint64_t commit = change.old_commit + 1;
  Transaction transaction(impl_->database, Transaction::Kind::write);
  if (read_commit() != change.old_commit) {
    throw IoError(
        impl_->database.path() +
        ": another writer has committed meanwhile, in spite of the lock; is the folder on "
        "a file system without locks?");
  }
  impl_->mark_removed(change, commit);
  impl_->insert_documents(change);
  impl_->set_segments(change, commit);
  impl_->set_state(change, commit);
  if (change.purge) impl_->purge(commit);
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
    insert.bind(5, row_checksum(document.sequence, document.id, document.metadata, document.text))
        .run();
  }
}

void Catalog::Impl::set_segments(const CatalogChange& change, uint64_t commit) const {
  Statement set = database.prepare(
      "INSERT OR REPLACE INTO segments (number, num_documents, num_vectors, header_checksum, live) "
      "VALUES (?1, ?2, ?3, ?4, ?5)");
  for (const SegmentRecord& record : change.segments) {
    set.bind(1, record.number)
        .bind(2, uint64_t{record.live.size()})
        .bind(3, record.num_vectors)
        .bind(4, record.header_checksum)
        .bind(5, std::as_bytes(record.live.words()))
        .run();
  }
  database.prepare("DELETE FROM dropped WHERE commit_number < ?1").bind(1, commit).run();
  Statement drop = database.prepare("DELETE FROM segments WHERE number = ?1");
  Statement note = database.prepare("INSERT INTO dropped (number, commit_number) VALUES (?1, ?2)");
  for (const uint64_t number : change.dropped) {
    drop.bind(1, number).run();
    note.bind(1, number).bind(2, commit).run();
  }
}

void Catalog::Impl::set_state(const CatalogChange& change, uint64_t commit) const {
  Statement set = database.prepare(
      "UPDATE state SET commit_number = ?1, next_sequence = ?2, next_segment = ?3, id_type = ?4");
  set.bind(1, commit).bind(2, change.next_sequence).bind(3, change.next_segment);
  if (change.id_type) {
    set.bind(4, id_type_name(*change.id_type));
  } else {
    set.bind_null(4);
  }
  set.run();
}

// A snapshot taken just before the last commit may still be asked for its rows.
void Catalog::Impl::purge(uint64_t commit) const {
  if (commit < 2) return;
  database
      .prepare(
          "UPDATE state SET purged_commit = max(purged_commit, coalesce("
          "(SELECT max(removed_at) FROM documents WHERE removed_at <= ?1), 0))")
      .bind(1, commit - 2)
      .run();
  database.prepare("DELETE FROM documents WHERE removed_at <= ?1").bind(1, commit - 2).run();
}

void Catalog::vacuum() {
  Statement row = impl_->database.prepare("PRAGMA freelist_count");
  const bool has_free_pages = row.step() && row.column_number(0) > 0;
  row.reset();
  if (has_free_pages) impl_->database.execute("VACUUM");
}

}  // namespace maxsimd
