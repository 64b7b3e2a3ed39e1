// Texts of queries or documents by their ids, read from tables when they are asked for.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "maxsimd/base/json.h"
#include "maxsimd/data/id_table.h"
#include "maxsimd/data/table_files.h"

namespace maxsimd {

/// Thread rule: immutable after open; const methods may be called from any thread.
class TextTable {
 public:
  /// Reads all ids. `id_column` is theirs ("document_id"), with the texts in `text`; a table that
  /// has a column `_id` instead is in the BEIR layout, where the text is document_text() of title
  /// and text. Throws as TableFiles::open(), FormatError (file:line) for an id that is there twice,
  /// and for columns that are not there.
  static TextTable open(std::span<const std::filesystem::path> paths, const std::string& id_column,
                        const std::filesystem::path& temporary_folder);

  uint64_t size() const { return tables_.size(); }

  /// The row of an id, or nothing.
  std::optional<uint64_t> find(std::string_view id) const { return rows_.find(id); }

  /// Returns what is wrong with the row, with its place. REQUIRES: row < size().
  std::optional<std::string> read(uint64_t row, std::string& text) const;

 private:
  TextTable(TableFiles tables, const std::string& id_column);

  TableFiles tables_;
  std::string id_column_;
  IdTable rows_;
};

}  // namespace maxsimd
