// Knowledge distillation: a query, some documents, and a teacher's score of each.
//
//   {"query": "...", "documents": ["...", ...], "scores": [9.5, ...]}
//
// or a table in another format of table_file.h with these columns, its lists as texts of lists
// (table_values.h). The query may also be called "question" or "anchor"; other columns are passed
// over. distillation_rows.h reads them in any order, and rows of ids.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "maxsimd/base/json.h"
#include "maxsimd/data/table_file.h"

namespace maxsimd {

struct DistillationRow {
  std::string query;
  std::vector<std::string> documents;  // at least one
  std::vector<double> scores;          // [documents], finite
};

using DistillationCallback = std::function<void(DistillationRow& row)>;

/// Takes a row out of the cells of a table. Returns what is wrong: a column that is missing, other
/// numbers of documents and scores.
std::optional<std::string> take_distillation_row(nlohmann::json& cells, DistillationRow& row);

/// Calls back once a row, in file order; parts of the row may be moved away. Returns how many there
/// were. Throws as TableFile::open(), FormatError (file:line).
uint64_t read_distillation(const std::filesystem::path& path, const DistillationCallback& callback);
uint64_t read_distillation(const TableFile& table, const DistillationCallback& callback);

}  // namespace maxsimd
