// What a card says about a data set: for each column "Approximate statistics based on the first
// 1000 samples", and the first three samples. Follows sentence-transformers 5.3
// (compute_dataset_metrics in model_card.py), which PyLate uses, but for two things, for which
// `pylate_details` keeps its way: PyLate counts the tokens of every column as a query's, and takes
// the mean length of lists over the distinct lengths.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "maxsimd/base/types.h"
#include "maxsimd/card/training_record.h"

namespace maxsimd {

inline constexpr size_t kNumStatisticsRows = 1000;
inline constexpr size_t kNumSampleRows = 3;

/// A column's values, of the first rows: at least min(rows of the data set, kNumStatisticsRows);
/// more are not looked at.
using ColumnValues =
    std::variant<std::vector<std::string>, std::vector<int64_t>, std::vector<double>,
                 std::vector<std::vector<std::string>>, std::vector<std::vector<double>>>;

struct DatasetColumn {
  std::string name;
  TextKind kind = TextKind::document;  // how training tokenizes its texts
  ColumnValues values;
};

/// Tokens of a text that take part in attention: prefix and special tokens, no expansion (but all
/// of query_length when the model attends to expansion tokens).
using CountTokensFn = std::function<uint64_t(const std::string& text, TextKind kind)>;

/// Fills `columns` and `samples` of the record. Throws std::invalid_argument: the columns differ in
/// length, and what `count_tokens` throws. No rows: columns without details.
void describe_columns(std::span<const DatasetColumn> columns, const CountTokensFn& count_tokens,
                      DatasetRecord& dataset);

}  // namespace maxsimd
