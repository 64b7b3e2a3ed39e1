#include "maxsimd/data/training_columns.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "maxsimd/base/errors.h"

namespace maxsimd {
namespace {

constexpr std::array<std::string_view, 3> kQueryNames = {"question", "query", "anchor"};
constexpr std::array<std::string_view, 2> kPositiveNames = {"answer", "positive"};
constexpr std::string_view kNegativePrefix = "negative";
constexpr std::array<std::string_view, 2> kPylateLabels = {"label", "scores"};

constexpr const char* kHint =
    "; rename them, or name them by the setting columns: query=COLUMN, positive=COLUMN, "
    "negative=COLUMN";

using Table = std::span<const TableColumn>;

std::string in_quotes(std::string_view name) {
  return std::string("'").append(name).append("'");
}

std::string listed(Table table) {
  std::string names;
  for (const TableColumn& column : table) {
    names.append(names.empty() ? "" : ", ").append(column.name);
  }
  return names;
}

template <class Names>
std::string either(const Names& names) {
  std::string out;
  for (const std::string_view name : names) {
    out.append(out.empty() ? "" : name == names.back() ? " or " : ", ").append(in_quotes(name));
  }
  return out;
}

const TableColumn* find(Table table, std::string_view name) {
  const auto found = std::ranges::find(table, name, &TableColumn::name);
  return found == table.end() ? nullptr : &*found;
}

ColumnRole role_by_place(size_t place) {
  if (place == 0) return ColumnRole::query;
  return place == 1 ? ColumnRole::positive : ColumnRole::negative;
}

TextKind kind_of(ColumnRole role) {
  return role == ColumnRole::query ? TextKind::query : TextKind::document;
}

void add(TrainingColumns& out, const TableColumn& column, ColumnRole role) {
  TrainingColumn added{column.name, role, kind_of(role), std::nullopt};
  if (role != ColumnRole::negative || !column.list_size) return out.columns.push_back(added);
  if (*column.list_size == 0) {
    out.empty_lists.push_back(column.name);
    out.warnings.push_back("column " + in_quotes(column.name) +
                           " holds lists without texts: it gives no negatives, and the rows are "
                           "trained without them");
  }
  for (size_t i = 0; i < *column.list_size; ++i) {
    added.element = i;
    out.columns.push_back(added);
  }
}

template <class Names>
void add_first(TrainingColumns& out, Table table, const std::string& name, const Names& names,
               ColumnRole role) {
  for (const std::string_view wanted : names) {
    if (const TableColumn* column = find(table, wanted)) return add(out, *column, role);
  }
  throw FormatError(name + ": no column " + either(names) + " (its columns: " + listed(table) +
                    ")" + kHint);
}

void choose_by_name(TrainingColumns& out, Table table, const std::string& name) {
  add_first(out, table, name, kQueryNames, ColumnRole::query);
  add_first(out, table, name, kPositiveNames, ColumnRole::positive);
  std::vector<TableColumn> negatives;
  for (const TableColumn& column : table) {
    if (column.name.starts_with(kNegativePrefix)) negatives.push_back(column);
  }
  std::ranges::sort(negatives, natural_less, &TableColumn::name);
  for (const TableColumn& column : negatives) add(out, column, ColumnRole::negative);
}

void check_choices(std::span<const ColumnChoice> choices) {
  for (const ColumnRole role : {ColumnRole::query, ColumnRole::positive}) {
    if (std::ranges::count(choices, role, &ColumnChoice::role) != 1) {
      throw std::invalid_argument(std::string("columns: expected one ") +
                                  (role == ColumnRole::query ? "query" : "positive") +
                                  " among the columns named: query=COLUMN, positive=COLUMN");
    }
  }
  for (size_t i = 0; i < choices.size(); ++i) {
    if (std::ranges::count(choices, choices[i].name, &ColumnChoice::name) > 1) {
      throw std::invalid_argument("columns: " + in_quotes(choices[i].name) +
                                  " is named twice; a column has one role");
    }
  }
}

void choose_by_choice(TrainingColumns& out, Table table, const std::string& name,
                      std::span<const ColumnChoice> choices) {
  check_choices(choices);
  for (const ColumnRole role : {ColumnRole::query, ColumnRole::positive, ColumnRole::negative}) {
    for (const ColumnChoice& choice : choices) {
      if (choice.role != role) continue;
      const TableColumn* column = find(table, choice.name);
      if (column == nullptr) {
        throw std::invalid_argument("columns: " + name + " has no column " +
                                    in_quotes(choice.name) + " (its columns: " + listed(table) +
                                    ")");
      }
      add(out, *column, role);
    }
  }
}

bool pylate_encodes_as_query(std::string_view name) {
  return name.find("query") != std::string_view::npos ||
         name.find("anchor") != std::string_view::npos;
}

void choose_as_pylate(TrainingColumns& out, Table table, const std::string& name) {
  std::string_view label;
  for (const std::string_view wanted : kPylateLabels) {
    if (label.empty() && find(table, wanted) != nullptr) label = wanted;
  }
  for (const TableColumn& column : table) {
    if (column.name == label || !is_training_column(column.name, {.pylate_columns = true})) {
      continue;
    }
    const ColumnRole role = role_by_place(out.columns.size());
    const bool as_query = pylate_encodes_as_query(column.name);
    out.columns.push_back(
        {column.name, role, as_query ? TextKind::query : TextKind::document, std::nullopt});
    if (as_query == (role == ColumnRole::query)) continue;
    out.warnings.push_back(
        "PyLate's rule: column " + in_quotes(column.name) +
        (as_query ? " is a document that is encoded as a query: its name holds 'query' or 'anchor'"
                  : " is the query and is encoded as a document: its name holds neither 'query' "
                    "nor 'anchor'"));
  }
  if (out.columns.size() < 2) {
    throw FormatError(name + ": expected two columns at least (its columns: " + listed(table) +
                      "); those with '_id' in their names and labels are not texts to PyLate");
  }
}

// "positive=text", or a column's name alone, whose role is that of its place.
ColumnChoice choice_of(std::string_view word, size_t place) {
  for (const auto& [prefix, role] :
       {std::pair(std::string_view("query="), ColumnRole::query),
        std::pair(std::string_view("positive="), ColumnRole::positive),
        std::pair(std::string_view("negative="), ColumnRole::negative)}) {
    if (word.starts_with(prefix)) return {role, std::string(word.substr(prefix.size()))};
  }
  return {role_by_place(place), std::string(word)};
}

bool has_name(const std::vector<std::string_view>& fields, std::string_view name) {
  return std::ranges::find(fields, name) != fields.end();
}

bool is_training_header(const std::vector<std::string_view>& fields) {
  const auto has = [&](std::string_view name) { return has_name(fields, name); };
  return std::ranges::any_of(kQueryNames, has) && std::ranges::any_of(kPositiveNames, has);
}

}  // namespace

std::string unused_columns_text(const TrainingColumns& columns) {
  std::string names;
  for (const std::string& name : columns.ignored) {
    names.append(names.empty() ? "" : ", ").append(name);
  }
  return names.empty() ? names : "columns not used: " + names;
}

std::vector<ColumnChoice> parse_column_choices(std::span<const std::string> words) {
  std::vector<ColumnChoice> choices;
  size_t num_named = 0;
  for (const std::string& word : words) {
    ColumnChoice choice = choice_of(word, choices.size());
    num_named += choice.name == word ? 0 : 1;
    if (choice.name.empty()) {
      throw std::invalid_argument("columns: no column is named in " + in_quotes(word));
    }
    choices.push_back(std::move(choice));
  }
  if (num_named != 0 && num_named != words.size()) {
    throw std::invalid_argument(
        "columns: expected query=COLUMN, positive=COLUMN, negative=COLUMN, or the columns alone");
  }
  check_choices(choices);
  return choices;
}

TrainingColumns choose_columns(std::span<const TableColumn> table, const std::string& name,
                               const ColumnOptions& options) {
  TrainingColumns out;
  if (options.pylate_columns) {
    if (!options.columns.empty()) {
      throw std::invalid_argument("columns: named columns and PyLate's rule exclude each other");
    }
    choose_as_pylate(out, table, name);
  } else if (options.columns.empty()) {
    choose_by_name(out, table, name);
  } else {
    choose_by_choice(out, table, name, options.columns);
  }
  for (const TableColumn& column : table) {
    if (std::ranges::find(out.columns, column.name, &TrainingColumn::name) == out.columns.end()) {
      out.ignored.push_back(column.name);
    }
  }
  return out;
}

bool is_training_column(std::string_view name, const ColumnOptions& options) {
  if (options.pylate_columns) {
    return name.find("_id") == std::string_view::npos && name != "dataset_name";
  }
  if (options.columns.empty()) return role_of_column(name) == ColumnRole::negative;
  return std::ranges::find(options.columns, name, &ColumnChoice::name) != options.columns.end();
}

std::optional<ColumnRole> role_of_column(std::string_view name) {
  if (std::ranges::find(kQueryNames, name) != kQueryNames.end()) return ColumnRole::query;
  if (std::ranges::find(kPositiveNames, name) != kPositiveNames.end()) return ColumnRole::positive;
  if (name.starts_with(kNegativePrefix)) return ColumnRole::negative;
  return std::nullopt;
}

bool natural_less(std::string_view a, std::string_view b) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto number_at = [&](std::string_view text, size_t& at) {
    while (at < text.size() && text[at] == '0') ++at;
    const size_t begin = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    return text.substr(begin, at - begin);
  };
  size_t i = 0;
  size_t j = 0;
  while (i < a.size() && j < b.size()) {
    if (is_digit(a[i]) && is_digit(b[j])) {
      const std::string_view x = number_at(a, i);
      const std::string_view y = number_at(b, j);
      if (x.size() != y.size()) return x.size() < y.size();
      if (x != y) return x < y;
    } else {
      if (a[i] != b[j]) return static_cast<unsigned char>(a[i]) < static_cast<unsigned char>(b[j]);
      ++i;
      ++j;
    }
  }
  if (i == a.size() && j == b.size()) return a < b;  // negative_02 and negative_2
  return i == a.size();
}

TsvColumns training_tsv_columns(const ColumnOptions& options) {
  TsvColumns columns{{"query", "positive", "negative"}, is_training_header};
  if (options.columns.empty()) return columns;
  columns.is_header = [choices = options.columns](const std::vector<std::string_view>& fields) {
    return std::ranges::all_of(
        choices, [&](const ColumnChoice& choice) { return has_name(fields, choice.name); });
  };
  return columns;
}

}  // namespace maxsimd
