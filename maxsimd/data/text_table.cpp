#include "maxsimd/data/text_table.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "maxsimd/base/errors.h"
#include "maxsimd/data/record.h"
#include "maxsimd/data/table_values.h"

namespace maxsimd {
namespace {

using Problem = std::optional<std::string>;

constexpr const char* kBeirId = "_id";

TsvColumns tsv_columns(const std::string& id_column) {
  const auto is_header = [id_column](const std::vector<std::string_view>& fields) {
    const auto has = [&](std::string_view name) {
      return std::ranges::find(fields, name) != fields.end();
    };
    return (has(id_column) || has(kBeirId)) && has("text");
  };
  return {{id_column, "text"}, is_header};
}

Problem take(const std::string& column, nlohmann::json& cells,
             Problem (*take_value)(const std::string&, nlohmann::json&, std::string&),
             std::string& out) {
  const auto cell = cells.find(column);
  if (cell == cells.end()) return "no column '" + column + "'";
  return take_value(column, *cell, out);
}

}  // namespace

TextTable TextTable::open(std::span<const std::filesystem::path> paths,
                          const std::string& id_column,
                          const std::filesystem::path& temporary_folder) {
  const TableOptions options{.tsv = tsv_columns(id_column), .temporary_folder = temporary_folder};
  return {TableFiles::open(paths, options, "texts by " + id_column), id_column};
}

TextTable::TextTable(TableFiles tables, const std::string& id_column)
    : tables_(std::move(tables)), id_column_(id_column) {
  const std::vector<std::string> columns = tables_.columns();
  if (std::ranges::find(columns, id_column) == columns.end()) id_column_ = kBeirId;
  if (std::ranges::find(columns, id_column_) == columns.end()) {
    throw FormatError(tables_.name() + ": no column '" + id_column + "' or '" + kBeirId + "'");
  }
  for (uint64_t row = 0; row < tables_.size(); ++row) {
    nlohmann::json cells = tables_.row(row);
    std::string id;
    if (const Problem problem = take(id_column_, cells, take_id, id)) {
      throw FormatError(tables_.where(row) + ": " + *problem);
    }
    if (const auto first = rows_.insert(id, row)) {
      throw FormatError(tables_.where(row) + ": the id '" + id + "' is that of " +
                        tables_.where(*first) + ", too; expected an id of its own for each row");
    }
  }
}

std::optional<std::string> TextTable::read(uint64_t row, std::string& text) const {
  nlohmann::json cells;
  Record record;
  Problem problem = tables_.read(row, cells);
  if (!problem) problem = take("text", cells, take_text, record.text);
  if (!problem && id_column_ == kBeirId && cells.contains("title")) {
    problem = take("title", cells, take_text, record.title);
  }
  if (problem) return tables_.where(row) + ": " + *problem;
  text = id_column_ == kBeirId ? document_text(std::move(record)) : std::move(record.text);
  return std::nullopt;
}

}  // namespace maxsimd
