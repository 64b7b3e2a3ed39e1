#include "maxsimd/data/distillation_rows.h"

#include <algorithm>
#include <atomic>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "maxsimd/base/errors.h"
#include "maxsimd/data/rows_checksum.h"
#include "maxsimd/data/table_values.h"
#include "maxsimd/data/text_table.h"

namespace maxsimd {
namespace {

using Problem = std::optional<std::string>;
using Json = nlohmann::json;

constexpr const char* kQueryId = "query_id";
constexpr const char* kDocumentIds = "document_ids";
constexpr const char* kQuery = "query";
constexpr const char* kDocuments = "documents";
constexpr const char* kScores = "scores";

template <class Columns>
bool has_all(const Columns& columns, std::initializer_list<std::string_view> names) {
  return std::ranges::all_of(names, [&](std::string_view name) {
    return std::ranges::find(columns, name) != columns.end();
  });
}

template <class Columns>
bool has_ids(const Columns& columns) {
  return has_all(columns, {kQueryId, kDocumentIds, kScores});
}

template <class Columns>
bool has_texts(const Columns& columns) {
  return has_all(columns, {kQuery, kDocuments, kScores});
}

TsvColumns tsv_columns() {
  return {{kQueryId, kDocumentIds, kScores}, [](const std::vector<std::string_view>& fields) {
            return has_ids(fields) || has_texts(fields);
          }};
}

template <class Out>
Problem take_cell(const char* column, Json& cells, Problem (*take)(const std::string&, Json&, Out&),
                  Out& out) {
  const auto cell = cells.find(column);
  if (cell == cells.end()) return std::string("no column '") + column + "'";
  return take(column, *cell, out);
}

}  // namespace

DistillationRows::DistillationRows(DistillationRows&&) noexcept = default;
DistillationRows& DistillationRows::operator=(DistillationRows&&) noexcept = default;
DistillationRows::~DistillationRows() = default;

DistillationRows::DistillationRows(TableFiles tables, const DistillationOptions& options)
    : options_(options), tables_(std::move(tables)) {
  if (options.n_ways == 0) throw std::invalid_argument("n_ways: expected at least 1, got 0");
}

DistillationRows DistillationRows::open(const DistillationFiles& files,
                                        const DistillationOptions& options) {
  const TableOptions table_options{.tsv = tsv_columns(),
                                   .temporary_folder = options.temporary_folder};
  TableFiles tables = TableFiles::open(files.rows, table_options, "distillation rows");
  // KDProcessing puts the texts beside the ids.
  const bool has_tables = !files.queries.empty() || !files.documents.empty();
  const bool texts_are_there = !has_tables && has_texts(tables.columns());
  if (!has_ids(tables.columns()) || texts_are_there) return of_texts(std::move(tables), options);
  if (files.queries.empty() || files.documents.empty()) {
    throw std::invalid_argument(tables.name() +
                                ": its rows hold ids; give the files of queries and documents");
  }
  DistillationRows rows(std::move(tables), options);
  rows.queries_ = std::make_unique<TextTable>(
      TextTable::open(files.queries, kQueryId, options.temporary_folder));
  rows.documents_ = std::make_unique<TextTable>(
      TextTable::open(files.documents, "document_id", options.temporary_folder));
  rows.read_first_row();
  return rows;
}

DistillationRows DistillationRows::of_texts(TableFiles tables, const DistillationOptions& options) {
  if (!has_texts(tables.columns())) {
    throw FormatError(tables.name() +
                      ": expected the columns query_id, document_ids and scores (or query, "
                      "documents and scores)");
  }
  DistillationRows rows(std::move(tables), options);
  rows.read_first_row();
  return rows;
}

void DistillationRows::read_first_row() {
  ways_ = row(0).documents.size();
}

void DistillationRows::check_row_number(uint64_t row) const {
  if (row < size()) return;
  throw std::invalid_argument("distillation rows: expected a row below " + std::to_string(size()) +
                              ", got " + std::to_string(row));
}

std::string DistillationRows::where(uint64_t row) const {
  check_row_number(row);
  return tables_.where(row);
}

std::optional<std::string> DistillationRows::read_texts_of_ids(Json& cells, DistillationRow& out,
                                                               uint64_t& missing) const {
  std::string query;
  std::vector<std::string> ids;
  if (Problem problem = take_cell(kQueryId, cells, take_id, query)) return problem;
  if (Problem problem = take_cell(kDocumentIds, cells, take_ids, ids)) return problem;
  if (ids.size() != out.scores.size()) {
    return std::to_string(ids.size()) + " document_ids and " + std::to_string(out.scores.size()) +
           " scores; expected one score a document";
  }
  const std::optional<uint64_t> query_row = queries_->find(query);
  if (!query_row) return "no query has the id '" + query + "'";
  if (Problem problem = queries_->read(*query_row, out.query)) return problem;
  ids.resize(std::min(ids.size(), options_.n_ways));
  for (const std::string& id : ids) {
    std::string& text = out.documents.emplace_back();
    const std::optional<uint64_t> document = documents_->find(id);
    if (!document && !options_.allow_missing_documents)
      return "no document has the id '" + id + "'";
    missing += document ? 0 : 1;
    if (!document) continue;
    if (Problem problem = documents_->read(*document, text)) return problem;
  }
  return std::nullopt;
}

std::optional<std::string> DistillationRows::read(uint64_t row, DistillationRow& out,
                                                  uint64_t& missing) const {
  Json cells;
  if (Problem problem = tables_.read(row, cells)) return problem;
  if (Problem problem = take_cell(kScores, cells, take_numbers, out.scores)) return problem;
  if (documents_ != nullptr) {
    if (Problem problem = read_texts_of_ids(cells, out, missing)) return problem;
  } else {
    if (Problem problem = take_cell(kQuery, cells, take_text, out.query)) return problem;
    if (Problem problem = take_cell(kDocuments, cells, take_texts, out.documents)) return problem;
    if (out.documents.size() != out.scores.size()) {
      return std::to_string(out.documents.size()) + " documents and " +
             std::to_string(out.scores.size()) + " scores; expected one score a document";
    }
    out.documents.resize(std::min(out.documents.size(), options_.n_ways));
  }
  out.scores.resize(out.documents.size());
  if (out.documents.empty()) return "no documents";
  if (ways_ == 0 || out.documents.size() == ways_) return std::nullopt;
  return std::to_string(out.documents.size()) + " documents; the first row has " +
         std::to_string(ways_) + " that count, expected as many in all rows (lower n_ways)";
}

DistillationRow DistillationRows::row(uint64_t row) const {
  check_row_number(row);
  DistillationRow out;
  uint64_t missing = 0;
  if (const Problem problem = read(row, out, missing)) {
    throw FormatError(where(row) + ": " + *problem);
  }
  return out;
}

CheckedDistillationRows DistillationRows::check(ThreadPool& pool) const {
  RowsChecksum checksum;
  std::atomic<uint64_t> missing{0};
  tables_.check(
      [&](uint64_t row) {
        DistillationRow out;
        uint64_t of_row = 0;
        Problem problem = read(row, out, of_row);
        missing += of_row;
        out.documents.push_back(std::move(out.query));
        checksum.add(row, out.documents, out.scores);
        return problem;
      },
      pool);
  return {.checksum = checksum.value(), .num_missing = missing};
}

}  // namespace maxsimd
