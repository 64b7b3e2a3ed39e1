// Training rows for knowledge distillation: a query, n documents, and the scores a teacher gave
// them. As PyLate's KDProcessing (pylate/utils/processing.py) reads them:
//
//   training files   columns query_id, document_ids and scores (lists, also as texts of lists);
//                    or with the texts themselves: query, documents and scores (which count
//                    beside ids when no file of queries or documents is given)
//   queries          columns query_id and text, or queries in the BEIR layout (_id, text)
//   documents        columns document_id and text, or BEIR's (_id, title, text)
//
// in any format of table_file.h; TSV without header is in the order named here. Ids are texts:
// the integer 7 is "7". Memory: 8 bytes a row and, for queries and documents, about 30 bytes and
// the id for each; texts are read from the files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "maxsimd/base/json.h"
#include "maxsimd/base/thread_pool.h"
#include "maxsimd/data/table_files.h"

namespace maxsimd {

struct DistillationOptions {
  /// Documents and scores of a row that count: the first so many.
  size_t n_ways = 32;
  /// A document that the documents lack has an empty text, as in PyLate, instead of being an error.
  bool allow_missing_documents = false;
  std::filesystem::path temporary_folder;  // TableOptions::temporary_folder
};

/// The files of a data set. `queries` and `documents` are needed by rows of ids.
struct DistillationFiles {
  std::vector<std::filesystem::path> rows;
  std::vector<std::filesystem::path> queries;
  std::vector<std::filesystem::path> documents;
};

struct DistillationRow {
  std::string query;
  std::vector<std::string> documents;  // [ways]
  std::vector<float> scores;           // [ways] as the teacher gave them
};

struct CheckedDistillationRows {
  uint64_t checksum = 0;     // a RowsChecksum of the texts and scores that count
  uint64_t num_missing = 0;  // documents (allow_missing_documents)
};

class TextTable;  // texts by their ids

/// Thread rule: immutable after open; const methods may be called from any thread.
class DistillationRows {
 public:
  /// Reads the ids of all queries and documents, and the first row. Throws IoError, FormatError
  /// (file:line; an id that is there twice), std::invalid_argument for n_ways = 0 and for files
  /// that are needed and not given.
  static DistillationRows open(const DistillationFiles& files, const DistillationOptions& options);

  /// Rows that hold the texts, of tables that are open already.
  static DistillationRows of_texts(TableFiles tables, const DistillationOptions& options);

  DistillationRows(DistillationRows&&) noexcept;
  DistillationRows& operator=(DistillationRows&&) noexcept;
  ~DistillationRows();

  uint64_t size() const { return tables_.size(); }

  /// Documents of every row: n_ways, or as many as the first row has.
  size_t ways() const { return ways_; }

  /// Throws FormatError (file:line): an id that no query or document has, other numbers of
  /// documents and scores, another number of documents than ways().
  DistillationRow row(uint64_t row) const;

  /// Reads all rows. Throws FormatError for the first that is bad.
  CheckedDistillationRows check(ThreadPool& pool) const;

  /// "file:line".
  std::string where(uint64_t row) const;

 private:
  DistillationRows(TableFiles tables, const DistillationOptions& options);

  void read_first_row();
  void check_row_number(uint64_t row) const;

  /// Documents that are missing are counted in `missing`.
  std::optional<std::string> read(uint64_t row, DistillationRow& out, uint64_t& missing) const;
  std::optional<std::string> read_texts_of_ids(nlohmann::json& cells, DistillationRow& out,
                                               uint64_t& missing) const;

  DistillationOptions options_;
  TableFiles tables_;
  std::unique_ptr<TextTable> queries_, documents_;  // null: rows hold texts
  size_t ways_ = 0;                                 // 0: until the first row is read
};

}  // namespace maxsimd
