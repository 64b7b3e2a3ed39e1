// The texts of a training set, row by row in any order: queries with a positive and negatives.
//
//   const TrainingRows rows = TrainingRows::open(paths, {});
//   rows.check(pool);
//   for (uint64_t i : order) train(rows.row(i));
//
// Files (table_file.h) are taken one after another; all have the columns that the first has, in
// any order. Memory is 8 bytes a row; texts are read from the files, or from where a packed file
// was unpacked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "maxsimd/base/thread_pool.h"
#include "maxsimd/data/table_files.h"
#include "maxsimd/data/training_columns.h"

namespace maxsimd {

struct TrainingRowsOptions {
  ColumnOptions columns;
  std::filesystem::path temporary_folder;  // TableOptions::temporary_folder
  size_t max_row_bytes = kMaxLineBytes;
};

/// Thread rule: immutable after open; const methods may be called from any thread.
class TrainingRows {
 public:
  /// Finds the rows of all files and reads the first of each. Throws as TableFile::open(),
  /// FormatError for columns that are not there or not the same, a file without rows, and for a bad
  /// first row; std::invalid_argument for no files and for a named column that is not
  /// there.
  static TrainingRows open(std::span<const std::filesystem::path> paths,
                           const TrainingRowsOptions& options);

  /// The same of tables that are open already (training_tsv_columns() for TSV).
  TrainingRows(TableFiles tables, const ColumnOptions& options);

  uint64_t size() const { return tables_.size(); }
  const TrainingColumns& columns() const { return columns_; }

  /// The texts of a row, in the order of columns(). Throws std::invalid_argument for a row that is
  /// not there, FormatError (file:line): a row that
  /// lacks a column, has a text that is none, or more columns than the first row that would be
  /// used.
  std::vector<std::string> row(uint64_t row) const;

  /// The ids that another column of a row holds: an id, or a list of them (table_values.h). Throws
  /// FormatError (file:line).
  std::vector<std::string> ids(uint64_t row, const std::string& column) const;

  /// Reads all rows. Throws FormatError for the first that is bad. Returns a RowsChecksum of the
  /// texts of columns().
  uint64_t check(ThreadPool& pool) const;

  /// "file:line".
  std::string where(uint64_t row) const;

 private:
  std::optional<std::string> read(uint64_t row, std::vector<std::string>& texts) const;
  void check_row_number(uint64_t row) const;

  ColumnOptions options_;
  TableFiles tables_;
  std::vector<std::string> known_columns_;  // of the first file, sorted
  TrainingColumns columns_;
};

}  // namespace maxsimd
