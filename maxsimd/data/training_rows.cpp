#include "maxsimd/data/training_rows.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "maxsimd/base/errors.h"
#include "maxsimd/data/rows_checksum.h"
#include "maxsimd/data/table_values.h"

namespace maxsimd {
namespace {

using Problem = std::optional<std::string>;
using Json = nlohmann::json;

std::string in_quotes(const std::string& name) {
  return Json(name).dump();
}

std::vector<TableColumn> columns_of(const TableFiles& tables) {
  const Json first = tables.row(0);
  std::vector<TableColumn> columns;
  for (std::string& name : tables.columns()) {
    const Json& cell = first.at(name);
    columns.push_back({std::move(name), std::nullopt});
    if (cell.is_array()) columns.back().list_size = cell.size();
  }
  return columns;
}

// A list has as many texts as that of the first row.
Problem check_list(const std::string& name, size_t list_size, const Json& cell) {
  if (!cell.is_array()) return in_quotes(name) + " is no list; it is one in the first row";
  if (cell.size() == list_size) return std::nullopt;
  return in_quotes(name) + " has " + std::to_string(cell.size()) + " texts; the first row has " +
         std::to_string(list_size);
}

Problem take_element(const TrainingColumn& column, size_t list_size, Json& cell, std::string& out) {
  if (Problem problem = check_list(column.name, list_size, cell)) return problem;
  return take_text(column.name, cell[*column.element], out);
}

std::string no_header_text(const TableFile& table) {
  std::string text = table.name() + ": no header line: its columns are ";
  const std::vector<std::string> names = table.columns();
  for (size_t i = 0; i < names.size(); ++i) text.append(i == 0 ? "" : ", ").append(names[i]);
  return text;
}

}  // namespace

TrainingRows TrainingRows::open(std::span<const std::filesystem::path> paths,
                                const TrainingRowsOptions& options) {
  const TableOptions table_options{.tsv = training_tsv_columns(options.columns),
                                   .temporary_folder = options.temporary_folder,
                                   .max_row_bytes = options.max_row_bytes};
  return {TableFiles::open(paths, table_options, "training rows"), options.columns};
}

TrainingRows::TrainingRows(TableFiles tables, const ColumnOptions& options)
    : options_(options), tables_(std::move(tables)) {
  const std::vector<TableColumn> columns = columns_of(tables_);
  columns_ = choose_columns(columns, tables_.name(), options_);
  for (const TableFile& table : tables_.tables()) {
    if (table.is_headerless()) columns_.warnings.push_back(no_header_text(table));
  }
  for (const TableColumn& column : columns) known_columns_.push_back(column.name);
  std::ranges::sort(known_columns_);
  for (const uint64_t first : tables_.first_rows()) row(first);
}

void TrainingRows::check_row_number(uint64_t row) const {
  if (row < size()) return;
  throw std::invalid_argument("training rows: expected a row below " + std::to_string(size()) +
                              ", got " + std::to_string(row));
}

std::string TrainingRows::where(uint64_t row) const {
  check_row_number(row);
  return tables_.where(row);
}

std::optional<std::string> TrainingRows::read(uint64_t row, std::vector<std::string>& texts) const {
  Json cells;
  if (Problem problem = tables_.read(row, cells)) return problem;
  texts.assign(columns_.columns.size(), {});
  for (size_t i = 0; i < texts.size(); ++i) {
    const TrainingColumn& column = columns_.columns[i];
    const auto cell = cells.find(column.name);
    if (cell == cells.end()) {
      return "no column " + in_quotes(column.name) + "; the first row has it (" + where(0) + ")";
    }
    const size_t list_size = static_cast<size_t>(
        std::ranges::count(columns_.columns, column.name, &TrainingColumn::name));
    Problem problem = column.element ? take_element(column, list_size, *cell, texts[i])
                                     : take_text(column.name, *cell, texts[i]);
    if (problem) return problem;
  }
  for (const std::string& name : columns_.empty_lists) {
    const auto cell = cells.find(name);
    if (cell == cells.end()) continue;
    if (Problem problem = check_list(name, 0, *cell)) return problem;
  }
  for (const auto& [name, cell] : cells.items()) {
    if (std::ranges::binary_search(known_columns_, name)) continue;
    if (is_training_column(name, options_)) {
      return "column " + in_quotes(name) + " is not in the first row (" + where(0) +
             "); expected the same columns in all rows";
    }
  }
  return std::nullopt;
}

std::vector<std::string> TrainingRows::row(uint64_t row) const {
  check_row_number(row);
  std::vector<std::string> texts;
  if (const Problem problem = read(row, texts)) throw FormatError(where(row) + ": " + *problem);
  return texts;
}

std::vector<std::string> TrainingRows::ids(uint64_t row, const std::string& column) const {
  check_row_number(row);
  Json cells = tables_.row(row);
  const auto cell = cells.find(column);
  if (cell == cells.end()) throw FormatError(where(row) + ": no column " + in_quotes(column));
  std::vector<std::string> ids(1);
  const bool is_list =
      cell->is_array() || (cell->is_string() && cell->get_ref<std::string&>().starts_with('['));
  if (const Problem problem =
          is_list ? take_ids(column, *cell, ids) : take_id(column, *cell, ids[0])) {
    throw FormatError(where(row) + ": " + *problem);
  }
  return ids;
}

uint64_t TrainingRows::check(ThreadPool& pool) const {
  RowsChecksum checksum;
  tables_.check(
      [&](uint64_t row) {
        std::vector<std::string> texts;
        Problem problem = read(row, texts);
        checksum.add(row, texts);
        return problem;
      },
      pool);
  return checksum.value();
}

}  // namespace maxsimd
