#include "maxsimd/data/triplets.h"

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

/// The columns of a row by their roles.
struct RoleColumns {
  std::string query, positive;
  std::vector<std::string> negatives;
};

// Takes a name for a role that has one column.
Problem name_once(const std::string& name, std::string& of_role) {
  if (!of_role.empty()) {
    return "both " + Json(of_role).dump() + " and " + Json(name).dump() + "; expected one of them";
  }
  of_role = name;
  return std::nullopt;
}

Problem find_roles(const Json& cells, RoleColumns& columns) {
  for (const auto& [name, cell] : cells.items()) {
    const std::optional<ColumnRole> role = role_of_column(name);
    if (!role) continue;
    Problem problem;
    if (*role == ColumnRole::query) problem = name_once(name, columns.query);
    if (*role == ColumnRole::positive) problem = name_once(name, columns.positive);
    if (*role == ColumnRole::negative) columns.negatives.push_back(name);
    if (problem) return problem;
  }
  std::ranges::sort(columns.negatives, natural_less);
  if (columns.query.empty()) return "no query; expected one of \"question\", \"query\", \"anchor\"";
  if (columns.positive.empty()) return "no positive; expected one of \"answer\", \"positive\"";
  return std::nullopt;
}

Problem take_negatives(const std::string& name, Json& cell, std::vector<std::string>& negatives) {
  if (!cell.is_array()) return take_text(name, cell, negatives.emplace_back());
  for (Json& text : cell) {
    if (Problem problem = take_text(name, text, negatives.emplace_back())) return problem;
  }
  return std::nullopt;
}

Problem parse_triplet(Json& cells, Triplet& triplet) {
  RoleColumns columns;
  if (Problem problem = find_roles(cells, columns)) return problem;
  if (Problem problem = take_text(columns.query, cells[columns.query], triplet.query)) {
    return problem;
  }
  if (Problem problem = take_text(columns.positive, cells[columns.positive], triplet.positive)) {
    return problem;
  }
  for (const std::string& name : columns.negatives) {
    if (Problem problem = take_negatives(name, cells[name], triplet.negatives)) return problem;
  }
  return std::nullopt;
}

}  // namespace

uint64_t read_triplets(const std::filesystem::path& path, const TripletOptions& options,
                       const TripletCallback& callback) {
  return read_triplets(TableFile::open(path, {.tsv = training_tsv_columns()}), options, callback);
}

uint64_t read_triplets(const TableFile& table, const TripletOptions& options,
                       const TripletCallback& callback) {
  for (uint64_t row = 0; row < table.size(); ++row) {
    Json cells = table.row(row);
    Triplet triplet;
    Problem problem = parse_triplet(cells, triplet);
    if (!problem && triplet.negatives.size() < options.min_negatives) {
      problem = std::to_string(triplet.negatives.size()) + " negatives; expected at least " +
                std::to_string(options.min_negatives);
    }
    if (problem) throw FormatError(table.where(row) + ": " + *problem);
    callback(triplet);
  }
  return table.size();
}

}  // namespace maxsimd
