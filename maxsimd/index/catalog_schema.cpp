#include <bit>

#include "maxsimd/base/checksum.h"
#include "maxsimd/index/catalog_impl.h"

namespace maxsimd {
namespace {

using detail::Database;
using detail::Statement;
using detail::Transaction;

constexpr const char* kSettings = R"(
PRAGMA page_size = 4096;
PRAGMA journal_mode = DELETE;
PRAGMA synchronous = EXTRA;
PRAGMA application_id = 1297634125;
)";

struct SchemaPart {
  const char* name;
  const char* type;
  const char* table;
  const char* sql;  // to the letter what SQLite keeps of it
};

// `metadata` comes before `text`, so that a scan for a condition need not read long texts.
constexpr SchemaPart kSchema[] = {
    {"state", "table", "state", R"(CREATE TABLE state (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  commit_number INTEGER NOT NULL,
  next_sequence INTEGER NOT NULL,
  next_segment INTEGER NOT NULL,
  id_type TEXT,
  purged_commit INTEGER NOT NULL,
  checksum INTEGER NOT NULL
))"},
    {"segments", "table", "segments", R"(CREATE TABLE segments (
  number INTEGER PRIMARY KEY,
  num_documents INTEGER NOT NULL,
  num_vectors INTEGER NOT NULL,
  header_checksum INTEGER NOT NULL,
  live BLOB NOT NULL,
  checksum INTEGER NOT NULL
))"},
    {"codebooks", "table", "codebooks", R"(CREATE TABLE codebooks (
  number INTEGER PRIMARY KEY,
  header_checksum INTEGER NOT NULL,
  num_added INTEGER NOT NULL,
  added_error REAL NOT NULL,
  checksum INTEGER NOT NULL
))"},
    {"dropped", "table", "dropped", R"(CREATE TABLE dropped (
  number INTEGER PRIMARY KEY,
  commit_number INTEGER NOT NULL
))"},
    {"documents", "table", "documents", R"(CREATE TABLE documents (
  sequence INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  removed_at INTEGER,
  checksum INTEGER NOT NULL,
  metadata TEXT,
  text TEXT
))"},
    {"live_ids", "index", "documents",
     "CREATE UNIQUE INDEX live_ids ON documents (id) WHERE removed_at IS NULL"},
    {"removed_documents", "index", "documents",
     "CREATE INDEX removed_documents ON documents (removed_at) WHERE removed_at IS NOT NULL"},
};

}  // namespace

void create_tables(const Database& database) {
  database.execute(kSettings);
  Transaction transaction(database, Transaction::Kind::write);
  for (const SchemaPart& part : kSchema) database.execute(part.sql);
  const CatalogHead first;
  database.prepare("INSERT INTO state VALUES (1, 0, 0, 1, NULL, 0, ?1)")
      .bind(1, head_checksum(first))
      .run();
  transaction.commit();
}

std::vector<std::string> schema_problems(const Database& database) {
  std::vector<std::string> problems;
  Statement row = database.prepare("SELECT sql, type, tbl_name FROM sqlite_master WHERE name = ?1");
  for (const SchemaPart& part : kSchema) {
    row.bind(1, std::string_view(part.name));
    if (!row.step()) {
      problems.push_back(std::string(part.name) + " is missing");
    } else if (row.column_text(0) != part.sql || row.column_text(1) != part.type ||
               row.column_text(2) != part.table) {
      problems.push_back(std::string(part.name) + " is not as this version of maxsimd makes it");
    }
    row.reset();
  }
  Statement all = database.prepare("SELECT count(*) FROM sqlite_master");
  if (problems.empty() && all.step() && all.column_number(0) != std::size(kSchema)) {
    problems.emplace_back("there are tables, indexes or triggers that are not ours");
  }
  return problems;
}

std::string_view id_type_name(IdType type) {
  return type == IdType::integer ? "integer" : "string";
}

uint64_t head_checksum(const CatalogHead& head) {
  const uint64_t id_type = !head.id_type ? 0 : *head.id_type == IdType::string ? 1 : 2;
  const uint64_t values[] = {head.commit, head.next_sequence, head.next_segment, id_type,
                             head.purged_commit};
  Checksum sum;
  sum.update(std::as_bytes(std::span(values)));
  return sum.value();
}

uint64_t segment_checksum(const SegmentRecord& record) {
  const uint64_t values[] = {record.number, record.live.size(), record.num_vectors,
                             record.header_checksum};
  Checksum sum;
  sum.update(std::as_bytes(std::span(values)));
  sum.update(std::as_bytes(record.live.words()));
  return sum.value();
}

uint64_t codebook_checksum(const CodebookRecord& record) {
  const uint64_t values[] = {record.number, record.header_checksum, record.num_added,
                             std::bit_cast<uint64_t>(record.added_error)};
  Checksum sum;
  sum.update(std::as_bytes(std::span(values)));
  return sum.value();
}

uint64_t document_checksum(DocId sequence, std::string_view id, std::string_view metadata,
                           std::string_view text) {
  const uint64_t values[] = {sequence, id.size(), metadata.size(), text.size()};
  Checksum sum;
  sum.update(std::as_bytes(std::span(values)));
  for (const std::string_view part : {id, metadata, text}) {
    sum.update(std::as_bytes(std::span(part)));
  }
  return sum.value();
}

}  // namespace maxsimd
