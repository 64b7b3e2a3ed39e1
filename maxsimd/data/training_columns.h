// Which column of a training table holds what.
//
// By their names: the query is `question`, `query` or `anchor` (the first of these that the table
// has), the positive `answer` or `positive`, and every column whose name begins with `negative` is
// a negative, in natural order (negative_2 before negative_10). A negative column of lists is one
// column for each text of the list. Other columns are not used.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "maxsimd/base/types.h"
#include "maxsimd/data/table_file.h"

namespace maxsimd {

enum class ColumnRole { query, positive, negative };

/// A column that is trained on.
struct TrainingColumn {
  std::string name;
  ColumnRole role = ColumnRole::query;
  TextKind kind = TextKind::query;  // how its texts are encoded
  std::optional<size_t> element;    // in a column of lists: which text of the list
};

struct ColumnChoice {
  ColumnRole role = ColumnRole::query;
  std::string name;
};

struct ColumnOptions {
  /// These and no others, whatever they are called: one query, one positive, any number of
  /// negatives. Empty: by their names.
  std::vector<ColumnChoice> columns;
  /// As PyLate's ColBERTCollator has it (pylate/utils/collator.py): all columns in the order of the
  /// file but those with "_id" in their names, `dataset_name`, and the first of `label` and
  /// `scores`; the first is matched with the others. A column is encoded as a query if its name
  /// holds "query" or "anchor", so `question` is encoded as a document. Not with `columns`.
  bool pylate_columns = false;
};

/// The columns trained on: the query, the positive, then the negatives.
struct TrainingColumns {
  std::vector<TrainingColumn> columns;
  std::vector<std::string> ignored;      // in the order of the file
  std::vector<std::string> empty_lists;  // columns of negatives whose list is empty: also ignored
  std::vector<std::string> warnings;     // what nobody may expect: PyLate's rule, no header line,
                                      // lists of no negatives
};

/// "columns not used: a, b" for people; empty when all are.
std::string unused_columns_text(const TrainingColumns& columns);

/// A column of a table.
struct TableColumn {
  std::string name;
  std::optional<size_t> list_size;  // of its list in the first row
};

/// Words "query=COLUMN", "positive=COLUMN", "negative=COLUMN", in any order; or the columns alone:
/// query, positive, then negatives. Throws std::invalid_argument.
std::vector<ColumnChoice> parse_column_choices(std::span<const std::string> words);

/// Throws FormatError when the table `name` has no column for a role that is needed,
/// std::invalid_argument for options that make no sense and for a column that they name and the
/// table lacks.
TrainingColumns choose_columns(std::span<const TableColumn> table, const std::string& name,
                               const ColumnOptions& options);

/// Whether choose_columns() would use a column of this name: one that some rows have and the first
/// has not makes rows of different shapes.
bool is_training_column(std::string_view name, const ColumnOptions& options);

/// The role a column's name stands for.
std::optional<ColumnRole> role_of_column(std::string_view name);

/// Runs of digits count as numbers, other characters as bytes: negative_2 before negative_10.
bool natural_less(std::string_view a, std::string_view b);

/// Without header: query, positive, negative, negative_2 ...; a first line is a header when one of
/// its fields is the name of a query and one that of a positive, or, with ColumnOptions::columns,
/// when it has all of these.
TsvColumns training_tsv_columns(const ColumnOptions& options = {});

}  // namespace maxsimd
