// What is read of the catalog.
#include <algorithm>
#include <bit>
#include <cstring>

#include "maxsimd/base/errors.h"
#include "maxsimd/index/catalog_impl.h"

namespace maxsimd {
namespace {

using detail::Database;
using detail::Statement;
using detail::Transaction;
using Clock = std::chrono::steady_clock;

// No index counts that far; what a writer goes on counting to from here fits SQLite's integers.
constexpr uint64_t kLargestNumber = uint64_t{1} << 62;

static_assert(std::endian::native == std::endian::little, "bitmaps are stored little-endian");

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

// A row of the columns sequence, id, metadata, text, checksum.
bool is_intact(const Statement& row) {
  return row.column_bits(4) == document_checksum(row.column_number(0), row.column_text(1),
                                                 row.column_text(2), row.column_text(3));
}

}  // namespace

bool are_possible(const CatalogHead& head) {
  return std::max({head.commit, head.next_sequence, head.next_segment}) <= kLargestNumber;
}

CatalogHead Catalog::Impl::read_head() const {
  Statement row = database.prepare(
      "SELECT commit_number, next_sequence, next_segment, id_type, purged_commit, checksum "
      "FROM state");
  if (!row.step()) throw FormatError(database.path() + ": holds no state; the catalog is damaged");
  CatalogHead head{.commit = row.column_number(0),
                   .next_sequence = row.column_number(1),
                   .next_segment = row.column_number(2),
                   .purged_commit = row.column_number(4)};
  const std::string_view name = row.column_text(3);
  if (!row.is_null(3)) head.id_type = name == "integer" ? IdType::integer : IdType::string;
  if ((head.id_type && name != id_type_name(*head.id_type)) ||
      row.column_bits(5) != head_checksum(head)) {
    throw FormatError(database.path() +
                      ": the row of the last commit is damaged: its checksum does not fit; restore "
                      "the folder as a whole");
  }
  if (head.purged_commit > head.commit || !are_possible(head)) {
    throw FormatError(database.path() +
                      ": the row of the last commit holds numbers that no commit can have; restore "
                      "the folder as a whole");
  }
  return head;
}

std::vector<SegmentRecord> Catalog::Impl::read_segments() const {
  std::vector<SegmentRecord> segments;
  Statement row = database.prepare(
      "SELECT number, num_documents, num_vectors, header_checksum, live, checksum FROM segments "
      "ORDER BY number");
  while (row.step()) {
    SegmentRecord record{.number = row.column_number(0),
                         .num_vectors = row.column_number(2),
                         .header_checksum = row.column_bits(3),
                         .live = read_bitmap(row, 4, row.column_number(1), database.path())};
    if (row.column_bits(5) != segment_checksum(record)) {
      throw FormatError(database.path() + ": the row of segment " + std::to_string(record.number) +
                        " is damaged: its checksum does not fit; restore the folder as a whole");
    }
    segments.push_back(std::move(record));
  }
  return segments;
}

std::vector<uint64_t> Catalog::Impl::read_dropped() const {
  Statement row = database.prepare("SELECT number FROM dropped ORDER BY number");
  std::vector<uint64_t> numbers;
  while (row.step()) numbers.push_back(row.column_number(0));
  return numbers;
}

std::optional<CodebookRecord> Catalog::Impl::read_codebook() const {
  Statement row = database.prepare(
      "SELECT number, header_checksum, num_added, added_error, checksum FROM codebooks");
  if (!row.step()) return std::nullopt;
  const CodebookRecord record{.number = row.column_number(0),
                              .header_checksum = row.column_bits(1),
                              .num_added = row.column_number(2),
                              .added_error = row.column_real(3)};
  if (row.column_bits(4) == codebook_checksum(record) && record.added_error >= 0.0 && !row.step()) {
    return record;
  }
  throw FormatError(database.path() +
                    ": the row of the codebook is damaged: it is not alone, or its checksum does "
                    "not fit; restore the folder as a whole");
}

bool Catalog::Impl::for_each_document(const DocumentScan& scan, const RowCall& call) const {
  const int from = scan.num_parameters + 1;
  std::string sql = "SELECT sequence, ";
  sql.append(scan.columns).append(" FROM documents WHERE sequence >= ?");
  sql.append(std::to_string(from)).append(" ORDER BY sequence");
  DocId next = 0;
  for (;;) {
    Transaction transaction(database, Transaction::Kind::read);
    const CatalogHead head = read_head();
    if (scan.commit && head.purged_commit > *scan.commit) return false;
    const auto deadline = Clock::now() + kLongestRead;
    Statement row = database.prepare(sql);
    scan.bind(row);
    row.bind(from, next);
    bool is_late = false;
    while (!is_late && row.step()) {
      next = row.column_number(0) + 1;
      call(row, head);
      is_late = Clock::now() > deadline;
    }
    row.reset();
    transaction.commit();
    if (!is_late) return true;
  }
}

CatalogState Catalog::read_state() const {
  Transaction transaction(impl_->database, Transaction::Kind::read);
  const CatalogHead head = impl_->read_head();
  check_size(impl_->database);
  CatalogState state{.commit = head.commit,
                     .next_sequence = head.next_sequence,
                     .next_segment = head.next_segment,
                     .id_type = head.id_type,
                     .purged_commit = head.purged_commit,
                     .codebook = impl_->read_codebook(),
                     .segments = impl_->read_segments(),
                     .dropped = impl_->read_dropped()};
  transaction.commit();
  return state;
}

uint64_t Catalog::read_commit() const {
  return impl_->read_head().commit;
}

std::optional<DocId> Catalog::find_live(std::string_view id) const {
  Statement row = impl_->database.prepare(
      "SELECT sequence FROM documents WHERE id = ?1 AND removed_at IS NULL");
  row.bind(1, id);
  if (!row.step()) return std::nullopt;
  return row.column_number(0);
}

std::optional<std::vector<DocId>> Catalog::select(const WhereSql& where, uint64_t commit) const {
  std::vector<DocId> documents;
  const auto bind = [&](Statement& row) {
    for (size_t p = 0; p < where.parameters.size(); ++p) {
      bind_literal(row, static_cast<int>(p) + 1, where.parameters[p]);
    }
  };
  const bool complete =
      impl_->for_each_document({.columns = "(" + where.condition + ")",
                                .commit = commit,
                                .num_parameters = static_cast<int>(where.parameters.size()),
                                .bind = bind},
                               [&](const Statement& row, const CatalogHead&) {
                                 if (row.column_bits(1) == 1)
                                   documents.push_back(row.column_number(0));
                               });
  if (!complete) return std::nullopt;
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
  return impl_->for_each_document(
      {.columns = "id, metadata, text, checksum, removed_at", .commit = commit},
      [&](const Statement& row, const CatalogHead& head) {
        const bool is_live = row.is_null(5);
        const uint64_t removed_at = is_live ? 0 : row.column_bits(5);
        call({.document = row.column_number(0),
              .id = row.column_text(1),
              .live = is_live || removed_at > commit,
              .intact = is_intact(row),
              .possible = row.column_number(0) < head.next_sequence && removed_at <= head.commit});
      });
}

uint64_t Catalog::payload_bytes() const {
  uint64_t total = 0;
  impl_->for_each_document(
      {.columns = "coalesce(length(CAST(metadata AS BLOB)), 0) + "
                  "coalesce(length(CAST(text AS BLOB)), 0)"},
      [&](const Statement& row, const CatalogHead&) { total += row.column_number(1); });
  return total;
}

void Catalog::check_removals() const {
  Statement row = impl_->database.prepare(
      "SELECT count(*) FROM documents WHERE removed_at IS NOT NULL AND "
      "(removed_at < 1 OR removed_at > (SELECT commit_number FROM state))");
  if (!row.step() || row.column_number(0) == 0) return;
  throw FormatError(impl_->database.path() + ": " + std::to_string(row.column_number(0)) +
                    " documents are removed by a commit that is still to come; the catalog is "
                    "damaged: restore the folder as a whole");
}

uint64_t Catalog::num_removed() const {
  Statement row =
      impl_->database.prepare("SELECT count(*) FROM documents WHERE removed_at IS NOT NULL");
  return row.step() ? row.column_number(0) : 0;
}

uint64_t Catalog::num_without_text() const {
  Statement row = impl_->database.prepare(
      "SELECT count(*) FROM documents WHERE removed_at IS NULL AND text IS NULL");
  return row.step() ? row.column_number(0) : 0;
}

std::vector<std::string> Catalog::integrity_problems() const {
  Statement row = impl_->database.prepare("PRAGMA integrity_check(20)");
  std::vector<std::string> problems;
  while (row.step()) {
    if (row.column_text(0) != "ok") problems.emplace_back(row.column_text(0));
  }
  return problems;
}

}  // namespace maxsimd
