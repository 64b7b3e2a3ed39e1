#include "maxsimd/data/distillation.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "maxsimd/base/errors.h"
#include "maxsimd/data/table_values.h"
#include "maxsimd/data/training_columns.h"

namespace maxsimd {
namespace {

using Problem = std::optional<std::string>;
using Json = nlohmann::json;

constexpr const char* kExpected =
    "; expected {\"query\": TEXT, \"documents\": [TEXT, ...], \"scores\": [NUMBER, ...]}";

bool is_query(const std::string& name) {
  return role_of_column(name) == ColumnRole::query;
}

Problem take_query(Json& cells, std::string& query) {
  std::string name;
  for (const auto& [column, cell] : cells.items()) {
    if (!is_query(column)) continue;
    if (!name.empty()) return "the query under two names: '" + name + "' and '" + column + "'";
    name = column;
  }
  if (name.empty()) return "no column 'query', 'question' or 'anchor'";
  return take_text(name, cells[name], query);
}

TsvColumns tsv_columns() {
  const auto is_header = [](const std::vector<std::string_view>& fields) {
    return std::ranges::find(fields, "documents") != fields.end() &&
           std::ranges::find(fields, "scores") != fields.end();
  };
  return {{"query", "documents", "scores"}, is_header};
}

}  // namespace

std::optional<std::string> take_distillation_row(Json& cells, DistillationRow& row) {
  Problem problem = take_query(cells, row.query);
  for (const char* name : {"documents", "scores"}) {
    if (!problem && !cells.contains(name)) problem = std::string("no column '") + name + "'";
  }
  if (!problem) problem = take_texts("documents", cells["documents"], row.documents);
  if (!problem) problem = take_numbers("scores", cells["scores"], row.scores);
  if (!problem && (row.documents.empty() || row.documents.size() != row.scores.size())) {
    problem = std::to_string(row.documents.size()) + " documents and " +
              std::to_string(row.scores.size()) + " scores; one score a document, at least one";
  }
  return problem ? *problem + kExpected : problem;
}

uint64_t read_distillation(const std::filesystem::path& path,
                           const DistillationCallback& callback) {
  return read_distillation(TableFile::open(path, {.tsv = tsv_columns()}), callback);
}

uint64_t read_distillation(const TableFile& table, const DistillationCallback& callback) {
  for (uint64_t number = 0; number < table.size(); ++number) {
    Json cells = table.row(number);
    DistillationRow row;
    if (const Problem problem = take_distillation_row(cells, row)) {
      throw FormatError(table.where(number) + ": " + *problem);
    }
    callback(row);
  }
  return table.size();
}

}  // namespace maxsimd
