// Several tables one after another, their rows numbered through.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "maxsimd/base/json.h"
#include "maxsimd/base/thread_pool.h"
#include "maxsimd/data/table_file.h"

namespace maxsimd {

/// Thread rule: immutable; const methods may be called from any thread.
class TableFiles {
 public:
  /// Throws as TableFile::open(); FormatError for a file without rows; std::invalid_argument for no
  /// files, `what` names them in the message.
  static TableFiles open(std::span<const std::filesystem::path> paths, const TableOptions& options,
                         const std::string& what);

  /// Throws FormatError for a table without rows.
  explicit TableFiles(std::vector<TableFile> tables);

  uint64_t size() const { return first_rows_.back(); }

  /// The number of each table's first row.
  std::span<const uint64_t> first_rows() const {
    return std::span(first_rows_).first(tables_.size());
  }

  /// Of the first table.
  std::vector<std::string> columns() const { return tables_.front().columns(); }
  const std::string& name() const { return tables_.front().name(); }
  std::span<const TableFile> tables() const { return tables_; }

  /// As TableFile's. REQUIRES: row < size().
  std::optional<std::string> read(uint64_t row, nlohmann::json& cells) const;
  nlohmann::json row(uint64_t row) const;
  std::string where(uint64_t row) const;

  /// Calls `problem` for all rows, on the pool's threads, and throws FormatError with what it says
  /// of the first row it complains about, whatever the number of threads.
  void check(const std::function<std::optional<std::string>(uint64_t row)>& problem,
             ThreadPool& pool) const;

 private:
  std::pair<const TableFile*, uint64_t> find(uint64_t row) const;

  std::vector<TableFile> tables_;
  std::vector<uint64_t> first_rows_ = {0};  // [tables + 1]
};

}  // namespace maxsimd
